"""What a serial URL says: `serial:///dev/ttyUSB0?baud=9600`, `serial://COM3`, `rfc2217://host:port`, `loop://`.

Query keys: baud (9600), parity (none, even, odd), bytesize (8, 7), stopbits (1, 2) and flow (rtscts, xonxoff, dsrdtr,
none). 9600 8N1 is the EPL2 manual's default (EPL Programming Guide 14245L-001). The default of `flow` is rtscts,
because of what a wrong choice does: without flow control a printer out of paper loses bytes without a word and takes
the rest for another label; with rtscts over a cable that lacks the wire nothing leaves and the link says that it is
blocked. `xonxoff` takes two byte values for itself, so such a line is not `clean`.

`baud` is what the line really has: bytes count as under way for as long as it takes them. A USB printer that shows
itself as /dev/ttyACM0 has no such rate; `device:///dev/ttyACM0` opens it without one.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from label_protocol.errors import ConfigError

KEYS: dict[str, tuple[str, ...]] = {
    "baud": (),
    "parity": ("none", "even", "odd"),
    "bytesize": ("8", "7"),
    "stopbits": ("1", "2"),
    "flow": ("rtscts", "xonxoff", "dsrdtr", "none"),
}
"""What a URL may say; the first value is the default, and no values means a number."""

_BAUD = range(300, 4_000_001)
_PLACES = {
    "serial": (re.compile(r"/.+|COM\d+", re.IGNORECASE), "serial:///dev/ttyUSB0 or serial://COM3"),
    "rfc2217": (re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/:@]+):\d{1,5}"), "rfc2217://host:port"),
    "loop": (re.compile(""), "loop://"),
}


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A URL, read."""

    scheme: str
    place: str
    baud: int = 9600
    parity: str = "none"
    bytesize: int = 8
    stopbits: int = 1
    flow: str = "rtscts"

    @property
    def clean(self) -> bool:
        """Whether all 256 byte values pass."""
        return self.flow != "xonxoff" and self.bytesize == 8

    @property
    def byte_s(self) -> float:
        """The time one byte takes: start bit, data, parity, stop bits. None in a loop."""
        bits = 1 + self.bytesize + (self.parity != "none") + self.stopbits
        return 0.0 if self.scheme == "loop" else bits / self.baud

    @property
    def chunk_bytes(self) -> int:
        """A quarter of a second of line: small enough to see it move, large enough not to starve it."""
        return min(max(self.baud // 40, 64), 4096)


def parse_serial_url(url: str) -> SerialLine:
    """Read a serial URL.

    Raises:
        ConfigError: a place, key or value that is none; names what is known.
    """
    scheme, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    pattern, example = _PLACES[scheme]
    if not pattern.fullmatch(place):
        raise ConfigError(f"printer url: expected {example}, got {url!r}; correct it")
    given = dict(_pair(pair, url) for pair in query.split("&") if pair)
    line = SerialLine(
        scheme,
        place,
        _baud(given.get("baud", "9600"), url),
        given.get("parity", "none"),
        int(given.get("bytesize", "8")),
        int(given.get("stopbits", "1")),
        given.get("flow", "rtscts"),
    )
    _refuse_what_would_not_hold(line, url)
    return line


def _pair(text: str, url: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    if key not in KEYS:
        raise ConfigError(f"printer url: expected keys among {', '.join(KEYS)}, got {key!r} in {url!r}; correct it")
    if KEYS[key] and value not in KEYS[key]:
        raise ConfigError(
            f"printer url: expected {key} to be one of {', '.join(KEYS[key])}, got {value!r} in {url!r}; correct it"
        )
    return key, value


def _baud(text: str, url: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) in _BAUD):
        raise ConfigError(
            f"printer url: expected baud from {_BAUD[0]} to {_BAUD[-1]}, got {text!r} in {url!r}; correct it"
        )
    return int(text)


def _refuse_what_would_not_hold(line: SerialLine, url: str) -> None:
    """POSIX and RFC 2217 through pyserial know no flow control by DSR: it would be none, and bytes would be lost."""
    if line.flow == "dsrdtr" and (line.scheme == "rfc2217" or (line.scheme == "serial" and sys.platform != "win32")):
        raise ConfigError(
            f"printer url: expected flow=rtscts, got flow=dsrdtr in {url!r}, which cannot hold bytes back here; "
            f"use a cable that leads the printer's DTR to CTS, and flow=rtscts"
        )
