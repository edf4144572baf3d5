"""The registry's own disk fails: a dump of some hours ago is put back, and the agents tell what that lost."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol

from tests.kits.platform_story import Story
from tests.product.month.town import Town

RESTORES = 2
"""In a month."""
_LOST = 0.02
"""Of the month, at least, between a dump and the failure: some fourteen hours."""


class Disk(Protocol):
    """Where a registry keeps what it knows."""

    async def dump(self) -> None:
        """Everything as it stands is put aside."""

    async def put_back(self) -> None:
        """What was put aside last is all there is, and the registry runs on it."""


class Aside:
    """Of a registry of this process, which runs on."""

    def __init__(self, story: Story) -> None:
        self._story, self._names = story, list[str]()

    async def dump(self) -> None:
        self._names = await self._story.dumped()

    async def put_back(self) -> None:
        await self._story.restored(self._names)
        await self._story.pool.execute("DROP SCHEMA aside CASCADE")


@dataclass(frozen=True)
class Kept:
    """What the play knew when the dump was made: once it is put back, nobody answers for anything newer."""

    share: float
    acted: Counter[str]
    unknown: Counter[str]
    receipts: dict[tuple[str, str], tuple[int, str]]
    looked_at: set[str]
    on_garments: set[str]
    lots: list[tuple[int, dict[str, Any], bool]]


async def dumped_or_put_back(town: Town) -> bool:
    """Between two bouts; True if a dump was put back."""
    assert town.disk is not None
    if town.kept is not None and town.share >= town.kept.share + _LOST:
        await _put_back(town, town.kept)
        return True
    restores = town.done["registry_restored"]
    if town.kept is None and restores < RESTORES and town.share * 5 >= 2 * restores + 1:
        await town.disk.dump()
        lots = [(lot.versions, lot.record, lot.recalled) for lot in town.lots]
        sets = (copy.copy(one) for one in (town.acted, town.unknown, town.receipts, town.looked_at, town.on_garments))
        town.kept = Kept(town.share, *sets, lots)  # type: ignore[arg-type]
    return False


async def _put_back(town: Town, kept: Kept) -> None:
    """Acts of people are lost, and done anew or not; what agents told is owed, and they tell it again."""
    assert town.disk is not None
    await town.disk.put_back()
    town.owed |= {place: max(told, town.owed.get(place, (0, ""))) for place, told in town.receipts.items()}
    town.acted, town.unknown, town.receipts = kept.acted, kept.unknown, kept.receipts
    town.looked_at, town.on_garments, town.kept = kept.looked_at, kept.on_garments, None
    for lot, (versions, record, recalled) in zip(town.lots, kept.lots, strict=True):
        if lot.record is not record:
            for worker in town.workers:
                worker.jobs.pop(lot.lot_no, None)
        lot.versions, lot.record, lot.recalled = versions, record, recalled
    town.done["registry_restored"] += 1
