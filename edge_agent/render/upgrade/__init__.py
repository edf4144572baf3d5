"""This room makes a template of format 2 of one of format 1: rows and columns are found from where its slots stand."""
