"""This room sets type: faces of the font, lines of text, and whether they fit."""
