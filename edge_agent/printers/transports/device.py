r"""`device:///dev/usb/lp0`: a printer that the system shows as a file, such as a USB printer under Linux' usblp.

`?one_way=1` never reads. A file that may only be written is one-way by itself, and so is every device on Windows
(`device://\\.\LPT1`, or a USB printer's interface path `device://\\?\usb#…`): there, a waiting read holds up the writes
of the same handle. A regular file, a disk or a memory device such as /dev/null is refused: it would swallow labels
without a word.

Where the loop can watch the file it does; on Windows a thread writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import stat
import sys
from collections.abc import Callable

from edge_agent.errors import LinkDownError
from edge_agent.printers.transports.contract import UNREAD_LIMIT_BYTES, TransportOptions
from edge_agent.printers.transports.stream import StreamTransport, Wire
from edge_agent.printers.transports.threads import ThreadWire
from label_protocol.errors import ConfigError

_URL = re.compile(r"device://(?P<path>[/\\].+?)(?:\?(?P<key>\w+)=(?P<value>\w*))?")
_BITE_BYTES = 8192
"""What usblp hands to the USB at once."""

_BREATH_S = 0.05
"""usblp may call itself ready and then take or give nothing (paper out, an empty packet): no tight loop."""

_MEMORY_MAJOR = 1
"""Linux' number of /dev/null, /dev/zero, /dev/mem and their like (kernel.org, admin-guide/devices.txt)."""


class DeviceTransport(StreamTransport):
    """One device file.

    Raises:
        ConfigError: a URL that cannot be read.
    """

    def __init__(self, url: str, options: TransportOptions) -> None:
        super().__init__(url, options)
        self._path, one_way = _path_and_way(url)
        self._wants_two_ways = self._two_way = not one_way and sys.platform != "win32"

    @property
    def two_way(self) -> bool:
        """Whether the file can be read; certain once it was opened."""
        return self._two_way

    @property
    def clean(self) -> bool:
        """Always."""
        return True

    async def _connect(self) -> Wire:
        try:
            return self._connect_by_thread() if sys.platform == "win32" else self._connect_by_loop()
        except OSError as error:
            raise self._down(error.strerror or str(error), _what_to_do(error)) from error

    def _connect_by_thread(self) -> Wire:
        return ThreadWire(_WriteOnly(self._path), _BITE_BYTES, listens=False)

    def _connect_by_loop(self) -> Wire:
        file, self._two_way = _open(self._path, self._wants_two_ways)
        try:
            self._refuse_what_swallows(os.fstat(file))
            self._two_way = self._two_way and not stat.S_ISFIFO(os.fstat(file).st_mode)
            _take_alone(file)
            return _LoopWire(file, listens=self._two_way)
        except BaseException:
            os.close(file)
            raise

    def _refuse_what_swallows(self, what: os.stat_result) -> None:
        if refusal := _refusal(what):
            raise self._down(refusal, "name the printer's device file, such as /dev/usb/lp0")

    def _down(self, why: str, what_to_do: str) -> LinkDownError:
        return LinkDownError(f"{self._url}: expected a free printer device, got {why}; {what_to_do}")


def _path_and_way(url: str) -> tuple[str, bool]:
    match = _URL.fullmatch(url)
    if match is None or match["key"] not in (None, "one_way") or (match["key"] and match["value"] not in ("0", "1")):
        raise ConfigError(f"printer url: expected device:///dev/usb/lp0 or with ?one_way=1, got {url!r}; correct it")
    return match["path"], match["value"] == "1"


def _open(path: str, both_ways: bool) -> tuple[int, bool]:
    """The file, and whether it may be read; a file whose reading is refused is written only."""
    flags = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"))
    if both_ways:
        with contextlib.suppress(PermissionError):
            return os.open(path, os.O_RDWR | flags), True
    return os.open(path, os.O_WRONLY | flags), False


def _refusal(what: os.stat_result) -> str:
    if stat.S_ISFIFO(what.st_mode):
        return ""
    if not stat.S_ISCHR(what.st_mode):
        return "a file that is no character device"
    if sys.platform == "linux" and os.major(what.st_rdev) == _MEMORY_MAJOR:
        return "a memory device"
    return ""


def _take_alone(file: int) -> None:
    """Lock it against a second agent; a terminal (a USB printer as ttyACM) passes all bytes and forgets old ones."""
    if sys.platform != "win32":
        import fcntl
        import termios
        import tty

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.isatty(file):
            try:
                tty.setraw(file, termios.TCSANOW)
                termios.tcflush(file, termios.TCIFLUSH)
            except termios.error as error:
                raise OSError(*error.args) from error


