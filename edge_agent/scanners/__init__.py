"""Scanners that play a keyboard: how they are set up, make by make, and the page that is printed for it."""
