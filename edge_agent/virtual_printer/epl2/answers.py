"""What the firmware says.

Sources: ^ee, UG, US as in the EPL Programming Guide 14245L-001 (p. 173, 151, 157); UQ as in the print-out of firmware
V4.29 in WebZLP's `docs/epl/observed_configs.md`; XOFF behind an error report and XON on recovery as in Intermec's ESim
reference for the EasyCoder C4, p. 57, and in the Zebra guide's eR, mode 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.virtual_printer.epl2.canvas import Settings
from edge_agent.virtual_printer.nameplate import Nameplate

ACK, NACK, XON, XOFF = b"\x06", b"\x15", b"\x11", b"\x13"

CODES = {"head-open": 11, "media-out": 7, "ribbon-out": 7, "cutter-jam": 81, "paper-jam": 84, "pause": 12}
"""^ee by fault, what a user would see first. A hot head has no code: the printer is busy until it is cool."""

PAUSED, BUSY = 12, 50


def fault_code(active: Iterable[str]) -> int:
    """The code of the first fault there is; 0: none."""
    faults = set(active)
    return next((code for name, code in CODES.items() if name in faults), 0)


def status(code: int) -> bytes:
    """^ee."""
    return b"%02d\r\n" % code


def report(code: int, labels_left: int) -> bytes:
    """US, on an error; code 0: it is over."""
    if not code:
        return XON
    left = b"P%03d" % min(labels_left, 999) if code == CODES["media-out"] else b""
    return NACK + b"%02d%b" % (code, left) + XOFF


def graphics(names: Iterable[str]) -> bytes:
    """UG."""
    lines = [name.encode("latin-1") for name in names]
    return b"".join(line + b"\r\n" for line in (b"%03d" % len(lines), *lines))


def configuration(settings: Settings, used_bytes: int, free_bytes: int, plate: Nameplate) -> bytes:
    """UQ; without a serial number it has no line for it, as firmware V4.45."""
    x, y = settings.reference
    lines = (
        f"{plate.model or 'UKQ1935HLU':<15}{plate.firmware or 'V4.29'}",
        *([f"S/N: {plate.serial_number}"] if plate.serial_number else []),
        "Serial port:96,N,8,1",
        "Image buffer size:0245K",
        "Fmem:000.0K,060.9K avl",
        f"Gmem:{used_bytes // 1024:03d}K,{free_bytes // 1024:04d}K avl",
        "Emem:031K,0037K avl",
        f"I{settings.code_page} rY {'JF' if settings.backs_up else 'JB'} WY",
        f"S{settings.speed} D{settings.darkness:02d} R{x:03d},{y:03d} {'ZB' if settings.bottom_up else 'ZT'} "
        f"{'US' if settings.reports else 'UN'}",
        f"q{settings.width_dots} Q{settings.length_dots},{settings.gap.decode()}",
        f"Option:{'D,' if settings.direct else ''}Ff",
        "oEv,w,x,y,z",
        "06 10 14",
    )
    return "".join(line + "\r\n" for line in lines).encode()
