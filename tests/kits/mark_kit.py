"""A certified mark for the tests: made here, nobody's, and unlike any real one."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from PIL import Image, ImageDraw


def mark_png(side: int = 400, *, lines: int = 0, colour: str = "black", paper: str | None = "white") -> bytes:
    """A ring around a triangle; with `lines` a comb of so many fine lines below. `paper` None: transparent."""
    image = Image.new("RGBA", (side, side), paper or (0, 0, 0, 0))
    pen, edge = ImageDraw.Draw(image), side // 20
    pen.ellipse((edge, edge, side - edge, side - edge), outline=colour, width=side // 10)
    pen.polygon([(side // 2, side // 3), (side // 3, side * 2 // 3), (side * 2 // 3, side * 2 // 3)], fill=colour)
    for number in range(lines):
        pen.line((edge + 4 * number, side * 3 // 4, edge + 4 * number, side - edge), fill=colour, width=1)
    return file_of(image)


def file_of(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def certified(data: bytes, **other: Any) -> dict[str, Any]:
    """`product.carbon_mark` of a record, with the hash of this artwork."""
    stated = {"certificate_no": "示例-CFP-0001", "body": "示例认证中心", "value": "35.88", "declared_unit": "1 件"}
    return {**stated, "valid_to": "2027-06-30", "artwork_sha256": sha256_of(data), **other}
