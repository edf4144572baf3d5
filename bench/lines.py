"""Serial lines: blind printers at 6 in/s on ptys paced to 9600 and 115200 baud, three languages, both modes, 60×40 mm.

One agent drives the three languages at once, one line each, a second agent the same in full mode: that takes a few
percent of a core, so they do not stand in each other's way. Storing the background, once a job, is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import paper
from bench.bytes_per_label import full_bytes, run_bytes, spoken
from bench.factory import Watch, config, factory, submit
from bench.kit import Row, asked, prepared, serial, workspace
from bench.printers import Machine, printers, stamps
from edge_agent.labels.prepare import plan_prepared
from edge_agent.model.printer import PrintMode

SPEED_IPS = 6.0
BITS_PER_BYTE = 10
ENDLESS = 100_000
LANGUAGES = ("zpl", "tspl", "epl2")
LENGTHS_S = {9600: (75.0, 400.0), 115_200: (20.0, 60.0)}
"""Of a run, short and full. At 9600 baud a background of TSPL or EPL2 takes 20 s alone, and in full mode each label."""
ASKED = 1.2
"""Labels a second that ZPL is asked for at 9600 baud."""


@dataclass(frozen=True, slots=True)
class Line:
    """One printer of the run."""

    language: str
    mode: PrintMode
    baud: int

    def __str__(self) -> str:
        return f"{self.language.upper()}, {self.mode.value} mode, {self.baud} baud"


def rows(*, full: bool = False) -> list[Row]:
    """Labels a second beside what the paper allows; that ratio is the utilisation of the engine."""
    found: list[Row] = []
    for baud, lengths_s in LENGTHS_S.items():
        for line, pace in asyncio.run(run(baud, lengths_s[full])).items():
            found += _rows(line, pace)
    return found


def _rows(line: Line, found: paper.Pace) -> Iterator[Row]:
    engine_s, line_s = paper.label_s(SPEED_IPS), _line_s(line)
    limit = paper.limit(found, engine_s, line_s)
    yield Row(str(line), 1 / found.whole_s, "labels/s", "the paper at 6 in/s", 1 / engine_s, limit=limit)
    if line.baud > 9600 and line.mode is PrintMode.RUN:
        within = f"{line}: within a window, a label every"
        yield Row(within, 1000 * found.within_s, "ms", "the paper", 1000 * engine_s, "less", "≥ 0.99")
    if line == Line("zpl", PrintMode.RUN, 9600):
        yield asked(str(line), 1 / found.whole_s, "labels/s", ASKED)


def _line_s(line: Line) -> float:
    """Seconds the line takes for the bytes of one label, questions and answers left out."""
    plan, language = plan_prepared(prepared(), 203), spoken(line.language)
    serials = [serial() for _ in range(10)]
    if line.mode is PrintMode.RUN:
        size = run_bytes(language, plan, serials)
    else:
        size = full_bytes(language, plan, [plan.full(one) for one in serials])
    return size * BITS_PER_BYTE / line.baud


async def run(baud: int, length_s: float) -> dict[Line, paper.Pace]:
    """All languages in both modes, for as long; then the cables are pulled, for at this pace nobody waits for the end
    of a window."""
    with workspace() as folder, contextlib.ExitStack() as cables:
        lines = [Line(language, mode, baud) for mode in PrintMode for language in LANGUAGES]
        tapes = {line: folder / f"{line.mode.value}-{line.language}" for line in lines}
        machines = [Machine(line.language, SPEED_IPS, baud, tape=str(tapes[line])) for line in lines]
        urls = dict(zip(lines, cables.enter_context(printers(machines)), strict=True))
        async with contextlib.AsyncExitStack() as agents:
            for mode in PrintMode:
                await _start(agents, folder / mode.value, mode, [urls[line] for line in lines if line.mode is mode])
            await asyncio.sleep(length_s)
            await asyncio.to_thread(cables.close)
        return {line: paper.pace(stamps(tape)) for line, tape in tapes.items()}


async def _start(agents: contextlib.AsyncExitStack, folder: Path, mode: PrintMode, urls: list[str]) -> None:
    """An agent with a job on each of its lines."""
    service = await agents.enter_async_context(factory(config(folder, urls, LANGUAGES, mode), Watch()))
    for number in range(len(urls)):
        await submit(service, ENDLESS, f"p{number}")
