"""Edge agent: renders garment labels with unique serials, prints them, and proves what is on paper."""

__version__ = "0.1.0"
