"""What factory IT asks: whether everything the agent needs is in order."""
