"""The HTTP API and the line's console. Nothing is decided here: every order goes through the service."""
