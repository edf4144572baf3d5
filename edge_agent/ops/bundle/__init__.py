"""What IT sends when it asks for help: how the agent stands, without a secret, a serial or a person's name."""
