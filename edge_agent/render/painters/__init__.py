"""Painters: each puts one kind of slot on the page."""
