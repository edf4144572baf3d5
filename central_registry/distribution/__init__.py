"""What agents are sent down: lots and allotments, and the keys of check codes."""
