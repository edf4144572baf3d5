"""Starts the scan workers and keeps them: one that ends is started again, all end with their parent.

What a worker needs (logins, settings) goes to it through a pipe, never on a command line or in its environment, where
other users read it; when the pipe ends, so does the worker, also if its parent was killed. All listen on one port
(SO_REUSEPORT), and the system deals the connections out to them. What they counted comes back line by line.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import structlog

from central_registry.config import RegistryConfig
from central_registry.fence.roles import Logins
from central_registry.http.counters import Counters
from label_protocol.errors import ConfigError, cannot_listen

AGAIN_S = 1.0
"""Before one that ended is started again: a database that is away is not asked a thousand times."""
START_S = 60.0
END_S = 10.0
"""For one that is asked to end; one that is still loading its modules hears nothing, and is killed."""
_log = structlog.get_logger("central_registry")


@dataclass(frozen=True, slots=True)
class Task:
    """What the workers are to do: where they listen, and with what."""

    logins: Logins
    settings: RegistryConfig
    host: str
    port: int

    def line(self) -> bytes:
        """As it goes through the pipe."""
        told = {
            "owner": self.logins.owner,
            "roles": {role.value: dsn for role, dsn in self.logins.roles.items()},
            "settings": self.settings.model_dump(mode="json"),
            "host": self.host,
            "port": self.port,
        }
        return json.dumps(told).encode() + b"\n"


class ScanWorkers:
    """`async with ScanWorkers(…) as port:` so many of them listen on that port, for as long as the block lasts.

    Raises:
        ConfigError: on entering; a system without SO_REUSEPORT, or one of them does not start.
    """

    def __init__(self, count: int, task: Task, counters: Counters) -> None:
        self._count, self._task, self._counters = count, task, counters
        self._place: socket.socket | None = None
        self._kept: list[asyncio.Task[None]] = []
        self._ready = asyncio.Semaphore(0)

    async def __aenter__(self) -> int:
        self._place = hold(self._task.host, self._task.port)
        port = int(self._place.getsockname()[1])
        task = Task(self._task.logins, self._task.settings, self._task.host, port)
        self._kept = [asyncio.create_task(self._keep(task)) for _ in range(self._count)]
        try:
            async with asyncio.timeout(START_S):
                for _ in self._kept:
                    await self._ready.acquire()
        except TimeoutError as cause:
            await self._stop()
            raise ConfigError(
                "扫码进程没有启动，原因见上面几行 · workers: expected them to listen within a minute, got none; the "
                "lines above say why"
            ) from cause
        return port

    async def __aexit__(
        self, kind: type[BaseException] | None, cause: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        for one in self._kept:
            one.cancel()
        await asyncio.gather(*self._kept, return_exceptions=True)
        if self._place is not None:
            self._place.close()

    async def _keep(self, task: Task) -> None:
        """Whatever ends it, also a system that has no room for a process now: it is started again."""
        while True:
            why = ""
            try:
                await self._run(task)
            except Exception as cause:  # whoever keeps them must not end: no scan would be answered, and nobody told
                why = f"{type(cause).__name__}: {cause}"[:200]
            _log.warning("scan_worker_ended", again_s=AGAIN_S, why=why)
            await asyncio.sleep(AGAIN_S)

    async def _run(self, task: Task) -> None:
        """One worker, until it ends or we do: then its pipe ends, and it; or it is ended."""
        words = (sys.executable, "-m", "central_registry.workers.scans")
        pipe = asyncio.subprocess.PIPE
        process: Any = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
        try:
            process.stdin.write(task.line())
            async for line in process.stdout:
                self._hear(line)
        finally:
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), END_S)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):  # it ended just now
                    process.kill()
                await process.wait()

    def _hear(self, line: bytes) -> None:
        """Its first line says that it listens, every other what it counted since the one before."""
        counted = json.loads(line)
        if counted.get("ready"):
            self._ready.release()
        for status, count in counted.get("shown", {}).items():
            self._counters.shown(status, count)
        for kind, count in counted.get("refused", {}).items():
            self._counters.refused(kind, count)


def hold(host: str, port: int) -> socket.socket:
    """Take the port without listening on it: 0 becomes a number, and no other program takes it meanwhile.

    Raises:
        ConfigError: it is another's, or the system does not deal ports out.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        raise ConfigError(
            "这个系统上只能用一个进程 · workers: expected a system that deals one port out to processes "
            "(SO_REUSEPORT), got another, such as Windows; leave --workers out"
        )
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        place.bind((host, port))
    except OSError as cause:
        place.close()
        raise cannot_listen("scan workers", host, port, cause) from cause
    return place
