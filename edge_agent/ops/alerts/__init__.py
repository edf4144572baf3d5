"""Alerts by webhook: people far from the line are told that it needs somebody, once a cause, and that it is over."""
