"""Type: fonts, lines of text, and whether they fit."""
