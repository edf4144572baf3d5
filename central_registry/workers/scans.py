"""One scan worker, as a process: reads its task from a pipe, answers scan pages until the pipe ends."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any

from aiohttp import web

from central_registry.app import build_scans
from central_registry.config import RegistryConfig
from central_registry.fence.policies import Role
from central_registry.fence.roles import Logins
from central_registry.http.context import COUNTERS
from label_protocol import collector
from label_protocol.http_limits import LimitedRunner, Limits
from label_protocol.logs import configure_logs

TELL_S = 1.0
"""Between two lines of what was counted."""


def main() -> None:
    """Entry point: `python -m central_registry.workers.scans`, started by the registry alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal: the parent says when it is over
    configure_logs(quiet=True)
    asyncio.run(_work(json.loads(sys.stdin.readline())))


async def _work(task: dict[str, Any]) -> None:
    settings = RegistryConfig.model_validate(task["settings"])
    logins = Logins(task["owner"], {Role(name): dsn for name, dsn in task["roles"].items()})
    app = build_scans(logins, settings)
    runner = LimitedRunner(app, Limits.of(settings.http), shutdown_timeout=5.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, task["host"], task["port"], reuse_port=True).start()
        collector.started()
        _say({"ready": True})
        parent = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        while not (await asyncio.wait([parent], timeout=TELL_S))[0]:
            if counted := app[COUNTERS].take():
                _say(counted)
    finally:
        await runner.cleanup()


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
