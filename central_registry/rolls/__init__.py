"""Follows printed rolls that a firm without a printer takes from its association, label by label.

A room beside `issuing`, since it reads what ingest says of labels, and ingest reads leases there.
"""
