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
    torn = {serial for item in events if item.origin is not None for serial in _moved(item.event, Step.SCRAP)}
    if not torn:
        return list(events)
    history = history_of(connection, agent, sorted(serial.encode() for serial in torn))
    words = [told(0, b"", json.loads(event.body)).event async for event in history]
    worn = {serial for event in words for serial in _moved(event, Step.COMMISSION)}
    return [item for item in events if item.origin is None or worn.isdisjoint(_moved(item.event, Step.SCRAP))]


def _moved(event: Mapping[str, Any], step: Step) -> list[str]:
    """The serials that a person moved by that step: one, or those of a strip after its last good label."""
    of_strip = event.get("type") == EventType.WINDOW_SETTLED and step is Step.SCRAP
    of_label = event.get("type") in _LABEL_MOVES and event.get("step") == step
    named = event.get("scrapped", []) if of_strip else [event.get("serial")] if of_label else []
    return [serial for serial in named if isinstance(serial, str)] if isinstance(named, list) else []
