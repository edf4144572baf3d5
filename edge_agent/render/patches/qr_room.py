"""This file says how many modules the QR codes of a run take before one is made: a layout needs their side, and no
picture of them."""

from __future__ import annotations

import re

from edge_agent.render.patches.qr_code import QUIET_MODULES, segments_of, version_of
from edge_agent.render.patches.qr_symbol import side_of
from edge_agent.render.raster import dots, dots_at_least
from edge_agent.render.templates.slots import AnyQr
from edge_agent.render.templates.stacked import QrItem
from label_protocol.codes import serial as serials

USUAL_HOST, USUAL_LOT = 20, 10
"""Characters of host and lot that templates are drawn for: version 4 at level M holds both (ISO/IEC 18004: 512 bits,
the link of such a label is 491)."""

BEARS_MM = 0.42
"""A module that bears one dot of gain with the weakest of three decoders, at 203 and at 300 dpi: label-quality.md."""

_LINK = re.compile(r"^(?P<scheme>https?://)(?P<host>[^/]+)(?P<item>/01/[^/]+)(?:/10/(?P<lot>[^/]+))?", re.IGNORECASE)


def modules_of(prefix: str, slot: AnyQr) -> int:
    """Modules on a side of the codes whose links are `prefix` and a serial.

    Raises:
        RenderError: no QR code can hold so long a link; names the slot.
    """
    return side_of(version_of(segments_of(prefix + "0" * serials.LENGTH), slot))


def host_and_lot(prefix: str) -> tuple[str, str]:
    """What makes a link long; no lot: an empty text."""
    found = _LINK.match(prefix)
    return (found["host"], found["lot"] or "") if found else (prefix, "")


def usual(prefix: str) -> str:
    """The same beginning of a link with host and lot cut to what templates are drawn for."""

    def cut(found: re.Match[str]) -> str:
        lot = f"/10/{found['lot'][:USUAL_LOT]}" if found["lot"] else ""
        return found["scheme"] + found["host"][:USUAL_HOST] + found["item"] + lot

    return _LINK.sub(cut, prefix)


def module_sizes(slot: QrItem, dpi: int) -> range:
    """The widths of a module, in whole dots, that the slot allows, the wished first."""
    least = dots_at_least(slot.min_x_mm, dpi)
    return range(max(least, dots(slot.x_mm, dpi)), least - 1, -1)


def modules_in_turn(slot: QrItem, dpi: int) -> tuple[range, range]:
    """`module_sizes`, those apart that bear no dot of gain: only when nothing else holds everything."""
    sizes, bears = module_sizes(slot, dpi), dots_at_least(BEARS_MM, dpi)
    bearing = sum(size >= bears for size in sizes)
    return sizes[:bearing], sizes[bearing:]


def sides_dots(modules: int, module_dots: int) -> tuple[int, int]:
    """Width of the symbol, and of the quiet zone on each side."""
    return modules * module_dots, QUIET_MODULES * module_dots
