"""Virtual printers in a process of their own, so that the agent's CPU is its own: `python -m bench.printers …`.

The child says its ports on the first line, and prints until its input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.kit import ROOT
from edge_agent.printers.virtual import VirtualPrinter, VirtualPrinterOptions


@contextlib.contextmanager
def printers(count: int, *, speed_ips: float, tape: Path | None = None, fault: str = "") -> Iterator[list[int]]:
    """The ports of so many printers; blind unless there is a tape, which only a single one can have."""
    command = [sys.executable, "-m", "bench.printers", str(count), str(speed_ips)]
    command += [*(["--tape", str(tape)] if tape else []), *(["--fault", fault] if fault else [])]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())
        finally:
            child.stdin.close()


async def _run(count: int, options: VirtualPrinterOptions) -> None:
    machines = [VirtualPrinter(options) for _ in range(count)]
    for machine in machines:
        await machine.start()
    sys.stdout.write(json.dumps([machine.port for machine in machines]) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for machine in machines:
        await machine.stop()


def main() -> None:
    """The child."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("count", type=int)
    arguments.add_argument("speed_ips", type=float)
    arguments.add_argument("--tape", type=Path)
    arguments.add_argument("--fault", action="append", default=[])
    given = arguments.parse_args()
    options = VirtualPrinterOptions(
        blind=given.tape is None,
        speed_ips=given.speed_ips,
        tape=given.tape,
        control_port=None,
        faults=tuple(given.fault),
    )
    asyncio.run(_run(given.count, options))


if __name__ == "__main__":
    main()
