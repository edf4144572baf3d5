"""The HTTP API and the operator's page. Nothing is decided here: every order goes through the service."""
