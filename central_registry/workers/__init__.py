"""Serves scan pages by processes of their own, so that no backlog of agents takes a processor from a consumer."""
