"""The console of the line at `/console/`: the day's work on one page. Rendered here, patched in place by small scripts.

Every page works without its scripts: a form posts, is answered by a redirect, and the page says what came of it.
"""
