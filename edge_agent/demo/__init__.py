"""The whole product on one machine: a virtual printer, an embedded registry, the agent and its page, on loopback."""
