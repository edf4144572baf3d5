"""The shift report: what was printed between two moments, by whom, where and of what; what became of it; what stood."""
