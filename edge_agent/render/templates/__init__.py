"""Templates: read, checked, and found in their folders."""
