"""Follows what consumers complain of, from the form beside the scan page to the day its words are deleted."""
