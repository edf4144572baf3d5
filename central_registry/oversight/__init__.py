"""Watches what was handed out: suspends, recalls, lays the books side by side."""
