"""A badge as a card of 60×40 mm: its code as a QR, and whose it is. Pure.

The code is in capitals, digits and `-`, which a QR code holds in its alphanumeric mode (ISO/IEC 18004): 22
characters are version 2 at level M. Its modules are as large as the card lets them, because badges get scratched.
"""

from __future__ import annotations

import segno

from edge_agent.model.bitmap import Bitmap
from edge_agent.render.box import Box
from edge_agent.render.page import box_of
from edge_agent.render.raster import INK, blank, dots, to_bitmap
from edge_agent.render.type.lines import tokens
from edge_agent.render.type.text import Style, fit, paint_lines

CARD_MM = (60.0, 40.0)
QUIET_MODULES = 4
"""What ISO/IEC 18004 asks for."""


def badge_card(code: str, name: str, role: str, dpi: int) -> Bitmap:
    """The card at a printer's resolution. Raises RenderError: a name that does not fit, or has no glyph."""
    image = blank(dots(CARD_MM[0], dpi), dots(CARD_MM[1], dpi))
    for place in qr_modules(code, box_of((1.0, 3.0), (34.0, 34.0), dpi)):
        image.paste(INK, place)
    for text, top_mm, height_mm, char_mm in ((name, 6.0, 16.0, 5.0), (role, 24.0, 12.0, 3.0)):
        box = box_of((36.0, top_mm), (23.0, height_mm), dpi)
        style = Style(dots(char_mm, dpi), dots(1.8, dpi))
        face, lines = fit(tokens(text), box, style, "badge", dpi)
        paint_lines(image, face, lines, box, style)
    return to_bitmap(image)


def qr_modules(code: str, box: Box) -> list[tuple[int, int, int, int]]:
    """The dark modules as rectangles in dots, the symbol in the middle of its box with its quiet zone."""
    rows = [list(row) for row in segno.make(code, error="m", micro=False).matrix]
    module = box.width_dots // (len(rows) + 2 * QUIET_MODULES)
    left = box.left_dots + (box.width_dots - module * len(rows)) // 2
    top = box.top_dots + (box.height_dots - module * len(rows)) // 2
    return [
        (left + x * module, top + y * module, left + (x + 1) * module, top + (y + 1) * module)
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    ]
