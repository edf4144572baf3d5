"""Reference configuration and device facts: data only."""
