"""The agent as a service of the system: its unit, putting it in and taking it out, and what it tells systemd."""
