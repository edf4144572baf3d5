"""Built-in label templates: data only, one TOML per label kind and size."""
