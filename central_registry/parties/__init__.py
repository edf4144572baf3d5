"""Knows who is here: parties, people, what they may do, and what they did."""
