"""This file knows which characters the font has, and gives a face for every character height.

A font shows .notdef for a character it lacks and says nothing, so the font's own character map is asked first. The
file is read where it lies in its package; nothing is extracted.

Size is the height of the ink of 国, because that is what a ruler on the label measures; the em square is larger.
"""

from __future__ import annotations

import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from PIL import ImageFont

from edge_agent.errors import RenderError

Weight = Literal["regular", "bold"]

_FONT_PACKAGE = "pylopdf_fonts_zh_cn"
_FONT_FILE = "NotoSansSC-Regular.otf"
_RULER = "国"
_HANGER = "羊"
"""As high above the baseline as nine characters in ten; 国 is one or two dots lower."""
_BOLD_STROKE = 1 / 22
"""Thickness that `bold` adds to a stroke, as a share of the character height: Noto Sans Medium to Bold by eye."""
_KEPT_TEXTS = 2048
"""Of all sizes: a layout measures each text of a label about ten times before it stands."""
_KEPT_CHARACTERS = 1024
"""Measures kept for each face: asking FreeType takes 50 times as long, and fitting asks for each line many times."""


def font_path() -> Path:
    """Where the font lies."""
    return Path(str(files(_FONT_PACKAGE).joinpath(_FONT_FILE)))


def check_glyphs(text: str, slot: str) -> None:
    """Refuse control characters, and characters the font has no picture for.

    Raises:
        RenderError: names slot, character and code point.
    """
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise RenderError(
                f"部位 {slot} 的文字里有看不见的控制字符，请从资料里删去 · "
                f"slot {slot}: expected printable text, got the control character U+{ord(character):04X} "
                f"in {text[:20]!r}; remove it from the record"
            )
        if not _covers(ord(character)):
            raise RenderError(
                f"部位 {slot} 的“{character}”（U+{ord(character):04X}）字体里没有，请换一个写法 · "
                f"slot {slot}: expected characters the font has, got {character!r} (U+{ord(character):04X}) "
                f"in {text[:20]!r}; write it another way"
            )


class Face:
    """The font at one character height.

    `ascent_dots` is the ink of 国 above the baseline, `hang_dots` that of nearly all characters: first lines that hang
    so far from their slots' tops share a baseline. `bold_dots` is what a bold stroke is thicker.
    """

    def __init__(self, height_dots: int, weight: Weight) -> None:
        self.height_dots = height_dots
        self.font = _font(_pixel_size(height_dots))
        self.ascent_dots = -int(self.font.getbbox(_RULER, "1", anchor="ls")[1])
        self.bold_dots = max(1, round(height_dots * _BOLD_STROKE)) if weight == "bold" else 0
        self._extent = lru_cache(maxsize=_KEPT_CHARACTERS)(self._measured)
        self.hang_dots = max(self.ascent_dots, -self._extent(_HANGER).top)

    def width_dots(self, text: str) -> int:
        """Dots from pen start to the end of the ink or of the advance, whichever is further."""
        left, right = _span(self, text)
        return right - left + self.bold_dots * len(text)

    def overhang_dots(self, text: str) -> int:
        """Ink left of the pen's start."""
        return -_span(self, text)[0]

    def advance_dots(self, character: str) -> int:
        """How far the pen moves."""
        return self._extent(character).advance + self.bold_dots

    def descent_dots(self, text: str) -> int:
        """Ink below the baseline."""
        return max([0, *(self._extent(character).bottom for character in text)])

    def ink_top_dots(self, text: str) -> int:
        """Top of the ink above the baseline; for a text without ink, that of 国."""
        found = [self._extent(character) for character in text]
        top, bottom = min((one.top for one in found), default=0), max((one.bottom for one in found), default=0)
        return -top if bottom > top else self.ascent_dots

    def rise_dots(self, text: str) -> int:
        """Ink above the baseline, at least that of nearly all characters."""
        return max([self.hang_dots, *(-self._extent(character).top for character in text)])

    def span(self, text: str) -> tuple[int, int]:
        """First and last dot that ink or pen reach, from the pen's start: a text is as wide as its characters, since
        the font kerns nothing in this layout engine."""
        pen = left = right = 0
        for character in text:
            extent = self._extent(character)
            left, right = min(left, pen + extent.left), max(right, pen + extent.right)
            pen += extent.advance
        return left, right

    def _measured(self, character: str) -> _Extent:
        left, top, right, bottom = self.font.getbbox(character, "1", anchor="ls")
        advance = round(self.font.getlength(character, "1"))
        return _Extent(advance, int(left), int(top), max(advance, int(right)), int(bottom))


class _Extent(NamedTuple):
    """Of one character at one size, in dots from the pen on the baseline; right and down are positive."""

    advance: int
    left: int
    top: int
    right: int
    bottom: int


_span = lru_cache(maxsize=_KEPT_TEXTS)(Face.span)


@lru_cache(maxsize=256)
def face(height_dots: int, weight: Weight = "regular") -> Face:
    """The face whose 国 is at least `height_dots` high."""
    return Face(height_dots, weight)


@lru_cache(maxsize=256)
def _pixel_size(height_dots: int) -> int:
    size = height_dots
    while _ruler_dots(size) < height_dots:
        size += 1
    return size


def _ruler_dots(pixel_size: int) -> int:
    # The ink itself: getbbox rounds outwards, and legal sizes would come out a dot short.
    ink = _font(pixel_size).getmask(_RULER, "1").getbbox()
    return int(ink[3] - ink[1]) if ink else 0


@lru_cache(maxsize=256)
def _font(pixel_size: int) -> ImageFont.FreeTypeFont:
    # BASIC always: the other engine shapes text only where libfribidi is found, and dots would depend on the machine.
    return ImageFont.truetype(str(font_path()), pixel_size, layout_engine=ImageFont.Layout.BASIC)


def _covers(code_point: int) -> bool:
    starts, ends = _coverage()
    place = bisect_right(starts, code_point) - 1
    return place >= 0 and code_point <= ends[place]


@lru_cache(maxsize=1)
def _coverage() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First and last code points of the runs the font has (OpenType, table cmap, subtable format 12)."""
    with font_path().open("rb") as file:
        runs = sorted(_cmap_runs(file))
    return tuple(first for first, _ in runs), tuple(last for _, last in runs)


def _cmap_runs(file: BinaryIO) -> Iterator[tuple[int, int]]:
    cmap = _table(file, b"cmap")
    for number in range(struct.unpack_from(">H", cmap, 2)[0]):
        offset = struct.unpack_from(">I", cmap, 4 + 8 * number + 4)[0]
        if struct.unpack_from(">H", cmap, offset)[0] == 12:
            count = struct.unpack_from(">I", cmap, offset + 12)[0]
            for first, last, glyph in struct.iter_unpack(">III", cmap[offset + 16 : offset + 16 + 12 * count]):
                yield first + (glyph == 0), last  # glyph 0 is .notdef
            return
    raise RenderError(f"font {_FONT_FILE}: expected a format 12 character map, got none; install {_FONT_PACKAGE} again")


def _table(file: BinaryIO, tag: bytes) -> bytes:
    count = struct.unpack(">4xH6x", file.read(12))[0]
    for name, offset, length in struct.iter_unpack(">4s4xII", file.read(16 * count)):
        if name == tag:
            file.seek(offset)
            return file.read(length)
    raise RenderError(f"font {_FONT_FILE}: expected a table {tag.decode()}, got none; install {_FONT_PACKAGE} again")
