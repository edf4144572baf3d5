"""Rendering: a snapshot and a template in, 1-bit pictures out. Reads fonts and nothing else."""
