"""Print engine kept busy: one drawing printer at 14 in/s over TCP, 60×40 mm, 8 labels a window."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from bench import paper
from bench.factory import Watch, config, ended, factory, submit
from bench.kit import SLOW_DISK_S, Row, workspace
from bench.printers import Machine, printers, stamps

LABELS, FULL_LABELS = 65, 201
"""Whole windows, and the first label of another."""
SPEED_IPS = 14.0


def rows(*, full: bool = False) -> list[Row]:
    """Share of the engine's own limit: as the machine is, on a slow disk, with printers that are slow to answer."""
    return list(_rows(FULL_LABELS if full else LABELS))


def _rows(labels: int) -> Iterator[Row]:
    yield _row("ZPL", labels, "≥ 0.99")
    yield _row("ZPL", labels, "≥ 0.95", commit_s=SLOW_DISK_S)
    yield _row("ZPL", labels, "≥ 0.98", answer_ms=5)
    yield _row("ZPL", labels, answer_ms=10)
    for language in ("TSPL", "EPL2"):
        yield _row(language, labels, "≥ 0.95")
        yield _row(language, labels, answer_ms=5)


def _row(language: str, labels: int, target: str = "", *, commit_s: float = 0.0, answer_ms: int = 0) -> Row:
    found = asyncio.run(pace(language.lower(), labels, commit_s, f"slow-replies:{answer_ms}" if answer_ms else ""))
    engine_s = paper.label_s(SPEED_IPS)
    disk = f", {commit_s * 1000:.0f} ms added per commit" if commit_s else ""
    slow = f", {answer_ms} ms added to each answer" if answer_ms else ""
    busy = 100 * engine_s / found.whole_s
    words = f"{language}{disk}{slow}"
    return Row(words, busy, "%", "its own limit", 100.0, target=target, limit=paper.limit(found, engine_s))


async def pace(language: str, labels: int, commit_s: float, fault: str = "") -> paper.Pace:
    """Of one printer, by its own tape."""
    with workspace() as folder:
        tape = folder / "tape"
        machine = Machine(language, SPEED_IPS, fault=fault, tape=str(tape), draws=True)
        with printers([machine]) as urls:
            async with factory(config(folder, urls, [language]), Watch(commit_s)) as service:
                await ended(service, await submit(service, labels))
        return paper.pace(stamps(Path(tape)))
