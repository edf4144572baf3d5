"""The order sheet: rows on pages of paper, not a label."""
