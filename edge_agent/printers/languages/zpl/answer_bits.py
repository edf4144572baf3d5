"""What the bits of ZPL answers mean: rows, not code.

Sources: [HS] ZPL II Programming Guide 45541L-004, ~HS, and docs.zebra.com `~hs4.html`; [HQ] docs.zebra.com
`r-zpl-wq.html` (~HQES), compared with lprint `lprint-zpl.c`. An error bit without a row is one we do not know: it makes
`Fault.OTHER`, never health. A warning is the printer's own word that it goes on; one without a row is told as it came.
"""

from __future__ import annotations

from edge_agent.model.printer import Fault

ERRORS: dict[int, tuple[Fault, str]] = {  # [HQ] third group of the ERRORS line
    0x0000_0001: (Fault.MEDIA_OUT, "media out"),
    0x0000_0002: (Fault.RIBBON_OUT, "ribbon out"),
    0x0000_0004: (Fault.HEAD_OPEN, "head open"),
    0x0000_0008: (Fault.CUTTER, "cutter fault"),
    0x0000_0010: (Fault.HEAD_HOT, "print head over temperature"),
    0x0000_0020: (Fault.MOTOR_HOT, "motor over temperature"),
    0x0000_0040: (Fault.HEAD_ELEMENT, "bad print head element"),
    0x0000_0080: (Fault.HEAD_ELEMENT, "print head detection error"),
    0x0000_0100: (Fault.OTHER, "invalid firmware configuration"),
    0x0000_0200: (Fault.OTHER, "print head thermistor open"),
    0x0000_1000: (Fault.PAPER_JAM, "paper jam during retract"),
    0x0000_2000: (Fault.OTHER, "presenter not running"),
    0x0000_4000: (Fault.PAPER_JAM, "paper feed error"),
    0x0000_8000: (Fault.PAPER_JAM, "clear paper path failed"),
    0x0001_0000: (Fault.PAUSED, "paused"),
    0x0002_0000: (Fault.OTHER, "retract timed out"),
    0x0004_0000: (Fault.MEDIA_NOT_FOUND, "black mark calibration error"),
    0x0008_0000: (Fault.MEDIA_NOT_FOUND, "black mark not found"),
}

WARNINGS: dict[int, str] = {  # [HQ] third group of the WARNINGS line
    0x0000_0001: "calibrate media",
    0x0000_0002: "clean print head",
    0x0000_0004: "replace print head",
    0x0000_0008: "paper near end",
    **{0x10 << n: f"sensor {n + 1}" for n in range(8)},
}

HOST_STATUS_FLAGS: tuple[tuple[str, str, Fault], ...] = (  # [HS] letter of the manual, value at rest, fault otherwise
    ("b", "0", Fault.MEDIA_OUT),
    ("c", "0", Fault.PAUSED),
    ("f", "0", Fault.BUFFER_FULL),
    ("g", "0", Fault.OTHER),  # communications diagnostic mode: bytes are printed as hex
    ("i", "000", Fault.OTHER),  # "always 000"
    ("j", "0", Fault.RAM_CORRUPT),
    ("k", "0", Fault.HEAD_COLD),
    ("l", "0", Fault.HEAD_HOT),
    ("n", "0", Fault.OTHER),  # unused
    ("o", "0", Fault.HEAD_OPEN),
    (
        "p",
        "0",
        Fault.RIBBON_OUT,
    ),  # in thermal transfer only: a ZT230 (V72.20.01Z) that prints without one says 1 for ever
    ("v", "1", Fault.OTHER),  # "always 1"
)

SETTINGS_BITS = 0b1100_0001
"""[HS] `mmm`: bit 7 media type, bit 6 sensor profile, bit 0 print mode. Bit 5 is diagnostics, 1–4 are unused."""

TRANSFER_BIT = 0b0000_0001
"""Of `mmm`; `q` says the same."""

DOTS_PER_MM = {"6": 152, "8": 203, "12": 300, "24": 600}
"""~HI, third field → dpi."""
