"""Finds in what was told again what its own ledger refused: it stays on record and does nothing here either.

A ledger that was put back from a backup may scrap a label that hung on its garment in the days it lost. Recovered, it
keeps the label as it was (`edge_agent`'s table of states has nothing after commissioned) and names the event in an
alarm of its own. The registry cannot refuse by the state alone: where a site counts what is printed as commissioned,
such a label may still be scrapped. So it looks whether somebody told of the garment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from central_registry.agents.told import history_of
from central_registry.db import Connection
from central_registry.ingest.interpret import Told, told
from label_protocol.events import EventType
from label_protocol.states import Step

_LABEL_MOVES = (EventType.LABEL_SCANNED, EventType.LABEL_DECIDED)


async def without_refused(connection: Connection, agent: str, events: Sequence[Told]) -> list[Told]:
    """Those of `events` that do something. Walks through the agent's words if a label was scrapped in what was told
    again, and never else."""
    torn = {serial for item in events if item.origin is not None and (serial := _moved(item.event, Step.SCRAP))}
    if not torn:
        return list(events)
    history = history_of(connection, agent, sorted(serial.encode() for serial in torn))
    worn = {_moved(told(0, b"", json.loads(event.body)).event, Step.COMMISSION) async for event in history}
    return [item for item in events if item.origin is None or _moved(item.event, Step.SCRAP) not in worn - {""}]


def _moved(event: Mapping[str, Any], step: Step) -> str:
    """The serial that a person moved by that step; '' for another event."""
    serial = event.get("serial")
    moved = event.get("type") in _LABEL_MOVES and event.get("step") == step and isinstance(serial, str)
    return str(serial) if moved else ""
