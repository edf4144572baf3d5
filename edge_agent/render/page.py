"""A page takes what painters put on a label and notes each piece by slot, words and box, so that a label can be read
back from its layout without looking at dots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from PIL import Image, ImageDraw

from edge_agent.render.facts import Facts
from edge_agent.render.raster import INK, PAPER, dots, dots_at_least
from edge_agent.render.type.fonts import Face
from edge_agent.render.type.text import Box, Style, paint_lines, paint_run, paint_spread


class Piece(StrEnum):
    """What a piece of a label is."""

    TEXT = "text"
    SYMBOL = "symbol"
    BAR = "bar"
    PICTURE = "picture"
    BARCODE = "barcode"


@dataclass(frozen=True, slots=True)
class Painted:
    """One piece as it lies on the label. `text` is a line of words, the code of a care symbol, a level's number of
    marks, a picture's SHA-256, or the number that bars hold; `height_dots` is the character height of text, else the
    height of the piece."""

    slot: str
    piece: Piece
    text: str
    box: Box
    height_dots: int


@dataclass(slots=True)
class Page:
    """What is painted on. `sizes` gathers the character height each text slot came out with, in dots; `painted` every
    piece. `spread`: tables may spread over their slot (a label that is as long as its content is cut instead).
    `chars` is how high the characters of a slot are at most where its layout decided that, in dots; `wrapped` the slots
    that stand below what they would stand beside, and so begin at the left edge; `run_in`: captions stand before their
    values and not in a column. `artwork` gives the uploaded file of a certified mark by its SHA-256 (`mark.py`)."""

    image: Image.Image
    dpi: int
    facts: Facts
    spread: bool = True
    chars: Mapping[str, int] = field(default_factory=dict)
    wrapped: frozenset[str] = frozenset()
    run_in: bool = False
    sizes: dict[str, int] = field(default_factory=dict)
    painted: list[Painted] = field(default_factory=list)
    artwork: Callable[[str], bytes | None] = lambda _sha256: None

    def style_of(self, slot: Any) -> Style:
        """How the slot's text is set on this page."""
        style = style_of(slot, self.dpi)
        if slot.name in self.wrapped and style.align == "right":
            style = replace(style, align="left")
        most_dots = self.chars.get(slot.name)
        return style if most_dots is None else replace(style, height_dots=most_dots)

    def run(self, slot: str, face_: Face, text: str, left: int, baseline: int) -> None:
        """One line of text, its pen at (`left`, `baseline`)."""
        self._note(slot, text, paint_run(self.image, face_, text, left, baseline), face_)

    def lines(self, slot: str, face_: Face, lines: list[str], box: Box, style: Style, ink: int = INK) -> None:
        """Fitted lines into their box."""
        for line, room in zip(lines, paint_lines(self.image, face_, lines, box, style, ink), strict=True):
            self._note(slot, line, room, face_)

    def spread_run(self, slot: str, face_: Face, text: str, left: int, baseline: int, width_dots: int) -> None:
        """A label spread over `width_dots`."""
        self._note(slot, text, paint_spread(self.image, face_, text, left, baseline, width_dots), face_)

    def note(self, slot: str, piece: Piece, text: str, box: Box) -> None:
        """A piece that is no text, put there by its painter."""
        self.painted.append(Painted(slot, piece, text, box, box.height_dots))

    def fill(self, box: Box, ink: int = INK) -> None:
        """A filled rectangle."""
        edges = (box.left_dots, box.top_dots, box.right_dots - 1, box.bottom_dots - 1)
        ImageDraw.Draw(self.image).rectangle(edges, fill=ink)

    def frame(self, box: Box, stroke_dots: int = 1) -> None:
        """A rectangle's edge, painted inwards; what is inside becomes paper."""
        self.fill(box, INK)
        inner = inset(box, stroke_dots)
        if inner.width_dots > 0 and inner.height_dots > 0:
            self.fill(inner, PAPER)

    def _note(self, slot: str, text: str, room: Box, face_: Face) -> None:
        self.painted.append(Painted(slot, Piece.TEXT, text, room, face_.height_dots))


def box_of(at_mm: tuple[float, float], size_mm: tuple[float, float], dpi: int) -> Box:
    """The dots of a rectangle. Edges are rounded, not lengths, so that slots that meet in millimetres meet in dots."""
    (left, top), (width, height) = at_mm, size_mm
    return Box(dots(left, dpi), dots(top, dpi), dots(left + width, dpi), dots(top + height, dpi))


def inset(box: Box, by_dots: int) -> Box:
    """The box, smaller by so many dots on each side."""
    left, top = box.left_dots + by_dots, box.top_dots + by_dots
    return Box(left, top, box.right_dots - by_dots, box.bottom_dots - by_dots)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them; ValueError for none."""
    found = list(boxes)
    return Box(
        min(box.left_dots for box in found),
        min(box.top_dots for box in found),
        max(box.right_dots for box in found),
        max(box.bottom_dots for box in found),
    )


def style_of(slot: Any, dpi: int) -> Style:
    """The text style a slot asks for, in dots; minimum sizes are rounded up."""
    return Style(
        max(dots(slot.char_mm, dpi), dots_at_least(slot.min_char_mm, dpi)),
        dots_at_least(slot.min_char_mm, dpi),
        slot.weight,
        getattr(slot, "align", "left"),
        getattr(slot, "valign", "top"),
        getattr(slot, "max_lines", 99),
    )
