"""Reads which labels lie between two scans: in the order in which one printer of one agent printed them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from central_registry.agents.told import Event, history_of
from central_registry.db import Connection, sql
from central_registry.ingest.interpret import DRAW_BYTES, Told
from central_registry.ingest.interpret import told as told_first
from central_registry.ingest.states import State
from central_registry.problems import ProblemError
from central_registry.rolls.labels import require_printed

_SENT = b'"type":"window_sending"'

MOST = 50_000
"""Labels of one roll, far above what a core holds."""


@dataclass(frozen=True, slots=True)
class Part:
    """Labels of one window: from the `first`th to the `last`th of its serials, counted from 1."""

    draw: bytes
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """`serials` from one end of the roll to the other, whichever was scanned first."""

    agent: str
    quota_key: str
    parts: Sequence[Part]
    serials: Sequence[str]


async def stretch(connection: Connection, first: str, last: str) -> Stretch:
    """The labels from `first` to `last`, which are serials.

    Raises:
        ProblemError: 404 for a label that is not here; 409 for ends of two agents, printers or quota keys, for a label
            that is not printed or on a roll already, and for more than `MOST`.
    """
    ends = [await _placed(connection, serial) for serial in (first, last)]
    if ends[0]["agent"] != ends[1]["agent"] or ends[0]["quota_key"] != ends[1]["quota_key"]:
        raise _refused("首尾两枚不是同一台打印端、同一批货的", "ends of one agent and one quota key, got two")
    agent, quota_key = ends[0]["agent"], ends[0]["quota_key"]
    low, high = sorted(ends, key=lambda end: (end["ordinal"], end["seq"], end["n"]))
    windows = await _windows(connection, agent, low, high)
    if any(row["quota_key"] != quota_key for row in windows):
        raise _refused(
            "两枚之间印过别的货", "labels of one quota key between the two, got another's; hand over in parts"
        )
    parts = [
        Part(
            row["draw"],
            low["n"] if row["draw"] == low["draw"] else 1,
            high["n"] if row["draw"] == high["draw"] else len(row["serials"]),
        )
        for row in windows
    ]
    serials = [
        serial
        for row, part in zip(windows, parts, strict=True)
        for serial in row["serials"][part.first - 1 : part.last]
    ]
    await _require_free(connection, serials)
    return Stretch(agent, quota_key, parts, serials)


async def _placed(connection: Connection, serial: str) -> Mapping[str, Any]:
    """The label's row, and where its window stands in its agent's ledger, which is when it was printed."""
    row = await sql.label_placed(connection, serial=serial)
    if row is not None:
        named = [json.dumps(row["window_id"], ensure_ascii=False).encode()]
        async for event in history_of(connection, row["agent"], named):
            if named[0] in event.body and _told(event).hash[:DRAW_BYTES] == row["draw"]:
                return {**row, "ordinal": event.ordinal, "seq": event.seq}
    raise ProblemError(
        "not-found",
        f"没有找到这枚标签 · {serial}: expected a label of your agents that was told, got none; scan it again",
    )


async def _windows(
    connection: Connection, agent: str, low: Mapping[str, Any], high: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Those of the printer of both ends: what another printer of that agent printed meanwhile lies on another roll."""
    told = [_told(event) async for event in history_of(connection, agent, [_SENT]) if _lies(low, event, high)]
    printers = {one.hash[:DRAW_BYTES]: str(one.event.get("printer", "")) for one in told}
    rows = sql.windows_named(connection, agent=agent, draws=list(printers))
    known = {row["draw"]: row async for row in rows}
    printer = printers[low["draw"]]
    windows = [known[draw] for draw, name in printers.items() if name == printer and draw in known]
    if high["draw"] not in {row["draw"] for row in windows}:
        raise _refused("首尾两枚不是同一台打印机打印的", "ends of one printer, got two")
    return windows


def _lies(low: Mapping[str, Any], event: Event, high: Mapping[str, Any]) -> bool:
    """Whether the event stands between both ends, and is of a window that was sent, or tells again of one."""
    place = event.ordinal, event.seq
    between = (low["ordinal"], low["seq"]) <= place <= (high["ordinal"], high["seq"])
    return between and _SENT in event.body


def _told(event: Event) -> Told:
    return told_first(event.seq, event.hash, json.loads(event.body))


async def _require_free(connection: Connection, serials: Sequence[str]) -> None:
    if len(serials) > MOST:
        raise _refused(f"一卷最多 {MOST:,} 枚", f"at most {MOST} labels, got {len(serials)}; hand over in parts")
    bad = await sql.labels_not_free(connection, serials=serials, printed=State.PRINTED)
    if bad is None:
        return
    require_printed(bad["serial"], bad["state"], bad["verdict"])
    raise _refused(f"{bad['serial']} 已在另一卷里", "labels of no other roll, got one that was handed over before")


def _refused(zh: str, en: str) -> ProblemError:
    return ProblemError("refused", f"{zh} · roll: expected {en}")
