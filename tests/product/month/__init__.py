"""A random month of an association: people, agents and phones at work while registry and database are killed."""
