"""The ZPL side of the virtual printer: what a firmware does with the bytes it receives."""
