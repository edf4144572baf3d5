"""This painter sets an SSCC as GS1-128: bars of whole dots, ten modules of paper on both sides, the number below.

Bars are encoded by `python-barcode`, which takes code set C for the digits; the tests hold it against zint, module for
module, and against a decoder of another make. Printer languages have bars of their own; they are not used, as no text
of theirs is: preview equals print, and a bar is as wide on every make of printer.

Sources: GS1 General Specifications, release 18: 5.4.4.2, quiet zones of 10 modules; 5.9.3, table 5, modules from 0.495
to 0.94 mm and bars of at least 31.75 mm on logistic units; 4.14, the number for the eye.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from barcode.codex import Gs1_128

from edge_agent.errors import RenderError
from edge_agent.render.box import Box
from edge_agent.render.facts import value
from edge_agent.render.page import Page, Piece
from edge_agent.render.raster import dots, dots_at_least, millimetres
from edge_agent.render.templates.stacked import SsccItem
from edge_agent.render.type.fonts import Face, face
from edge_agent.render.type.text import block_dots
from label_protocol.codes.sscc import LENGTH, element_string, readable

QUIET_MODULES = 10
MODULES = 156
"""Start C, FNC1, ten pairs of digits, the check: 13 characters of 11 modules, and the stop of 13."""
_BELOW_MM = 1.0
"""Paper between the bars and the number."""
_WIDEST = "0" * LENGTH


def width_dots(module_dots: int) -> int:
    """Bars and quiet zones."""
    return (MODULES + 2 * QUIET_MODULES) * module_dots


def module_sizes(slot: SsccItem, dpi: int) -> tuple[int, int]:
    """The least and the wished width of a module, in whole dots."""
    least = dots_at_least(slot.min_x_mm, dpi)
    return least, max(least, dots(slot.x_mm, dpi))


def height_dots(slot: SsccItem, char: int, dpi: int) -> int:
    """Bars, paper, and the number at a character height."""
    return dots_at_least(slot.bar_mm, dpi) + dots(_BELOW_MM, dpi) + block_dots([_below(_WIDEST)], _face(slot, char))


def paint_sscc(slot: SsccItem, page: Page, box: Box) -> None:
    """The bars in the middle of their box, with the number below.

    Raises:
        RenderError: the box is too narrow for modules of the least width.
    """
    sscc = value("carton.sscc", page.facts)
    if sscc is None:
        return
    least, wish = module_sizes(slot, page.dpi)
    module = min(wish, box.width_dots // (MODULES + 2 * QUIET_MODULES))
    if module < least:
        need, got = (f"{millimetres(one, page.dpi):.1f} mm" for one in (width_dots(least), box.width_dots))
        raise RenderError(
            f"部位 {slot.name} 太窄：条码连两边的空白要 {need}，只有 {got}，请换宽一点的标签 · slot {slot.name}: "
            f"expected {need} for the bars and their quiet zones, got {got}; use a wider label"
        )
    left = box.left_dots + (box.width_dots - MODULES * module) // 2
    bottom = box.top_dots + dots_at_least(slot.bar_mm, page.dpi)
    for start, end in _bars(sscc):
        page.fill(Box(left + start * module, box.top_dots, left + end * module, bottom))
    page.note(slot.name, Piece.BARCODE, sscc, Box(left, box.top_dots, left + MODULES * module, bottom))
    _paint_number(slot, page, box, sscc, bottom)


def _paint_number(slot: SsccItem, page: Page, box: Box, sscc: str, below: int) -> None:
    face_ = _face(slot, page.style_of(slot).height_dots)
    text = readable(sscc)
    left = box.left_dots + (box.width_dots - face_.width_dots(text)) // 2
    page.sizes[slot.name] = face_.height_dots
    page.run(slot.name, face_, text, left, below + dots(_BELOW_MM, page.dpi) + face_.rise_dots(text))


def _face(slot: SsccItem, char: int) -> Face:
    return face(char, slot.weight)


def _below(sscc: str) -> str:
    return f"(00){sscc}"


@lru_cache(maxsize=64)
def _bars(sscc: str) -> tuple[tuple[int, int], ...]:
    """First module of each bar, and the one behind it."""
    modules = Gs1_128(element_string(sscc)).build()[0]
    found, at = [], 0
    for ink, run in groupby(modules):
        width = len(list(run))
        if ink == "1":
            found.append((at, at + width))
        at += width
    return tuple(found)
