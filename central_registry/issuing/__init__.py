"""Allots to agents what they may issue."""
