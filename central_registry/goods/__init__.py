"""Styles and lots: imported, compared, recalled."""
