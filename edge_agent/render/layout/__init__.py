"""This room lays out: slots stand in columns and rows, and share the room there is in whole dots."""
