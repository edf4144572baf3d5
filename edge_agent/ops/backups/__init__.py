"""Backups on schedule: whole sets, made while labels are printed, of which the newest always stays."""
