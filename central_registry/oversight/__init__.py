"""The books side by side."""
