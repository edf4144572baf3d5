"""Reference configuration and device facts: data only. Installed under the name `edge_agent_config`."""
