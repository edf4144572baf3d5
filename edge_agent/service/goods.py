"""For which garment an order is, from the snapshot that its labels are made of. A snapshot never changes, so what was
read once stays known."""

from __future__ import annotations

from collections import OrderedDict

from edge_agent.ledger import Ledger
from edge_agent.model.goods import Goods
from edge_agent.service.parts import AgentParts

KEPT = 500
"""More than are in sight at once; a hundred bytes each."""


class GoodsService:
    """Answers from the ledger's snapshots."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts
        self._kept: OrderedDict[str, Goods] = OrderedDict()

    async def of(self, snapshot_hash: str) -> Goods:
        """The garment of a snapshot; empty where only the registry has it. Raises LedgerDamagedError."""
        known = self._kept.get(snapshot_hash)
        if known is None:
            known = self._kept[snapshot_hash] = await self._parts.ledger.do(Ledger.goods, snapshot_hash)
        self._kept.move_to_end(snapshot_hash)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return known
