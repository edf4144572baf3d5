"""Virtual printers in a process of their own, so that the agent's CPU is its own: `python -m bench.printers …`.

The child says its ports on the first line; each line it is sent is answered with its CPU seconds and papers so far.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.kit import ROOT
from edge_agent.printers.virtual import VirtualPrinter, VirtualPrinterOptions


@dataclass(frozen=True, slots=True)
class Printers:
    """The child, seen from outside."""

    ports: list[int]
    _say: IO[str]
    _hear: IO[str]

    def facts(self) -> tuple[float, int]:
        """CPU seconds the printers have used, and papers that came out."""
        self._say.write("\n")
        self._say.flush()
        cpu_s, papers = json.loads(self._hear.readline())
        return cpu_s, papers


@contextlib.contextmanager
def printers(count: int, *, speed_ips: float, tape: Path | None = None) -> Iterator[Printers]:
    """So many printers; blind unless there is a tape, which only a single one can have."""
    command = [sys.executable, "-m", "bench.printers", str(count), str(speed_ips), *([str(tape)] if tape else [])]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            yield Printers(json.loads(child.stdout.readline()), child.stdin, child.stdout)
        finally:
            child.stdin.close()


async def _run(count: int, speed_ips: float, tape: Path | None) -> None:
    options = VirtualPrinterOptions(blind=tape is None, speed_ips=speed_ips, tape=tape, control_port=None)
    machines = [VirtualPrinter(options) for _ in range(count)]
    for machine in machines:
        await machine.start()
    _tell([machine.port for machine in machines])
    while await asyncio.to_thread(sys.stdin.readline):
        _tell([time.process_time(), sum(machine.printed for machine in machines)])
    for machine in machines:
        await machine.stop()


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """The child."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("count", type=int)
    arguments.add_argument("speed_ips", type=float)
    arguments.add_argument("tape", type=Path, nargs="?")
    given = arguments.parse_args()
    asyncio.run(_run(given.count, given.speed_ips, given.tape))


if __name__ == "__main__":
    main()
