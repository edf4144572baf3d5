"""Which Eltron or Zebra it is: UQ names model and firmware in its first line, and some firmware a serial number.

The line `S/N: 42A000000000` stands in the print-out of an UKQ1935HLU, V4.29 (WebZLP, its observed configurations);
those of V4.45 and V4.70 at the same place have none, so their serial number is not known.
"""

from __future__ import annotations

import re

from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages.contract import Parsed
from edge_agent.printers.languages.epl2 import replies

_SERIAL_LINE = re.compile(rb"\nS/N: *([!-~]{1,64}) *\r?\n")


def configuration(buffer: bytes) -> Parsed[PrinterIdentity] | None:
    """UQ. Raises ReplyError as `replies.identity`."""
    if (found := replies.identity(buffer)) is None:
        return None
    model, _, firmware = found[0].rpartition(" ")
    line = _SERIAL_LINE.search(buffer[: found[1]])
    return PrinterIdentity(model or None, firmware, line[1].decode("ascii") if line else None), found[1]
