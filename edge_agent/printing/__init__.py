"""Windows of labels, from an order to a verdict: printers at work, and the proof of what is on paper."""
