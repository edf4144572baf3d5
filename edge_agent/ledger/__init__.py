"""The ledger: the only writer of the file that holds every serial's history."""
