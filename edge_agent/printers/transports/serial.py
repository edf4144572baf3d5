"""Serial ports of this computer, `rfc2217://` servers and `loop://`, through pyserial; `serial_url` reads the URL.

A printer powered off and on behind an open line cannot be seen here; whoever proves must not trust an open line.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import queue
import socket
import sys
from collections.abc import Callable
from typing import Any

from edge_agent.errors import LinkDownError
from edge_agent.printers.transports.contract import TransportOptions
from edge_agent.printers.transports.serial_url import SerialLine, parse_serial_url
from edge_agent.printers.transports.stream import StreamTransport, Wire
from edge_agent.printers.transports.tcp import keep_alive
from edge_agent.printers.transports.threads import ThreadWire

_LOOK_AROUND_S = 1.0
"""How long pyserial's ports without a `cancel_read` wait before they look whether they were closed."""

_REMOTE_BUFFER_BYTES = 4096
"""As small as a UART's: what this computer has buffered for a slow line cannot be taken back."""


class SerialTransport(StreamTransport):
    """One serial port.

    Raises:
        ConfigError: a URL that cannot be read.
    """

    def __init__(self, url: str, options: TransportOptions) -> None:
        super().__init__(url, options)
        self._line = parse_serial_url(url)

    @property
    def two_way(self) -> bool:
        """Always."""
        return True

    @property
    def clean(self) -> bool:
        """Not with XON/XOFF, nor with seven bits."""
        return self._line.clean

    async def _connect(self) -> Wire:
        opening = asyncio.get_running_loop().run_in_executor(None, _open_port, self._line)
        try:
            async with asyncio.timeout(self._options.connect_timeout_s):
                port = await asyncio.shield(opening)
        except (OSError, ValueError, _terminal_error()) as error:
            opening.add_done_callback(_close_late)
            raise self._down(error) from error
        except asyncio.CancelledError:
            opening.add_done_callback(_close_late)
            raise
        return ThreadWire(port, self._line.chunk_bytes, byte_s=self._line.byte_s)

    def _down(self, error: Exception) -> LinkDownError:
        why = f"no answer for {self._options.connect_timeout_s} s" if type(error) is TimeoutError else error
        return LinkDownError(f"{self._url}: expected a free serial port, got {why}; {_what_to_do(error)}")

    def _hint(self) -> str:
        return f", and whether the printer and its cable use flow={self._line.flow}"


def _what_to_do(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.EAGAIN, errno.EBUSY) or "PermissionError" in str(error):
        return "another program has it: close that program"
    if number == errno.EACCES:
        return "let this user use serial ports (on Linux: the group of the device file)"
    return "check plug, cable and the port's name"


def _close_late(opening: asyncio.Future[_Port]) -> None:
    """An opening that nobody waits for any more."""
    if not opening.cancelled() and opening.exception() is None:
        opening.get_loop().run_in_executor(None, opening.result().close)


def _terminal_error() -> type[Exception]:
    """What POSIX terminals raise besides OSError."""
    if sys.platform != "win32":
        import termios

        return termios.error
    else:  # noqa: RET505 - the type checker sees one of the two branches
        return OSError


def _open_port(line: SerialLine) -> _Port:
    """Raises OSError, ValueError or the terminal's own error."""
    import serial  # type: ignore[import-untyped]

    port = serial.serial_for_url(
        line.place if line.scheme == "serial" else f"{line.scheme}://{line.place}",
        baudrate=line.baud,
        parity=line.parity[0].upper(),
        bytesize=line.bytesize,
        stopbits=line.stopbits,
        rtscts=line.flow == "rtscts",
        xonxoff=line.flow == "xonxoff",
        dsrdtr=line.flow == "dsrdtr",
        timeout=None if line.scheme == "serial" else _LOOK_AROUND_S,
        exclusive=True,
    )
    return _PORTS[line.scheme](port)


class _Port:
    """A port of this computer."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def read(self) -> bytes:
        data: bytes = self._port.read(1)
        if data and (more := self._port.in_waiting):
            data += self._port.read(more)
        return data

    def write(self, data: bytes) -> int:
        return int(self._port.write(data))

    def in_waiting(self) -> int:
        return self._told("in_waiting")

    def out_waiting(self) -> int:
        return self._told("out_waiting")

    def _told(self, name: str) -> int:
        """0 from a line or a driver that does not count."""
        try:
            return int(getattr(self._port, name, 0))
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                return 0
            raise

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self._port.cancel_read()
            self._port.cancel_write()

    def close(self) -> None:
        """What the driver holds is dropped first: Linux would wait 30 s for a printer that takes nothing."""
        with contextlib.suppress(Exception):
            self._port.reset_output_buffer()
        with contextlib.suppress(Exception):
            self._port.close()


class _LoopPort(_Port):
    """pyserial's loop: what is written comes back. A full one is emptied, which is what ends its `write`."""

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self._port.reset_input_buffer()
            self._port.cancel_read()


class _RemotePort(_Port):
    """A port behind an RFC 2217 server.

    pyserial 3.5 gives up its socket after 5 s without movement, forgets what it has read when the connection ends and
    leaves the socket open after a reset; a blocked printer and its last words are worth more, hence the reach inside.
    """

    def __init__(self, port: Any) -> None:
        super().__init__(port)
        self._ended = False
        self._socket = port._socket
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _REMOTE_BUFFER_BYTES)
        keep_alive(self._socket)

    def read(self) -> bytes:
        data = self._next(lambda: self._port._read_buffer.get(timeout=_LOOK_AROUND_S))
        while data and (more := self._next(self._port._read_buffer.get_nowait)):
            data += more
        if not data and (self._ended or not self._port._thread or not self._port._thread.is_alive()):
            raise OSError("closed by the serial server")
        return data

    def _next(self, get: Callable[[], bytes | None]) -> bytes:
        with contextlib.suppress(queue.Empty):
            byte = get()
            self._ended = self._ended or byte is None
            return byte or b""
        return b""

    def cancel(self) -> None:
        with contextlib.suppress(Exception):
            self._port.close()

    def close(self) -> None:
        self.cancel()
        self._socket.close()


_PORTS: dict[str, type[_Port]] = {"serial": _Port, "rfc2217": _RemotePort, "loop": _LoopPort}
