"""The test label shows darkness, position and dead dots: a frame, diagonals, and bars one to eight dots wide."""

from __future__ import annotations

from PIL import ImageDraw

from edge_agent.model.bitmap import Bitmap
from edge_agent.render.raster import INK, blank, dots, to_bitmap


def alignment_picture(width_mm: float, height_mm: float, dpi: int) -> Bitmap:
    """The picture at a printer's resolution. The frame lies one millimetre inside the edge."""
    width, height, margin = dots(width_mm, dpi), dots(height_mm, dpi), dots(1.0, dpi)
    image = blank(width, height)
    pen = ImageDraw.Draw(image)
    box = (margin, margin, width - margin - 1, height - margin - 1)
    pen.rectangle(box, outline=INK, width=2)
    pen.line((box[0], box[1], box[2], box[3]), fill=INK, width=1)
    pen.line((box[0], box[3], box[2], box[1]), fill=INK, width=1)
    left = width // 3
    for thickness in range(1, 9):
        pen.rectangle((left, height // 3, left + thickness - 1, 2 * height // 3), fill=INK)
        left += 3 * thickness
    return to_bitmap(image)
