"""A registry on the factory's own PC: its PostgreSQL, which lasts, and the dump of it that goes into a backup."""
