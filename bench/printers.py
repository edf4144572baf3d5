"""Virtual printers in a process of their own, so that the agent's CPU is its own: `python -m bench.printers …`.

The child says its printers' URLs on the first line, and prints until its input ends. What is not named is blind.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.kit import ROOT
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions


@dataclass(frozen=True, slots=True)
class Machine:
    """One printer to stand in for. `baud` 0: on TCP, else on a pty of that pace. `tape`: where the moments of its
    labels are written; `draws` adds the pictures, which costs the child its CPU."""

    language: str = "zpl"
    speed_ips: float = 0.0
    baud: int = 0
    fault: str = ""
    tape: str = ""
    draws: bool = False

    def options(self) -> VirtualPrinterOptions:
        """For the virtual printer."""
        return VirtualPrinterOptions(
            language=self.language,
            blind=not self.draws,
            speed_ips=self.speed_ips,
            tape=Path(self.tape) if self.tape else None,
            control_port=None,
            faults=(self.fault,) if self.fault else (),
            pty=bool(self.baud),
            baud=self.baud,
        )


@contextlib.contextmanager
def printers(machines: Sequence[Machine]) -> Iterator[list[str]]:
    """Their URLs, in order."""
    told = json.dumps([{name: getattr(machine, name) for name in Machine.__slots__} for machine in machines])
    command = [sys.executable, "-m", "bench.printers", told]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            yield json.loads(child.stdout.readline())
        finally:
            child.stdin.close()


def stamps(tape: Path) -> list[float]:
    """When each paper left the head, in seconds; none if there is no tape yet."""
    path = tape / "tape.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [datetime.fromisoformat(json.loads(line)["at"]).timestamp() for line in lines]


async def _run(machines: Sequence[Machine]) -> None:
    running = [VirtualPrinter(machine.options()) for machine in machines]
    for printer in running:
        await printer.start()
    urls = [_url(printer, machine) for printer, machine in zip(running, machines, strict=True)]
    sys.stdout.write(json.dumps(urls) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for printer in running:
        await printer.stop()


def _url(printer: VirtualPrinter, machine: Machine) -> str:
    if machine.baud:
        return f"serial://{printer.path}?baud={machine.baud}&flow=none"
    return f"tcp://127.0.0.1:{printer.port}"


def main() -> None:
    """The child."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("machines", type=json.loads)
    asyncio.run(_run([Machine(**each) for each in arguments.parse_args().machines]))


if __name__ == "__main__":
    main()
