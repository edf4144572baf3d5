"""Fences the rows in the database itself: three roles, what each may touch, and whose rows a person's work sees."""
