"""A draft to look at: the label as it would be, and a band above it that says that nobody may print it."""

from __future__ import annotations

from edge_agent.model.bitmap import Bitmap
from edge_agent.render.box import Box
from edge_agent.render.raster import INK, blank, dots, to_bitmap, to_image
from edge_agent.render.type.text import Style, fit, paint_lines

DRAFT_WORD = "草稿 DRAFT"
BAND_MM, LEAST_MM = 5.0, 1.0
PAPER = 0


def as_draft(bitmap: Bitmap, dpi: int) -> Bitmap:
    """The picture below a black band; not one of its own dots is another."""
    band = dots(BAND_MM, dpi)
    image = blank(bitmap.width_dots, bitmap.height_dots + band)
    image.paste(INK, (0, 0, bitmap.width_dots, band))
    image.paste(to_image(bitmap), (0, band))
    style = Style(band * 3 // 5, dots(LEAST_MM, dpi), "bold", "center", "middle", 1)
    box = Box(0, 0, bitmap.width_dots, band)
    face, lines = fit((DRAFT_WORD,), box, style, "draft", dpi)
    paint_lines(image, face, lines, box, style, PAPER)
    return to_bitmap(image)
