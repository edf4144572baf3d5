"""What the version at commit 6922804 made, and the proof that today's code still reads it: see README.md."""
