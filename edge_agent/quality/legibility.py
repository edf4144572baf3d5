"""This file measures how much of a label's text a thermal head may fill in or leave out. Nobody reads.

Chinese characters and figures are told apart by the paper inside their strokes. Every paper area that ink encloses is
found in the rendered text, and how wide it is at its widest: an area `n` dots wide is gone when its edges move in by
`n/2`. That holds for white text on a black box too, whose strokes are such areas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from edge_agent.render.page import Painted, Piece
from edge_agent.render.type.text import Box

QUARTERS = 4
WARN_BELOW = 0.5
"""A text that closes more of its inner areas than it keeps, at a gain of one dot, is warned of. The limit is ours."""
FEW = 6
"""A text with fewer inner areas says nothing by their share."""


@dataclass(frozen=True, slots=True)
class Counters:
    """The paper areas inside the text of one slot: `widths_dots` is the side of the largest square in each;
    `height_dots` the smallest character height."""

    slot: str
    height_dots: int
    widths_dots: tuple[int, ...]

    def open_share(self, gain_quarters: int) -> float:
        """The share of areas that still show paper after a dot gain of so many quarter dots on each edge."""
        still = sum(width * QUARTERS > 2 * gain_quarters for width in self.widths_dots)
        return still / len(self.widths_dots) if self.widths_dots else 1.0

    @property
    def areas_tell(self) -> bool:
        """Whether there are enough of them for a share to mean something."""
        return len(self.widths_dots) >= FEW

    @property
    def warned(self) -> bool:
        """Whether a gain of one dot closes most of it."""
        return self.areas_tell and self.open_share(QUARTERS) < WARN_BELOW


@dataclass(frozen=True, slots=True)
class Cut:
    """Where dead columns take most of a text: the first column, the slot and line, and the share of ink that a square
    as wide as a character is high loses there."""

    first: int
    slot: str
    text: str
    lost: float


def counters(dots: Image.Image, painted: Iterable[Painted]) -> list[Counters]:
    """The inner areas of each slot's text, in the order the slots were painted."""
    found: dict[str, list[int]] = {}
    heights: dict[str, int] = {}
    for piece in _texts(painted):
        found.setdefault(piece.slot, []).extend(inner_widths(_around(dots, piece.box)))
        heights[piece.slot] = min(heights.get(piece.slot, piece.height_dots), piece.height_dots)
    return [Counters(slot, heights[slot], tuple(widths)) for slot, widths in found.items()]


def worst_cut(dots: Image.Image, painted: Iterable[Painted], count: int) -> Cut | None:
    """The worst place on the text for `count` dead columns side by side; None without text."""
    cuts = (cut for piece in _texts(painted) for cut in _cuts(dots, piece, count))
    return max(cuts, key=lambda cut: cut.lost, default=None)


def inner_widths(picture: Image.Image) -> list[int]:
    """For each area of paper that ink encloses, the side of the largest square of paper in it, in pixels. Paper hangs
    together by edges, ink by corners too; areas that reach the picture's edge are not enclosed."""
    width, height = picture.size
    level = picture.convert("L").tobytes()
    owner = _areas(level, width, height)
    square = [0] * (width * height)
    widest: dict[int, int] = {}
    for place, area in enumerate(owner):
        if area <= 0:
            continue
        square[place] = 1 + min(square[place - 1], square[place - width], square[place - width - 1])
        widest[area] = max(widest.get(area, 0), square[place])
    return list(widest.values())


def _areas(level: bytes, width: int, height: int) -> list[int]:
    """Of each pixel the number of its enclosed area from 1 on; 0 for ink, -1 for paper that reaches the edge."""
    owner = [0] * (width * height)
    edge = [*range(width), *range((height - 1) * width, height * width)]
    edge += [place for y in range(height) for place in (y * width, y * width + width - 1)]
    _flood(level, owner, [place for place in edge if not level[place]], -1, width)
    area = 0
    for place, ink in enumerate(level):
        if not ink and not owner[place]:
            area += 1
            _flood(level, owner, [place], area, width)
    return owner


def _flood(level: bytes, owner: list[int], start: list[int], area: int, width: int) -> None:
    for place in start:
        owner[place] = area
    pending = start
    while pending:
        place = pending.pop()
        for near in _neighbours(place, width, len(level)):
            if not level[near] and not owner[near]:
                owner[near] = area
                pending.append(near)


def _neighbours(place: int, width: int, size: int) -> Iterator[int]:
    if place % width:
        yield place - 1
    if (place + 1) % width:
        yield place + 1
    if place >= width:
        yield place - width
    if place + width < size:
        yield place + width


def _texts(painted: Iterable[Painted]) -> Iterator[Painted]:
    return (piece for piece in painted if piece.piece is Piece.TEXT and piece.text.strip())


def _around(dots: Image.Image, box: Box) -> Image.Image:
    """The text with a dot around it: what encloses white text is the box it lies in."""
    return dots.crop((box.left_dots - 1, box.top_dots - 1, box.right_dots + 1, box.bottom_dots + 1))


def _cuts(dots: Image.Image, piece: Painted, count: int) -> Iterator[Cut]:
    box = piece.box
    columns = _ink_of_columns(dots.crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)))
    for first in range(len(columns) - count + 1):
        whole = _sum_around(columns, first + count // 2, piece.height_dots)
        if whole:
            lost = sum(columns[first : first + count]) / whole
            yield Cut(box.left_dots + first, piece.slot, piece.text, lost)


def _ink_of_columns(dots: Image.Image) -> list[int]:
    across, level = dots.width, dots.convert("L").tobytes()
    return [sum(map(bool, level[column::across])) for column in range(across)]


def _sum_around(columns: Sequence[int], middle: int, wide: int) -> int:
    """The ink of a square around a column, moved inside the text where it would stick out."""
    left = max(0, min(middle - wide // 2, len(columns) - wide))
    return sum(columns[left : left + wide])
