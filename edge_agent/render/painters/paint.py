"""A table names the painter of each kind of slot that is equal on all labels. Without its facts a slot stays empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge_agent.render.facts import fill, value
from edge_agent.render.page import Page, inset
from edge_agent.render.painters.bars import paint_sscc
from edge_agent.render.painters.care import paint_care
from edge_agent.render.painters.contents import paint_contents
from edge_agent.render.painters.indicators import paint_indicators
from edge_agent.render.painters.mark import paint_mark
from edge_agent.render.painters.stacked import paint_captioned
from edge_agent.render.painters.tables import paint_composition, paint_fields
from edge_agent.render.raster import INK, PAPER, dots
from edge_agent.render.templates.slots import AnyBox, AnyText
from edge_agent.render.type.lines import tokens
from edge_agent.render.type.text import Box, fit


def paint_text(slot: AnyText, page: Page, outer: Box) -> None:
    """One text, black on white or white on a filled box. Raises RenderError: it does not fit at the least size."""
    text = fill(slot.text, page.facts, slot.name)
    if text is None or (slot.when is not None and value(slot.when, page.facts) is None):
        return
    inner = inset(outer, dots(slot.pad_mm, page.dpi))
    style = page.style_of(slot)
    face_, lines = fit(tokens(text), inner, style, slot.name, page.dpi)
    if slot.inverse:
        page.fill(outer)
    page.lines(slot.name, face_, lines, inner, style, PAPER if slot.inverse else INK)
    page.sizes[slot.name] = face_.height_dots


def paint_box(slot: AnyBox, page: Page, box: Box) -> None:
    """A frame, or a filled box; never thinner than one dot."""
    right, bottom = max(box.right_dots, box.left_dots + 1), max(box.bottom_dots, box.top_dots + 1)
    box = Box(box.left_dots, box.top_dots, right, bottom)
    if slot.stroke_mm:
        page.frame(box, max(1, dots(slot.stroke_mm, page.dpi)))
    else:
        page.fill(box)


Painter = Callable[[Any, Page, Box], None]

PAINTERS: Mapping[str, Painter] = {
    "text": paint_text,
    "fields": paint_fields,
    "composition": paint_composition,
    "indicators": paint_indicators,
    "box": paint_box,
    "care": paint_care,
    "mark": paint_mark,
}

STACKED_PAINTERS: Mapping[str, Painter] = {
    **PAINTERS,
    "fields": paint_captioned,
    "composition": paint_captioned,
    "sscc": paint_sscc,
    "contents": paint_contents,
}
"""Those of templates of format 2."""
