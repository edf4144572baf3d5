"""Print engine kept busy: one drawing printer at 14 in/s over TCP, 60×40 mm, 8 labels a window."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path

from bench.factory import Watch, ended, factory, submit
from bench.kit import SLOW_DISK_S, Row, workspace
from bench.printers import printers

LABELS = 200
SPEED_IPS = 14.0
PITCH_MM = 320 / 203 * 25.4 + 3.0
"""The label's dots and the gap."""


def rows(*, full: bool = False) -> list[Row]:
    """Share of the engine's own limit, as the disk is and with 10 ms added to each commit."""
    found = {}
    for words, commit_s in (("", 0.0), (", 10 ms added per commit", SLOW_DISK_S)):
        found[words] = 100 * asyncio.run(utilisation(LABELS, commit_s))
    return [
        Row(f"print engine kept busy at 14 in/s{words}", share, "%", "the engine's own limit", 100.0, target="≥ 0.95")
        for words, share in found.items()
    ]


async def utilisation(labels: int, commit_s: float) -> float:
    """Paper time over wall time, first label to last, by the printer's own tape."""
    with workspace() as folder, printers(1, speed_ips=SPEED_IPS, tape=folder / "tape") as machines:
        async with factory(folder, machines.ports, Watch(commit_s)) as service:
            await ended(service, await submit(service, labels))
        at_s = stamps(folder / "tape" / "tape.jsonl")
    return (len(at_s) - 1) * PITCH_MM / 25.4 / SPEED_IPS / (at_s[-1] - at_s[0])


def stamps(tape: Path) -> list[float]:
    """When each paper left the head, in seconds."""
    lines = tape.read_text(encoding="utf-8").splitlines()
    return [datetime.fromisoformat(json.loads(line)["at"]).timestamp() for line in lines]
