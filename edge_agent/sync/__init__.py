"""Sync: ships events to the central registry in order, at least once, and never blocks a print."""
