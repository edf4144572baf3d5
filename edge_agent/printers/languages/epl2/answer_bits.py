"""What EPL2 numbers mean: rows, not code.

Sources: [EPL] EPL Programming Guide 14245L-001 Rev. A, page; [UQ] four configuration print-outs (firmware V4.29, V4.45,
V4.59, V4.70.1A) in WebZLP's `docs/epl/observed_configs.md`. A code without a row is a code we do not know: it makes
`Fault.OTHER`, never health. Codes 13 to 16 have none on purpose: WebZLP has 13 as a hot head, Intermec's ESim as a
label-taken sensor in error, and the Zebra guide does not list them.
"""

from __future__ import annotations

from edge_agent.model.printer import Fault

OK = 0
BUSY = 50
PAUSED = 12

CODES: dict[int, tuple[frozenset[Fault], str]] = {  # [EPL] p. 173, ^ee
    OK: (frozenset(), "no error"),
    1: (frozenset({Fault.OTHER}), "syntax error"),
    2: (frozenset({Fault.OTHER}), "object exceeded label border"),
    3: (frozenset({Fault.OTHER}), "bar code data length error"),
    4: (frozenset({Fault.OTHER}), "insufficient memory to store data"),
    5: (frozenset({Fault.OTHER}), "memory configuration error"),
    6: (frozenset({Fault.OTHER}), "RS-232 interface error"),
    7: (frozenset({Fault.MEDIA_OUT, Fault.RIBBON_OUT}), "paper or ribbon empty"),  # the code does not tell which
    8: (frozenset({Fault.OTHER}), "duplicate name"),
    9: (frozenset({Fault.OTHER}), "name not found"),
    10: (frozenset({Fault.OTHER}), "not in data entry mode"),
    11: (frozenset({Fault.HEAD_OPEN}), "print head up"),
    PAUSED: (frozenset({Fault.PAUSED}), "paused, or paused in peel mode"),  # nor does this one: pause key, or a label
    BUSY: (frozenset(), "busy processing"),
    80: (frozenset({Fault.OTHER}), "undefined error"),
    81: (frozenset({Fault.CUTTER}), "cutter jammed"),
    82: (frozenset({Fault.MEDIA_NOT_FOUND}), "autosense or sensor failure"),
    83: (frozenset({Fault.OTHER}), "illegal interrupt"),
    84: (frozenset({Fault.MEDIA_NOT_FOUND}), "excessive media feeding"),
}

ACK, DLE, NACK = 0x06, 0x10, 0x15
"""[EPL] p. 157 US, p. 159 UT: label printed (or taken), label at the peel bar, error. DLE comes with UT only."""

GAP_DOTS: dict[int, tuple[int, int]] = {203: (16, 240), 300: (18, 240)}
"""[EPL] p. 137, Q: least and most dots of a gap or black line, by dpi."""

FORM_DOTS = 65_535
"""[EPL] p. 137, Q: longest label."""

DARKNESS = 15
"""[EPL] p. 86, D: 0 to 15."""


def faults_of(code: int) -> frozenset[Fault]:
    """What `code` means; `Fault.OTHER` for a code without a row."""
    return CODES[code][0] if code in CODES else frozenset({Fault.OTHER})
