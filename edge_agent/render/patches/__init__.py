"""Patches: what differs from label to label, drawn over the background."""
