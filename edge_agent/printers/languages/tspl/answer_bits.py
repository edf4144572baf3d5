"""What the bits of TSPL answers mean: rows, not code.

Sources: [S] TSC Bar Code Printer Series Programming Manual, `<ESC>!S`, as in the TTP-244 Plus manual p.97 (firmware
V6.29 EZ and later); [Q] Gprinter GP-2120T manual p.34, `<ESC>!?`, the same bits as TSC's; [2] a public summary of the
TSPL/TSPL2 manual, second hand. An error bit without a row is one we do not know: it makes `Fault.OTHER`, never health.
A warning bit without a row is told, and stops nothing.
"""

from __future__ import annotations

from edge_agent.model.printer import Fault

READY = 0x00
PRINTING = 0x20

STATUS_BITS: dict[int, tuple[Fault, str]] = {  # [Q]
    0x01: (Fault.HEAD_OPEN, "head open"),
    0x02: (Fault.PAPER_JAM, "paper jam"),
    0x04: (Fault.MEDIA_OUT, "out of paper"),
    0x08: (Fault.RIBBON_OUT, "out of ribbon"),
    0x10: (Fault.PAUSED, "pause"),
    0x40: (Fault.HEAD_OPEN, "cover open (option)"),
    0x80: (Fault.OTHER, "temperature out of range (option); whether hot or cold is not told"),
}

OUT_OF_RIBBON = 0x08
"""Of [Q]; its manual is that of a printer that has no ribbon."""

IDLE = "@"
WAITING_TO_BE_TAKEN = "L"

MESSAGES: dict[str, tuple[Fault | None, str]] = {  # [S] s1
    "@": (None, "normal"),
    "`": (Fault.PAUSED, "pause"),
    "B": (None, "backing label"),
    "C": (None, "cutting"),
    "E": (Fault.OTHER, "printer error"),
    "F": (None, "form feed"),
    "K": (Fault.PAUSED, "waiting for the print key"),
    "L": (None, "waiting for the label to be taken"),
    "P": (None, "printing batch"),
    "W": (None, "imaging"),
}
ERROR_MESSAGE = "E"
"""s1 that only says: see s3 and s4."""

WARNINGS: dict[int, tuple[Fault | None, str]] = {  # [S] s2; what has no fault, [2]: the TTP-244 Plus reserves these
    0x01: (None, "paper low"),
    0x02: (None, "ribbon low"),
    0x08: (Fault.BUFFER_FULL, "receive buffer full"),
}

DEVICE_ERRORS: dict[int, tuple[Fault, str]] = {  # [S] s3
    0x01: (Fault.HEAD_HOT, "head overheat"),
    0x02: (Fault.MOTOR_HOT, "stepping motor overheat"),
    0x04: (Fault.HEAD_ELEMENT, "print head error"),
    0x08: (Fault.CUTTER, "cutter jam"),
    0x10: (Fault.OTHER, "insufficient memory"),
}

MEDIA_ERRORS: dict[int, tuple[Fault, str]] = {  # [S] s4
    0x01: (Fault.MEDIA_OUT, "paper empty"),
    0x02: (Fault.PAPER_JAM, "paper jam"),
    0x04: (Fault.RIBBON_OUT, "ribbon empty"),
    0x08: (Fault.OTHER, "ribbon jam"),
    0x20: (Fault.HEAD_OPEN, "head open"),
}

RIBBON_EMPTY = 0x04
"""Of s4."""

FIELD_BITS = 0x3F
"""[S] s2, s3 and s4 are bits upon `@` (0x40): any other byte is no answer."""
