"""A virtual EPL2 printer, written from the manual and not from our encoder."""
