"""Tells systemd how the agent is, by the protocol of sd_notify(3): ready, alive, stopping.

Where nobody listens (no NOTIFY_SOCKET: by hand, in a test, on Windows) it tells nobody, and nothing fails: a datagram
that is lost costs at most a restart, and the agent is made to be killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from label_protocol.errors import AgentError

Answers = Callable[[], Awaitable[object]]
"""Asks the ledger's thread for something small; returns when it has answered."""
Sleep = Callable[[float], Awaitable[None]]

BEATS = 3
"""How many beats fall into the time after which systemd gives up: two may be lost."""


class Notifier:
    """Speaks to the service manager that started this process. `environ` is the process's own environment."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        own = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        self.beat_s = _watchdog_s(environ) / BEATS if own and self._address else 0.0
        """Seconds between two beats; 0: nobody waits for any."""

    def tell(self, *lines: str) -> None:
        """Send assignments such as `READY=1` in one datagram. An address that starts with @ is an abstract one."""
        if self._address and sys.platform != "win32":
            address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)  # a listener that does not listen must not hold up the agent
                line.sendto("\n".join(lines).encode(), address)


def _watchdog_s(environ: Mapping[str, str]) -> float:
    told = environ.get("WATCHDOG_USEC", "")
    return int(told) / 1e6 if told.isascii() and told.isdigit() else 0.0


@contextlib.asynccontextmanager
async def watched(
    systemd: Notifier, status: str, answers: Answers, *, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[None]:
    """Ready when the block begins, alive while the loop runs and the ledger's thread answers, stopping when it ends."""
    systemd.tell("READY=1", f"STATUS={status}")
    async with beating(systemd, answers, sleep=sleep):
        try:
            yield
        finally:
            systemd.tell("STOPPING=1")


@contextlib.asynccontextmanager
async def beating(systemd: Notifier, answers: Answers, *, sleep: Sleep = asyncio.sleep) -> AsyncIterator[None]:
    """Alive while the block lasts, the loop runs and `answers` answers."""
    beats = asyncio.create_task(_beat(systemd, answers, sleep), name="watchdog") if systemd.beat_s else None
    try:
        yield
    finally:
        if beats is not None:
            beats.cancel()
            await asyncio.gather(beats, return_exceptions=True)


async def _beat(systemd: Notifier, answers: Answers, sleep: Sleep) -> None:
    """No beat without an answer: a loop that turns beside a ledger that hangs prints nothing, and looks well."""
    while True:
        with contextlib.suppress(AgentError):  # a refusal is an answer; a restart would not change it
            await answers()
        systemd.tell("WATCHDOG=1")
        await sleep(systemd.beat_s)
