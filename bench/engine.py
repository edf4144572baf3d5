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


_RUNS = (
    ("", 0.0, "", "≥ 0.95"),
    (", 10 ms added per commit", SLOW_DISK_S, "", "≥ 0.95"),
    (", 5 ms added to each of its answers", 0.0, "slow-replies:5", ""),
)
"""What is said of a run, seconds added per commit, a fault of the printer, the target."""


def rows(*, full: bool = False) -> list[Row]:
    """Share of the engine's own limit: as the machine is, on a slow disk, with a printer that is slow to answer."""
    return [
        Row(f"print engine kept busy{words}", 100 * _share(commit_s, fault), "%", "its own limit", 100.0, target=target)
        for words, commit_s, fault, target in _RUNS
    ]


def _share(commit_s: float, fault: str) -> float:
    return asyncio.run(utilisation(LABELS, commit_s, fault))


async def utilisation(labels: int, commit_s: float, fault: str = "") -> float:
    """Paper time over wall time, first label to last, by the printer's own tape."""
    with workspace() as folder, printers(1, speed_ips=SPEED_IPS, tape=folder / "tape", fault=fault) as ports:
        async with factory(folder, ports, Watch(commit_s)) as service:
            await ended(service, await submit(service, labels))
        at_s = stamps(folder / "tape" / "tape.jsonl")
    return (len(at_s) - 1) * PITCH_MM / 25.4 / SPEED_IPS / (at_s[-1] - at_s[0])


def stamps(tape: Path) -> list[float]:
    """When each paper left the head, in seconds."""
    lines = tape.read_text(encoding="utf-8").splitlines()
    return [datetime.fromisoformat(json.loads(line)["at"]).timestamp() for line in lines]
