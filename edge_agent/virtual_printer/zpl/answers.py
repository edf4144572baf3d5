"""What the firmware says, in the forms real printers use.

Sources: ~HS, ~HI and ^HW as in the ZPL II Programming Guide 45541L-004; the layout of ^HW after a ZD230 (V89.21.46Z);
~HQES as docs.zebra.com shows it; SGD as the SGD manual shows it (`"31084"`), `"?"` for an unknown name. What a printer
without a ribbon says: capture of a ZT230 (V72.20.01Z) set to direct thermal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge_agent.virtual_printer.nameplate import Nameplate

ERROR_BITS = {
    "media-out": 0x1,
    "ribbon-out": 0x2,
    "head-open": 0x4,
    "cutter-jam": 0x8,
    "head-hot": 0x10,
    "paper-jam": 0x4000,  # "paper feed error", the nearest there is; docs.zebra.com names it for the KR403 only
    "pause": 0x1_0000,
}
PRINT_MODES = {"rewind": 0, "peel": 1, "tear": 2, "cut": 3}
"""~HS, field r."""

SILENT_IN = frozenset({"media-out", "ribbon-out", "head-open", "head-hot"})
"""Where ~HS stays unanswered, by docs.zebra.com `~hs4.html`; it does not name the cutter and the jam."""


@dataclass(frozen=True, slots=True)
class Moment:
    """All that a status answer tells."""

    faults: frozenset[str]
    label_length_dots: int
    formats_waiting: int
    buffer_full: bool
    partial_format: bool
    labels_remaining: int
    graphics_stored: int
    handling: str
    label_waiting: bool
    continuous: bool
    transfer: bool = True
    ribbon: bool = True
    diagnosing: bool = False


def host_status(now: Moment) -> bytes:
    """~HS: three frames."""
    first = (
        f"030,{'media-out' in now.faults:d},{'pause' in now.faults:d},{min(now.label_length_dots, 9999):04d},"
        f"{min(now.formats_waiting, 999):03d},{now.buffer_full:d},{now.diagnosing:d},{now.partial_format:d},000,0,0,"
        f"{'head-hot' in now.faults:d}"
    )
    second = (
        f"{128 * now.continuous + now.transfer:03d},0,{'head-open' in now.faults:d},"
        f"{'ribbon-out' in now.faults or not now.ribbon:d},{now.transfer:d},"
        f"{PRINT_MODES[now.handling]},4,{now.label_waiting:d},"
        f"{min(now.labels_remaining, 99_999_999):08d},1,{min(now.graphics_stored, 999):03d}"
    )
    return b"".join(b"\x02%b\x03\r\n" % text.encode() for text in (first, second, "0000,0"))


WITHOUT_RIBBON = 0x2000
"""~HQES, warnings: documented nowhere; seen beside a direct-thermal printer's ribbon flag."""


def error_words(faults: Iterable[str], warnings: int = 0) -> bytes:
    """~HQES."""
    word = sum(ERROR_BITS.get(name, 0) for name in faults)
    text = (
        "\r\n\r\n  PRINTER STATUS                              \r\n"
        f"   ERRORS:         {word > 0:d} 00000000 {word:08X}         \r\n"
        f"   WARNINGS:       {warnings > 0:d} 00000000 {warnings:08X}         \r\n"
    )
    return b"\x02%b\x03\r\n" % text.encode()


def identity(dpi: int, ram_bytes: int, plate: Nameplate) -> bytes:
    """~HI."""
    dots_per_mm = {152: 6, 203: 8, 300: 12, 600: 24}.get(dpi, round(dpi / 25.4))
    name = f"{plate.model or f'VIRTUAL-{dpi}dpi'},{plate.firmware or 'V00.01.00Z'}"
    return f"\x02{name},{dots_per_mm},{ram_bytes // 1024}KB\x03\r\n".encode()


def directory(pattern: str, sizes: Iterable[tuple[str, int]], free_bytes: int) -> bytes:
    """^HW."""
    lines = "".join(f"* {name:<12}{size:>10}          \r\n" for name, size in sizes)
    text = f"\r\n- DIR {pattern} \r\n{lines}\r\n- {free_bytes:>9} bytes free R: RAM \r\n"
    return b"\x02%b\x03" % text.encode()


def variable(name: str, values: Mapping[str, object]) -> bytes:
    """SGD getvar."""
    return f'"{values.get(name, "?")}"\r\n'.encode()
