"""This package says what a garment record is, and what law and scheme ask of its label. Pure."""
