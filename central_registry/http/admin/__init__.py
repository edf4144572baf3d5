"""Answers people and their programs at `/v1/admin/…`: one table of endpoints, each with its act and one model of its
body."""
