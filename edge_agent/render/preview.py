"""A preview shows the very dots that would be printed, as PNG, or as PDF at the label's physical size."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.raster import checked_dpi, to_image

FORMATS = {".png": "PNG", ".pdf": "PDF"}


def write_preview(bitmap: Bitmap, dpi: int, path: Path) -> None:
    """Write a 1-bit PNG (with its resolution) or a one-page PDF whose page is the label in millimetres.

    Raises:
        RenderError: another suffix, or a file that cannot be written.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise RenderError(
            f"preview {path.name}: expected a name ending in .png or .pdf, got {path.suffix!r}; rename it"
        )
    image = _black_on_white(bitmap)
    try:
        if form == "PNG":
            image.save(path, form, dpi=(checked_dpi(dpi), dpi))
        else:
            image.save(path, form, resolution=float(checked_dpi(dpi)))
    except OSError as cause:
        raise RenderError(
            f"preview {path.name}: expected a file that can be written, got {cause}; check the folder"
        ) from cause


def pages_as_pdf(bitmaps: Sequence[Bitmap], dpi: int, title: str) -> bytes:
    """A PDF of 1-bit pages (CCITT group 4, lossless), each at its physical size. The same pages give the same bytes: no
    time of day is written in. Pages are added one by one, since open pictures take eight times their dots."""
    file = BytesIO()
    for number, bitmap in enumerate(bitmaps):
        said = {"title": title, "creationDate": None, "modDate": None} if number == 0 else {}
        image = _black_on_white(bitmap)
        image.save(file, "PDF", append=number > 0, resolution=float(checked_dpi(dpi)), **said)
    return file.getvalue()


def _black_on_white(bitmap: Bitmap) -> Image.Image:
    """A file's set pixel is white, ours is ink."""
    return ImageChops.invert(to_image(bitmap))
