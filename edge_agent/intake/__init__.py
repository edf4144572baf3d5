"""The hot folder: files of work orders that other programs and people put down are taken once, and answered beside."""
