"""What agent and registry say to each other, and every third reader after them."""
