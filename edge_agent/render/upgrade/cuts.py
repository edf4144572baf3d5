"""This file finds the rows and columns in which rectangles stand, by cutting them apart where paper runs through
(recursive XY-cut).

Where both cuts are possible, bands of paper that run through by chance must not tear columns apart: two bands are one
block of columns if the paper between its columns is at least as wide as that between the bands. Cutting at the widest
paper first was rejected: one wide gap below a block would then decide how all that is above it hangs together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_TOUCH_MM = 1e-6
"""Less is an edge that two share."""
_ALIKE = 1.6
"""A grid's columns are of one width if the widest is no more than this much wider."""


@dataclass(frozen=True, slots=True)
class Rect:
    """Where a slot stands, in mm; a `caption` is a text that says the same on each label."""

    name: str
    left: float
    top: float
    right: float
    bottom: float
    caption: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """What stands below each other, or, `across`, side by side. `gaps_mm` of paper between two. `equal`: a row of a
    grid, whose columns are of one width."""

    nodes: tuple[Found, ...]
    gaps_mm: tuple[float, ...]
    across: bool = False
    equal: bool = False


Found = str | Cut


class EntangledError(Exception):
    """No straight line of paper parts these: `names`."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self.names = tuple(names)


_Span = Callable[[Rect], tuple[float, float]]
_Group = list[Rect]


def cut(rects: Sequence[Rect], *, grids: bool = True) -> Found:
    """The rows and columns of rectangles, at least one, in reading order; with `grids`, columns in which all stands
    row by row are rows of equal columns, so that their lines stay level.

    Raises:
        EntangledError: some cannot be parted.
    """
    if len(rects) == 1:
        return rects[0].name
    blocks, columns = _blocks(rects), _parted(rects, _across)
    if len(blocks) == 1 and len(columns) == 1:
        raise EntangledError([rect.name for rect in rects])
    if grids and len(blocks) == 1 and _is_grid(rects, columns):
        rows = _parted(rects, _down)
        return Cut(tuple(map(_equal, rows)), _gaps(rows, _down))
    groups, span = (blocks, _down) if len(blocks) > 1 else (columns, _across)
    return Cut(tuple(cut(group, grids=grids) for group in groups), _gaps(groups, span), across=span is _across)


def _is_grid(rects: Sequence[Rect], columns: Sequence[_Group]) -> bool:
    rows, widths = _parted(rects, _down), [rect.right - rect.left for rect in rects]
    alike = max(widths) <= _ALIKE * min(widths)
    return alike and len(rows) > 1 and all(len(_parted(row, _across)) == len(row) == len(columns) for row in rows)


def _equal(row: _Group) -> Cut:
    row = sorted(row, key=_across)
    return Cut(tuple(rect.name for rect in row), _gaps([[rect] for rect in row], _across), across=True, equal=True)


def _down(rect: Rect) -> tuple[float, float]:
    return rect.top, rect.bottom


def _across(rect: Rect) -> tuple[float, float]:
    return rect.left, rect.right


def _parted(rects: Sequence[Rect], span: _Span) -> list[_Group]:
    """Groups that a line of paper parts, in order."""
    groups: list[_Group] = []
    end = float("-inf")
    for rect in sorted(rects, key=span):
        if span(rect)[0] < end - _TOUCH_MM:
            groups[-1].append(rect)
        else:
            groups.append([rect])
        end = max(end, span(rect)[1])
    return groups


def _gaps(groups: Sequence[_Group], span: _Span) -> tuple[float, ...]:
    return tuple(
        max(0.0, min(span(rect)[0] for rect in below) - max(span(rect)[1] for rect in above))
        for above, below in pairwise(groups)
    )


def _blocks(rects: Sequence[Rect]) -> list[_Group]:
    """Bands below each other, of which those that are columns together are one."""
    blocks: list[_Group] = []
    for band in _parted(rects, _down):
        blocks.append(band)
        while len(blocks) > 1 and _are_columns(blocks[-2], blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    return blocks


def _are_columns(above: _Group, below: _Group) -> bool:
    columns = _parted(above + below, _across)
    if len(columns) == 1 or any(_only_captions(column) for column in columns):
        return False
    (between,) = _gaps([above, below], _down)
    side_by_side = any(len(_parted(band, _across)) > 1 for band in (above, below))
    return side_by_side and max(_gaps(columns, _across)) >= between


def _only_captions(column: _Group) -> bool:
    """Captions below each other belong each to what stands beside it."""
    return len(column) > 1 and all(rect.caption for rect in column)
