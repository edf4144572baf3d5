"""This file says how many modules the QR codes of a run take before one is encoded: a layout needs their side, and no
picture of them."""

from __future__ import annotations

from typing import Any

from segno import consts, encoder

from edge_agent.errors import RenderError
from edge_agent.render.patches.qr_code import QUIET_MODULES
from edge_agent.render.raster import dots, dots_at_least
from edge_agent.render.templates.stacked import QrItem
from label_protocol.codes import serial as serials

_ECC = {"L": consts.ERROR_LEVEL_L, "M": consts.ERROR_LEVEL_M, "Q": consts.ERROR_LEVEL_Q, "H": consts.ERROR_LEVEL_H}
_untyped: Any = encoder
_SCHEME = "https://"


def modules_of(prefix: str, ecc: str, name: str) -> int:
    """Modules on a side of the codes whose links are `prefix` and a serial.

    Raises:
        RenderError: no QR code can hold so long a link; names the slot.
    """
    text = prefix + "0" * serials.LENGTH
    head = len(_SCHEME) if text.startswith(_SCHEME) else 0
    alphanumeric = [(text[:head], consts.MODE_BYTE), (text[head:], consts.MODE_ALPHANUMERIC)]
    spelt = set(text[head:].encode()) <= set(consts.ALPHANUMERIC_CHARS)
    parts = [one for one in alphanumeric if one[0]] if spelt else [(text, consts.MODE_BYTE)]
    try:
        segments = _untyped.prepare_data(parts, None, None)
        return 17 + 4 * int(_untyped.find_version(segments, _ECC[ecc], eci=False, micro=False))
    except ValueError as cause:
        raise RenderError(f"slot {name}: expected a link a QR code can hold, got {len(text)} characters") from cause


def module_sizes(slot: QrItem, dpi: int) -> range:
    """The widths of a module, in whole dots, that the slot allows, the wished first."""
    least = dots_at_least(slot.min_x_mm, dpi)
    return range(max(least, dots(slot.x_mm, dpi)), least - 1, -1)


def sides_dots(modules: int, module_dots: int) -> tuple[int, int]:
    """Width of the symbol, and of the quiet zone on each side."""
    return modules * module_dots, QUIET_MODULES * module_dots
