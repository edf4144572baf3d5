"""Central registry: reconciles what the agents issued and answers the consumer who scans a label."""

__version__ = "0.1.0"
