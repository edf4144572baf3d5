"""Which TSC or Gprinter it is: `~!T` names the model, BASIC's `_SERIAL$` and `_VERSION$` the rest.

The two variables are known from TSC's list of BASIC globals, second hand, and their forms are unconfirmed; so each is
said in a frame of ours, as the label counter is. A printer that has no such variable says an empty text between the
marks, one without BASIC says nothing at all: its serial number is then not known.
"""

from __future__ import annotations

import re

from edge_agent.errors import ReplyError
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, Parsed
from edge_agent.printers.languages.tspl import replies

SERIAL_LINES = (b'OUT "WHO{"', b"OUT _SERIAL$", b'OUT "|"', b"OUT _VERSION$", b'OUT "}"')

_FRAME = re.compile(rb"WHO\{([^{}|]*)\|([^{}|]*)\}(?:\r\n)?")
_CLOSED = re.compile(rb"WHO\{[^{}]*\}")
_WORD = re.compile(rb"[!-~](?:[ -~]{0,62}[!-~])?")


def model(buffer: bytes) -> Parsed[PrinterIdentity] | None:
    """`~!T`. Raises ReplyError as `replies.model`."""
    if (found := replies.model(buffer)) is None:
        return None
    return PrinterIdentity(found[0]), found[1]


def serial_number(buffer: bytes) -> Parsed[PrinterIdentity] | None:
    """`WHO{` serial number `|` version `}`, each of them maybe empty.

    Raises:
        ReplyError: a frame without its two parts, or with what is not printable in them.
    """
    match = _FRAME.search(buffer)
    if match is None:
        if _CLOSED.search(buffer) or len(buffer) > MAX_REPLY_BYTES:
            raise ReplyError(f"_SERIAL$: expected WHO{{number|version}}, got {buffer[:40]!r}; ask again")
        return None
    return PrinterIdentity(firmware=_told(match[2]), serial_number=_told(match[1])), match.end()


def _told(text: bytes) -> str | None:
    word = text.strip()
    if word in (b"", b"0"):  # a variable that is not there reads as nothing, or as the number 0
        return None
    if not _WORD.fullmatch(word):
        raise ReplyError(f"_SERIAL$: expected printable letters, got {text[:40]!r}; ask again")
    return word.decode("ascii")
