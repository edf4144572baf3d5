"""From a garment record to what a label says, and from a snapshot back to what was promised."""
