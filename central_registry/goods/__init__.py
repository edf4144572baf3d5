"""Knows styles and lots: what was imported, where it differs, how much of a lot there is."""
