"""A ledger of the release before firms, nearly at the end of its allotment."""
