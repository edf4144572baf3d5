"""What systemd hears: ready, alive as long as loop and ledger answer, stopping; and nothing where nobody listens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.errors import LedgerFullError
from edge_agent.ops.service.notify import BEATS, Notifier, watched

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no systemd on Windows")

PID = 4711


class Systemd:
    """The other end of NOTIFY_SOCKET (sd_notify(3))."""

    def __init__(self, address: str, watchdog: str = "9000000", pid: str = str(PID)) -> None:
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.line.bind("\0" + address[1:] if address.startswith("@") else address)
        self.line.setblocking(False)
        self.environ = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": watchdog, "WATCHDOG_PID": pid}

    def heard(self) -> list[str]:
        said = []
        with contextlib.suppress(BlockingIOError):
            while True:
                said.append(self.line.recv(4096).decode())
        return said


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    other = Systemd(str(tmp_path / "notify"))
    yield other
    other.line.close()


async def answers() -> None:
    """As a ledger that is well."""


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_it_is_ready_beats_and_says_that_it_stops(systemd: Systemd) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.Event().wait() if len(waited) > 3 else await asyncio.sleep(0)

    async with watched(Notifier(systemd.environ, PID), "http://127.0.0.1:8631", answers, sleep=sleep):
        await turns()
    ready, *beats, stopping = systemd.heard()
    assert ready.split("\n") == ["READY=1", "STATUS=http://127.0.0.1:8631"]
    assert beats == ["WATCHDOG=1"] * 4
    assert stopping == "STOPPING=1"
    assert waited == [9.0 / BEATS] * 4
    assert BEATS >= 2, "sd_watchdog_enabled(3): half the time or less"


async def test_no_beat_while_the_ledger_does_not_answer(systemd: Systemd) -> None:
    hangs = asyncio.Event()

    async with watched(Notifier(systemd.environ, PID), "", hangs.wait, sleep=lambda _: asyncio.sleep(0)):
        await turns()
        assert [said for said in systemd.heard() if "WATCHDOG" in said] == []
        hangs.set()
        await turns()
        assert "WATCHDOG=1" in systemd.heard()


async def test_no_beat_from_a_ledger_that_fell_over(systemd: Systemd) -> None:
    async def falls() -> None:
        raise RuntimeError("cannot schedule new futures after shutdown")

    async with watched(Notifier(systemd.environ, PID), "", falls, sleep=lambda _: asyncio.sleep(0)):
        await turns()
    assert "WATCHDOG=1" not in systemd.heard()


async def test_a_refusal_is_an_answer(systemd: Systemd) -> None:
    """A full disk is no reason to be restarted every three minutes."""

    async def full() -> None:
        raise LedgerFullError("expected room")

    async with watched(Notifier(systemd.environ, PID), "", full, sleep=lambda _: asyncio.sleep(0)):
        await turns()
    assert "WATCHDOG=1" in systemd.heard()


@pytest.mark.parametrize(
    "changed",
    [{"WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "-3"}, {"WATCHDOG_USEC": "٣"}],
    ids=["another process's", "none", "less than nothing", "other digits"],
)
async def test_nobody_is_told_a_beat_who_waits_for_none(systemd: Systemd, changed: dict[str, str]) -> None:
    notifier = Notifier({**systemd.environ, **changed}, PID)
    assert notifier.beat_s == 0.0
    async with watched(notifier, "", answers):
        await turns()
    assert [said.split("\n")[0] for said in systemd.heard()] == ["READY=1", "STOPPING=1"]


@pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses are Linux's")
async def test_an_abstract_address_is_one() -> None:
    other = Systemd("@edge-agent-notify-test")
    Notifier(other.environ, PID).tell("READY=1")
    assert other.heard() == ["READY=1"]
    other.line.close()


async def test_a_listener_that_does_not_listen_holds_nobody_up(systemd: Systemd) -> None:
    """A queue of datagrams is ten long by default, unix(7) and `net.unix.max_dgram_qlen`."""
    notifier = Notifier(systemd.environ, PID)
    for _ in range(1000):
        notifier.tell("WATCHDOG=1")
    assert len(systemd.heard()) < 1000


async def test_without_systemd_nothing_is_told_and_nothing_fails(tmp_path: Path) -> None:
    for environ in ({}, {"WATCHDOG_USEC": "9000000"}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        async with watched(Notifier(environ, PID), "", answers):
            await turns()
