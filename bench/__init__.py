"""Measurements, side by side with others in one run; `make bench` prints the table. Nothing here fails on a time."""
