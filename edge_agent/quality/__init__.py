"""This room says what damage by a thermal head a label survives: an indication of print quality, and no verifier."""