def _what_to_do(error: OSError) -> str:
    if error.errno in (errno.EAGAIN, errno.EBUSY):
        return "another program or the system's print queue has it: remove that queue or close that program"
    if error.errno in (errno.EACCES, errno.EPERM):
        return "let this user write to it (on Linux: the group lp, or a udev rule)"
    return "check power, plug and the file's name"


class _LoopWire(Wire):
    """A file that does not block, watched by the loop."""

    def __init__(self, file: int, *, listens: bool) -> None:
        super().__init__()
        self._file, self._listens = file, listens
        self._terminal = os.isatty(file)  # asked now: of an unplugged one it would not be true
        self._loop = asyncio.get_running_loop()
        self._heard, self._unsent = bytearray(), bytearray()
        self._pauses: set[asyncio.TimerHandle] = set()
        self._open = True
        self._watch()

    def put(self, data: bytes) -> None:
        """See `Wire`."""
        self._unsent += data
        self._send()

    def unsent(self) -> int:
        """See `Wire`."""
        return len(self._unsent)

    def undelivered(self) -> int:
        """See `Wire`."""
        return len(self._unsent) + (_held_by_driver(self._file) if self.lost is None else 0)

    def unread(self) -> int:
        """See `Wire`."""
        return len(self._heard)

    def take(self) -> bytes:
        """See `Wire`."""
        data = bytes(self._heard)
        self._heard.clear()
        self._watch()
        return data

    async def gather(self) -> None:
        """See `Wire`."""
        self._hear()

    async def close(self) -> None:
        """See `Wire`."""
        self._let_be()
        self._open = False
        _forget_held(self._file)
        os.close(self._file)

    def _watch(self) -> None:
        if self._open and self.lost is None:
            if self._listens and len(self._heard) < UNREAD_LIMIT_BYTES:
                self._loop.add_reader(self._file, self._hear, True)
            if self._unsent:
                self._loop.add_writer(self._file, self._send, True)

    def _let_be(self) -> None:
        for pause in self._pauses:
            pause.cancel()
        self._pauses.clear()
        self._loop.remove_reader(self._file)
        self._loop.remove_writer(self._file)

    def _breathe(self, forget: Callable[[int], bool]) -> None:
        """Look again a little later instead of at once."""
        forget(self._file)
        self._pauses = {pause for pause in self._pauses if not pause.cancelled() and pause.when() > self._loop.time()}
        self._pauses.add(self._loop.call_later(_BREATH_S, self._watch))

    def _hear(self, called_ready: bool = False) -> None:
        if not self._listens or self.lost is not None:
            return
        data = b""
        try:
            data = os.read(self._file, _BITE_BYTES)
            if not data and self._terminal:
                self._end("an unplugged device")
        except BlockingIOError:
            if not called_ready:
                return
        except OSError as error:
            self._end(error.strerror or str(error))
        self._heard += data
        if data:
            self.heard.set()
        if self.lost is None and (not data or len(self._heard) >= UNREAD_LIMIT_BYTES):
            self._breathe(self._loop.remove_reader)

    def _send(self, called_ready: bool = False) -> None:
        if self.lost is not None:
            return
        try:
            del self._unsent[: os.write(self._file, self._unsent[:_BITE_BYTES])]
        except BlockingIOError:
            if called_ready:
                self._breathe(self._loop.remove_writer)
                return
        except OSError as error:
            self._end(error.strerror or str(error))
            return
        self._watch()
        if not self._unsent:
            self._loop.remove_writer(self._file)
            self.moved.set()

    def _end(self, reason: str) -> None:
        self.lost = reason
        self._let_be()
        self.heard.set()
        self.moved.set()


def _held_by_driver(file: int) -> int:
    """Bytes, where the driver counts them; else 1 while it is not ready for more."""
    if sys.platform != "win32":
        import fcntl
        import select
        import struct
        import termios

        with contextlib.suppress(OSError):
            return int(struct.unpack("I", fcntl.ioctl(file, termios.TIOCOUTQ, b"\0" * 4))[0])
        watch = select.poll()
        watch.register(file, select.POLLOUT)
        return 0 if watch.poll(0) else 1
    else:  # noqa: RET505 - the type checker sees one of the two branches
        return 0


def _forget_held(file: int) -> None:
    """Without this, closing a terminal waits 30 s for a printer that takes nothing."""
    if sys.platform != "win32" and os.isatty(file):
        import termios

        with contextlib.suppress(termios.error):
            termios.tcflush(file, termios.TCOFLUSH)


class _WriteOnly:
    """For `ThreadWire`, on systems whose loop cannot watch a file. A write that waits is left to its thread."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))

    def read(self) -> bytes:
        raise OSError("a one-way device")

    def write(self, data: bytes) -> int:
        return os.write(self._file, data)

    def in_waiting(self) -> int:
        return 0

    def out_waiting(self) -> int:
        return 0

    def cancel(self) -> None:
        pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._file)
