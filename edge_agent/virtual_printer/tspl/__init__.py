"""TSPL, as the virtual printer understands it: written from the manual, not from our encoder."""
