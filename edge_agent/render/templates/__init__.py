"""This room reads templates, checks them, and finds them in their folders."""
