"""Patches hold what differs from label to label; they are laid over the background."""
