"""Which Zebra it is: ~HI tells model and firmware, the SGD variable `device.unique_id` the serial number.

`device.unique_id` stands in Zebra's SGD manual as the printer's identification; on G-series and Link-OS printers it is
the serial number of the type plate (public inventory scripts read it so). A printer without it says `?`, and one
without SGD nothing: then its serial number is not known, and it is never taken for the same as another's.
"""

from __future__ import annotations

import re

from edge_agent.errors import ReplyError
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, Parsed, Query
from edge_agent.printers.languages.zpl import replies

_QUOTED = re.compile(rb'"([^"]*)"(?:\r?\n)?|\?\r\n')
_NUMBER = re.compile(rb"[!-~](?:[ -~]{0,62}[!-~])?")


def host_identification(buffer: bytes) -> Parsed[PrinterIdentity] | None:
    """~HI: model and firmware. Raises ReplyError as `replies.identity`."""
    if (found := replies.identity(buffer)) is None:
        return None
    model, _, firmware = found[0].rpartition(" ")
    return PrinterIdentity(model or None, firmware), found[1]


def unique_id(buffer: bytes) -> Parsed[PrinterIdentity] | None:
    """`"42J012345678"`; `?` or nothing in the quotes: this model does not tell.

    Raises:
        ReplyError: something else than printable letters in the quotes.
    """
    match = _QUOTED.search(buffer)
    if match is None:
        if len(buffer) > MAX_REPLY_BYTES:
            raise ReplyError(f"reply: expected at most {MAX_REPLY_BYTES} bytes, got {len(buffer)}; drop the connection")
        return None
    text = (match[1] or b"").strip()
    if text in (b"", b"?"):
        return PrinterIdentity(), match.end()
    if not _NUMBER.fullmatch(text):
        raise ReplyError(f"device.unique_id: expected a serial number of 1 to 64 letters, got {text[:40]!r}; ask again")
    return PrinterIdentity(serial_number=text.decode("ascii")), match.end()


QUERIES = (
    Query("who", b"~HI\r\n", host_identification),
    Query("device.unique_id", b'! U1 getvar "device.unique_id"\r\n', unique_id),
)
