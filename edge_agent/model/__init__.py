"""Frozen values that cross rooms. They know their own shape and nothing else. Pure."""
