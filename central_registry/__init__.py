"""Central registry: reconciles what the agents issued and answers the consumer who scans a label."""
