"""Rows into a PCX file, the one form in which EPL2 stores a picture (GM).

A 1-bit PCX has one plane; 0 is black and 1 is white (ZSoft PCX File Format, the two-colour palette), so our rows are
turned over. The picture is made whole bytes wide, the columns gained white: a firmware that prints whole bytes then
prints no bar at the right edge.
"""

from __future__ import annotations

import io

from PIL import Image

from edge_agent.model.bitmap import Bitmap


def encode(bitmap: Bitmap, *, inverted: bool = False) -> bytes:
    """The file: 128 bytes of header, then run lengths. `inverted`: for a printer that has black and white swapped."""
    mode = "1" if inverted else "1;I"
    picture = Image.frombytes("1", (bitmap.stride * 8, bitmap.height_dots), bitmap.rows, "raw", mode)
    file = io.BytesIO()
    picture.save(file, "PCX")
    return file.getvalue()
