"""The agent as a process that dies by its own hand: `python -m tests.promises.crash.agent CONFIG [POINT NTH]`.

The failpoints are the probes of the product; nothing else differs from `edge-agent run`. SIGKILL to itself is the same
as from outside: no handler, no flush, no finally.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from edge_agent.app import agent
from edge_agent.config import load_config


def killer(point: str, nth: int) -> Callable[[str], None]:
    """A probe that kills this process when `point` is reached for the `nth` time."""
    seen = 0

    def probe(name: str) -> None:
        nonlocal seen
        seen += name == point
        if name == point and seen >= nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return probe


async def main(config: Path, probe: Callable[[str], None]) -> None:
    """Run until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with agent(load_config(config), probe=probe) as (_, address):
        print(address, flush=True)
        await stop.wait()


if __name__ == "__main__":
    point, nth = (sys.argv[2], int(sys.argv[3])) if len(sys.argv) > 2 else ("", 1)
    asyncio.run(main(Path(sys.argv[1]), killer(point, nth)))
