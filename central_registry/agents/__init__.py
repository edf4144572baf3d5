"""Agents of factories: enrolment, the line of their incarnations, what the registry sealed for them."""
