"""The renderer makes 1-bit pictures of a snapshot and a template. It reads templates and a font, and nothing else."""
