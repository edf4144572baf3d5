"""How much of a lot an agent may issue."""
