"""Previews equal the print, dot for dot: the PNG read back, the PDF drawn by a renderer that is not ours."""

from __future__ import annotations

import random
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.render import raster
from edge_agent.render.preview import write_preview


def noise(width: int, height: int, seed: int = 1) -> Bitmap:
    image = Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))
    return raster.to_bitmap(image.point(lambda v: 255 if v > 127 else 0).convert("1", dither=Image.Dither.NONE))


@pytest.mark.parametrize(("width", "height", "dpi"), [(480, 320, 203), (709, 472, 300), (33, 7, 600)])
def test_png_equals_print(width: int, height: int, dpi: int, tmp_path: Path) -> None:
    bitmap = noise(width, height)
    write_preview(bitmap, dpi, tmp_path / "label.png")
    with Image.open(tmp_path / "label.png") as image:
        assert image.mode == "1"
        assert raster.to_bitmap(ImageChops.invert(image)) == bitmap
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)


@pytest.mark.parametrize(("width", "height", "dpi"), [(480, 320, 203), (709, 472, 300)])
def test_pdf_equals_print_and_has_the_size_of_the_label(width: int, height: int, dpi: int, tmp_path: Path) -> None:
    bitmap = noise(width, height)
    write_preview(bitmap, dpi, tmp_path / "label.PDF")
    document = pypdfium2.PdfDocument(tmp_path / "label.PDF")
    try:
        page = document[0]
        assert page.get_size() == pytest.approx((width * 72 / dpi, height * 72 / dpi), abs=0.01)
        scale = dpi / 72 * (1 - 1e-6)  # page sizes are decimals, and the renderer rounds up
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil().convert("L")
    finally:
        document.close()
    assert drawn.size == (width, height)
    black = drawn.point(lambda v: 255 if v < 128 else 0).convert("1", dither=Image.Dither.NONE)
    assert raster.to_bitmap(black) == bitmap


@pytest.mark.parametrize("name", ["label.jpg", "label", "label.png.exe"])
def test_other_formats_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"\.png or \.pdf"):
        write_preview(noise(8, 8), 203, tmp_path / name)


def test_a_file_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="can be written"):
        write_preview(noise(8, 8), 203, tmp_path / "nowhere" / "label.png")


@pytest.mark.parametrize("width", [1, 7, 8, 9, 33])
def test_bitmaps_pack_ink_first_bit_left_and_pad_with_paper(width: int) -> None:
    image = raster.blank(width, 2)
    image.putpixel((0, 0), raster.INK)
    image.putpixel((width - 1, 1), raster.INK)
    bitmap = raster.to_bitmap(image)
    assert bitmap.rows[0] & 0x80
    assert bitmap.rows[-1] == 0x80 >> (width - 1) % 8
    assert raster.to_image(bitmap).tobytes() == image.tobytes()
    assert raster.from_number(raster.to_number(bitmap), width, 2) == bitmap


def test_a_patch_covers_what_lies_under_it() -> None:
    under, patch = raster.to_bitmap(Image.new("1", (16, 4), raster.INK)), raster.to_bitmap(raster.blank(5, 2))
    laid = raster.to_image(raster.overlay(under, [Patch(3, 1, patch)]))
    assert laid.crop((3, 1, 8, 3)).getbbox() is None
    assert laid.histogram()[255] == 16 * 4 - 5 * 2
