"""Each painter puts one kind of slot on the page."""
