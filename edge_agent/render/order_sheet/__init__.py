"""An order sheet has rows on pages of paper; it is no label."""
