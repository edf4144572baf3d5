"""The ledger: the only writer of the file that holds every serial's history."""

from edge_agent.ledger.ledger import Ledger
from edge_agent.ledger.thread import LedgerThread

__all__ = ["Ledger", "LedgerThread"]
