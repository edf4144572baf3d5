"""What the firmware says. Sources: `<ESC>!S` as in the TSC TTP-244 Plus manual p.97, `<ESC>!?` as in the Gprinter
GP-2120T manual p.34; OUT ends its text with CR LF (unconfirmed), `~!T` its name with CR."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from edge_agent.virtual_printer.nameplate import Nameplate

STATUS_BITS = {
    "head-open": 0x01,
    "paper-jam": 0x02,
    "media-out": 0x04,
    "ribbon-out": 0x08,
    "pause": 0x10,
    "head-hot": 0x80,
}
"""A cutter jam has no bit: this byte then tells a printer that prints for ever."""
PRINTING = 0x20
DEVICE_ERRORS = {"head-hot": 0x01, "cutter-jam": 0x08}
MEDIA_ERRORS = {"media-out": 0x01, "paper-jam": 0x02, "ribbon-out": 0x04, "head-open": 0x20}


@dataclass(frozen=True, slots=True)
class Moment:
    """All that a status answer tells."""

    faults: Set[str]
    busy: bool
    label_waiting: bool
    buffer_full: bool
    ribbon: bool = True


def framed_status(now: Moment) -> bytes:
    """`<ESC>!S`."""
    device, media = _word(now.faults, DEVICE_ERRORS), _word(now.faults, MEDIA_ERRORS)
    fields = (0x08 * now.buffer_full, device, media | MEDIA_ERRORS["ribbon-out"] * (not now.ribbon))
    return b"\x02%b%b\x03\r\n" % (_message(now, error=bool(device or media)), bytes(0x40 | bits for bits in fields))


def _message(now: Moment, *, error: bool) -> bytes:
    if error:
        return b"E"
    if "pause" in now.faults:
        return b"`"
    if now.label_waiting:
        return b"L"
    return b"P" if now.busy else b"@"


def status_byte(now: Moment) -> bytes:
    """`<ESC>!?`."""
    ribbon = STATUS_BITS["ribbon-out"] * (not now.ribbon)
    return bytes([_word(now.faults, STATUS_BITS) | PRINTING * now.busy | ribbon])


def _word(faults: Set[str], bits: Mapping[str, int]) -> int:
    word = 0
    for name in faults:
        word |= bits.get(name, 0)
    return word


def text(value: object) -> bytes:
    """OUT."""
    return f"{value}\r\n".encode("latin-1", "replace")


def model(dpi: int, plate: Nameplate) -> bytes:
    """`~!T`."""
    return f"{plate.model or f'VIRTUAL-{dpi}'}\r".encode()


def basic_globals(plate: Nameplate) -> dict[bytes, object]:
    """What BASIC knows of the printer."""
    return {b"_SERIAL$": plate.serial_number, b"_VERSION$": plate.firmware or "V00.01 EZ"}
