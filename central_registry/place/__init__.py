"""Where garments are after their labels: packed, shipped, received, returned, sampled, destroyed; told by whom.

Beside `ingest`, since a clerk, a captured document and an agent tell the same things through one function.
"""
