"""Reference configuration and device facts: data only. Ships as `edge_agent_config`, a name that collides with nobody."""
