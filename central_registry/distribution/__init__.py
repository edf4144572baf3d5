"""Sends agents what is theirs: lots, allotments, notices, and the keys of check codes."""
