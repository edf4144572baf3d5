"""Who may act, and from where: people, and what lies open to a network."""
