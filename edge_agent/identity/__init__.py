"""Who this agent is to the registry: its credentials, and the keys of check codes that came with them."""
