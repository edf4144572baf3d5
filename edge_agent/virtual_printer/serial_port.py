"""A serial port for a host: one end of a pseudo terminal, paced to a baud rate, behind a path that stays.

A pty knows no baud rate, so the pace is kept here: ten bits a byte, both ways, in bites of at most 20 ms. A receive
buffer that is full is left unread; the kernel's own (18 kB on Linux) then fills and the host's writes wait, as behind
a held CTS. There are no modem lines. The cable is pulled by `close` (the host sees a hang-up) and plugged in by `open`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from edge_agent.virtual_printer.faults import FaultBoard
from edge_agent.virtual_printer.port import delay_s, pieces
from label_protocol.errors import ConfigError

_BITE_S = 0.02
_BITE_BYTES = 4096
"""The most at once without a pace: what a pty hands over."""

_BITS_PER_BYTE = 10
"""Start bit, eight data bits, stop bit."""


class SerialPort:
    """Owns the pty, the path that leads to it and what is still to be said.

    Args:
        baud: pace both ways; 0 = as fast as it can.
        board: the faults in force.
        receive: takes what the host sent.
        full: whether the firmware has no room; asked again after `read_on`.

    Raises:
        ConfigError: this system has no pseudo terminals.
    """

    hangs_up_on_power_cut: bool = False

    def __init__(
        self, baud: int, board: FaultBoard, receive: Callable[[bytes], None], full: Callable[[], bool]
    ) -> None:
        if not hasattr(os, "openpty"):
            raise ConfigError("pty: expected Linux or macOS, got Windows, which has none; use the printer's TCP port")
        self._baud, self._board, self._receive, self._full = baud, board, receive, full
        self._folder: Path | None = None
        self._line: _Line | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._unsaid: asyncio.Queue[bytes] = asyncio.Queue()
        self._has_room = asyncio.Event()
        self._turn = asyncio.Lock()  # pulling and plugging happen in the order they were asked for

    @property
    def number(self) -> int:
        """No TCP port."""
        return 0

    @property
    def path(self) -> str:
        """The device file that a host opens; the same after every pull and plug. It is there while the cable is in."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="virtual-printer-"))
        return str(self._folder / "serial")

    @property
    def connected(self) -> bool:
        """Whether the cable is in; who is at its other end cannot be seen."""
        return self._line is not None

    async def open(self) -> None:
        """Plug in."""
        async with self._turn:
            if self._line is None:
                line = self._line = _Line(self.path)
                self._unsaid = asyncio.Queue()
                self._tasks = [self._task(self._listen(line)), self._task(self._speak(line))]

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(work)

    async def close(self) -> None:
        """Pull the cable: the host's end hangs up and its path is gone. What was on the line is lost."""
        async with self._turn:
            for task in self._tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            if self._line is not None:
                self._line.close()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._line, self._tasks = None, []

    def read_on(self) -> None:
        """Read if the firmware has room, else leave the line alone."""
        if self._full():
            self._has_room.clear()
        else:
            self._has_room.set()

    def say(self, data: bytes) -> None:
        """Answer into the line; into the void while the cable is out."""
        if self._line is not None:
            self._unsaid.put_nowait(data)

    def reset(self) -> None:
        """A serial line has nothing to reset."""

    async def _listen(self, line: _Line) -> None:
        pace = _Pace(self._baud)
        while True:
            self.read_on()
            await self._has_room.wait()
            data = await line.read(pace.bite_bytes)
            await pace.after(len(data))
            self._receive(data)

    async def _speak(self, line: _Line) -> None:
        pace = _Pace(self._baud)
        while True:
            data = await self._unsaid.get()
            await asyncio.sleep(delay_s(self._board))
            for piece in pieces(self._board, data):
                await self._utter(line, pace, piece)

    async def _utter(self, line: _Line, pace: _Pace, piece: bytes) -> None:
        while piece:
            bite, piece = piece[: pace.bite_bytes], piece[pace.bite_bytes :]
            await pace.after(len(bite))
            await line.write(bite)


class _Pace:
    """Bytes at a baud rate. Late wake-ups are made up for, idle time is not."""

    def __init__(self, baud: int) -> None:
        self._byte_s = _BITS_PER_BYTE / baud if baud else 0.0
        self.bite_bytes = max(1, int(_BITE_S / self._byte_s)) if baud else _BITE_BYTES
        self._free_at = 0.0

    async def after(self, count: int) -> None:
        """Until the line has carried `count` more bytes."""
        now = asyncio.get_running_loop().time()
        begun = self._free_at if now - self._free_at < _BITE_S else now
        self._free_at = begun + count * self._byte_s
        await asyncio.sleep(max(self._free_at - now, 0.0))


def _raw_pty() -> tuple[int, int, str]:
    """Master, slave and the slave's name; nothing is echoed or translated."""
    if sys.platform != "win32":
        import tty

        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        return master, slave, os.ttyname(slave)
    else:  # noqa: RET505 - the type checker sees one of the two branches
        raise OSError("no pseudo terminals")


class _Line:
    """A pty behind a link. Its slave stays open here, too, so that a host that leaves is no hang-up for the printer."""

    def __init__(self, path: str) -> None:
        self._master, self._slave, name = _raw_pty()
        self._loop = asyncio.get_running_loop()
        self._link = Path(path)
        self._link.parent.mkdir(mode=0o700, exist_ok=True)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(name)

    async def read(self, count: int) -> bytes:
        """At least one byte."""
        while True:
            with contextlib.suppress(BlockingIOError):
                return os.read(self._master, count)
            await self._ready(self._loop.add_reader, self._loop.remove_reader)

    async def write(self, data: bytes) -> None:
        """All of it; waits while nobody reads and the kernel's buffer is full."""
        while data:
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(self._master, data) :]
                continue
            await self._ready(self._loop.add_writer, self._loop.remove_writer)

    async def _ready(self, add: Callable[..., None], remove: Callable[[int], bool]) -> None:
        ready = asyncio.Event()
        add(self._master, ready.set)
        try:
            await ready.wait()
        finally:
            remove(self._master)

    def close(self) -> None:
        self._link.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
