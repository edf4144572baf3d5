"""Reference configuration: data only. `agent.toml` is the commented reference, `printers.toml` the rows of printers."""
