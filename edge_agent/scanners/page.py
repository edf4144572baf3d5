"""The page that is printed beside a scanner: what it has to be set to, how its make is set, and a code that shows on
the scanner's page of this agent whether it is. A4, for an office printer. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from edge_agent.messages.text import Words
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.badge_card import qr_modules
from edge_agent.render.page import box_of
from edge_agent.render.preview import pages_as_pdf
from edge_agent.render.raster import INK, blank, dots, to_bitmap
from edge_agent.render.type.fonts import Weight, check_glyphs, face
from edge_agent.render.type.lines import tokens, wrap
from edge_agent.render.type.text import Style, block_dots, paint_lines
from edge_agent.scanners.makes import MAKES, SETTINGS, TEST_CODE, key_name

PAGE_MM = (210.0, 297.0)
MARGIN_MM = 15.0
QR_MM = 42.0
OFFICE_DPI = 300


@dataclass(frozen=True, slots=True)
class _Text:
    words: str
    char_mm: float = 3.0
    after_mm: float = 1.6
    weight: Weight = "regular"


def scanner_page(prefix: str, address: str, dpi: int) -> Bitmap:
    """The page for a prefix; `address` is where the scanner's page of the agent is. Raises RenderError: a glyph that is
    not there."""
    image = blank(dots(PAGE_MM[0], dpi), dots(PAGE_MM[1], dpi))
    top_mm = MARGIN_MM
    for text in (*_head(prefix), *_makes(prefix), *_test(address)):
        top_mm = _paint(image, text, top_mm, dpi)
    for place in qr_modules(TEST_CODE, box_of((MARGIN_MM, top_mm), (QR_MM, QR_MM), dpi)):
        image.paste(INK, place)
    return to_bitmap(image)


def scanner_pdf(prefix: str, address: str) -> bytes:
    """The page as a PDF. Raises as `scanner_page`."""
    return pages_as_pdf([scanner_page(prefix, address, OFFICE_DPI)], OFFICE_DPI, "扫描枪设置 scanner set-up")


def _paint(image: Image.Image, text: _Text, top_mm: float, dpi: int) -> float:
    """Paints a paragraph; gives where the next begins."""
    check_glyphs(text.words, "scanner page")
    face_ = face(dots(text.char_mm, dpi), text.weight)
    width_mm, height_mm = PAGE_MM[0] - 2 * MARGIN_MM, PAGE_MM[1] - MARGIN_MM - top_mm
    box = box_of((MARGIN_MM, top_mm), (width_mm, height_mm), dpi)
    lines = wrap(tokens(text.words), face_, box.width_dots)
    paint_lines(image, face_, lines, box, Style(face_.height_dots, face_.height_dots, text.weight))
    return top_mm + block_dots(lines, face_) * 25.4 / dpi + text.after_mm


def _head(prefix: str) -> Iterator[_Text]:
    yield _Text("扫描枪设置 · Scanner set-up", 6.0, 4.0, "bold")
    yield _Text("每把枪照这样设置 · Set every scanner like this", 3.6, 2.0, "bold")
    key = key_name(prefix)
    for at, row in enumerate(SETTINGS, 1):
        yield _Text(f"{at}. {Words(row.zh.format(prefix=key.zh), row.en.format(prefix=key.en))}")


def _makes(prefix: str) -> Iterator[_Text]:
    told = Words(
        "前缀怎么设：在该品牌手册里依次扫这些设置码", "How to set the prefix: scan these bars of the maker's manual"
    )
    yield _Text("", 1.0, 2.0)
    yield _Text(str(told), 3.6, 2.0, "bold")
    for make in MAKES:
        how = make.how(prefix)
        yield _Text(f"{make.zh} {make.en}：{how.zh}", 3.0, 0.8, "bold")
        yield _Text(f"{how.en}（{make.source}）", 2.4, 2.2)
    yield _Text(
        "其他品牌（优库等）：照上面的要求，用它自己的手册设置 · Other makes: by their own manual, to the settings above"
    )


def _test(address: str) -> Iterator[_Text]:
    yield _Text("", 1.0, 2.0)
    yield _Text("设好了吗？扫下面的码 · Is it right? Scan this code", 3.6, 2.0, "bold")
    yield _Text(f"先打开 first open: {address}")
