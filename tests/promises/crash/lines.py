"""The printers of the crash test: every line in every language, each printer a process of its own that outlives agents.

`tcp` is a printer's port; `pty` a serial line at the pace of its baud rate, whose path stays while agents come and go;
`queue` a raw queue of a CUPS of our own that gives a failed job up. cupsd itself is not killed: it sends the job it was
sending once more (docs/print-queues.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.kits.cups_kit import PrivateCups
from tests.promises.crash.checker import Facts, Seen

ROOT = Path(__file__).resolve().parents[3]
LINES = ("tcp", "pty", "queue")
LANGUAGES = ("zpl", "tspl", "epl2")
BAUD = 115_200
SPEED_IPS = 60.0
DPI = 203
_ROW = """
[[printers]]
id = "{name}"
name = "{name}"
url = "{url}"
profile = "{profile}"
ribbon = false
"""


@dataclass(frozen=True)
class Pair:
    """A line and what is spoken on it."""

    line: str
    language: str

    @property
    def name(self) -> str:
        """Of the printer, its queue and its tape."""
        return f"{self.language}-{self.line}"

    @property
    def one_way(self) -> bool:
        """Nothing is heard, so nothing is ever proven."""
        return self.line == "queue"


def pairs(line: str = "all", language: str = "all") -> list[Pair]:
    """Those that were asked for, so that neighbours share neither line nor language."""
    square = [Pair(LINES[n % 3], LANGUAGES[(n + n // 3) % 3]) for n in range(9)]
    return [pair for pair in square if line in ("all", pair.line) and language in ("all", pair.language)]


@dataclass
class Printer:
    """One that runs; told what breaks over its control port."""

    pair: Pair
    tape: Path
    url: str
    control: str
    facts: Facts
    cups: PrivateCups | None = None
    seen: Seen = field(default_factory=dict)

    @property
    def row(self) -> str:
        """Its lines in the agent's configuration."""
        profile = f"{self.pair.language}-one-way" if self.pair.one_way else f"virtual-{self.pair.language}"
        return _ROW.format(name=self.pair.name, url=self.url, profile=profile)

    async def tell(self, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The printer's state, after an order to break or mend it if there is one."""
        async with aiohttp.ClientSession() as session:
            if body is not None:
                async with session.post(f"{self.control}/faults", json=body) as answer:
                    assert answer.status < 300, await answer.text()
            async with session.get(f"{self.control}/state") as answer:
                state: dict[str, Any] = await answer.json()
                return state

    async def at_rest(self) -> bool:
        """Whether no more paper comes out of what was sent so far, as an operator sees it."""
        state = await self.tell()
        if state["labels_inside"] or (self.cups and state["connected"]):
            return False
        return self.cups is None or not await asyncio.to_thread(self.cups.jobs, self.pair.name)


@contextlib.asynccontextmanager
async def printers(
    home: Path, wanted: Sequence[Pair], ports: Sequence[int], facts: Facts, cups: PrivateCups | None
) -> AsyncIterator[list[Printer]]:
    """All of them, started at once. `ports`: two free ones each."""
    async with contextlib.AsyncExitStack() as stack:
        starting = [
            _printer(home / "tape" / pair.name, pair, facts, *ports[2 * n : 2 * n + 2]) for n, pair in enumerate(wanted)
        ]
        found = await asyncio.gather(*map(stack.enter_async_context, starting))
        for printer in found:
            if printer.pair.one_way:
                assert cups is not None
                cups.add(printer.pair.name, printer.url.replace("tcp", "socket"))
                printer.url, printer.cups = f"queue://{printer.pair.name}", cups
        yield list(found)


@contextlib.asynccontextmanager
async def _printer(tape: Path, pair: Pair, facts: Facts, port: int, control: int) -> AsyncIterator[Printer]:
    command = ["-m", "edge_agent", "virtual-printer", "--language", pair.language, "--dpi", str(DPI)]
    command += ["--tape", str(tape), "--control", f"127.0.0.1:{control}", "--speed-ips", str(SPEED_IPS)]
    command += ["--pty", "--baud", str(BAUD)] if pair.line == "pty" else ["--listen", f"127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stderr=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUTF8": "1"}
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            said = (await process.stderr.readline()).decode()
        assert said.startswith("virtual-printer: "), said
        url = said.split()[1].rstrip(",") + ("&flow=none" if pair.line == "pty" else "")
        yield Printer(pair, tape, url, f"http://127.0.0.1:{control}", facts)
    finally:
        process.terminate()
        await process.communicate()
