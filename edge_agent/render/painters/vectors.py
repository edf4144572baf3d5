"""This file renders strokes, discs and knocked-out shapes as dots, even and symmetrical at any resolution.

Coordinates are units from the picture's centre, x to the right, y down. The pen is a whole number of dots wide, and
every end of a line and every outermost point of an arc is moved to the grid on which such a pen has sharp edges: a
level or upright stroke is exactly as thick as the pen, and what mirrors in units mirrors in dots. A dot is ink if its
centre lies under the pen and it does not stand alone; a grey picture cut at a threshold was rejected, since its strokes
swell and thin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from edge_agent.model.bitmap import Bitmap

Point = tuple[float, float]

_STEPS_A_TURN = 72
_SLANTED = 1.07
"""How much wider the pen is on a slant: at 45° a stroke of two dots is then three dots on every row, else two or three;
across it measures 2.1."""
_TIE = 1e-6
"""A centre this near to an edge, in dots, counts as under the pen, on both sides alike."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stroke through points. `sharp`: they are moved to the pen's grid; the points of a free form stay."""

    points: tuple[Point, ...]
    sharp: bool = True


@dataclass(frozen=True, slots=True)
class Arc:
    """A stroke along an ellipse; degrees run clockwise from the right (90 is down)."""

    centre: Point
    radii: Point
    start: float = 0.0
    end: float = 360.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled circle."""

    centre: Point
    radius: float


@dataclass(frozen=True, slots=True)
class Hole:
    """A polygon in which what was painted before becomes paper."""

    points: tuple[Point, ...]


Shape = Line | Arc | Disc | Hole


@dataclass(frozen=True, slots=True)
class Scale:
    """Dots for a unit, and the pen's width in dots."""

    dots_per_unit: float
    pen_dots: int

    def on_grid(self, units: float) -> int:
        """Where a pen's middle goes, in dots from the centre: outwards if between two dots, on both sides alike."""
        return round(math.copysign(math.floor(abs(units) * self.dots_per_unit + 0.5), units))

    def edge(self, units: float) -> float:
        """The outer edge of a pen that runs at `units`, in dots from the centre."""
        return self.on_grid(units) + math.copysign(self.pen_dots / 2, units)


def moved(shapes: Iterable[Shape], by: Point) -> tuple[Shape, ...]:
    """The shapes at another place."""
    return tuple(_moved(shape, by) for shape in shapes)


def _moved(shape: Shape, by: Point) -> Shape:
    if isinstance(shape, (Line, Hole)):
        return replace(shape, points=tuple((x + by[0], y + by[1]) for x, y in shape.points))
    return replace(shape, centre=(shape.centre[0] + by[0], shape.centre[1] + by[1]))


def rendered(shapes: Iterable[Shape], frame: tuple[float, float, float, float], scale: Scale) -> Bitmap:
    """The shapes as dots. `frame`: left, top, right and bottom of the picture in units; ink outside is cut off."""
    left, top, right, bottom = map(scale.edge, frame)
    plate = _Plate(scale, -left, -top, right, bottom)
    for shape in shapes:
        plate.paint(shape)
    return plate.bitmap()


class _Plate:
    """Rows of dots as numbers, MSB leftmost."""

    def __init__(self, scale: Scale, left: float, top: float, right: float, bottom: float) -> None:
        self._scale, self._origin = scale, (left, top)
        self._width, self._height = round(left + right), round(top + bottom)
        self._rows = [0] * self._height

    def paint(self, shape: Shape) -> None:
        half = self._scale.pen_dots / 2
        if isinstance(shape, Disc):
            radius = shape.radius * self._scale.dots_per_unit
            self._ink(_Capsule(self._sharp(shape.centre), self._sharp(shape.centre), radius))
        elif isinstance(shape, Hole):
            self._paper([self._soft(point) for point in shape.points])
        else:
            for start, end in pairwise(self._points(shape)):
                level = start[0] == end[0] or start[1] == end[1]
                self._ink(_Capsule(start, end, half if level else half * _SLANTED))

    def bitmap(self) -> Bitmap:
        stride = (self._width + 7) // 8
        pad = 8 * stride - self._width
        rows = (row << pad for row in _thick(self._rows))
        return Bitmap(self._width, self._height, b"".join(row.to_bytes(stride, "big") for row in rows))

    def _points(self, shape: Line | Arc) -> Sequence[Point]:
        if isinstance(shape, Line):
            return [self._sharp(point) if shape.sharp else self._soft(point) for point in shape.points]
        (x, y), (across, down) = shape.centre, shape.radii
        left, top = self._sharp((x - across, y - down))
        right, bottom = self._sharp((x + across, y + down))
        steps = max(2, math.ceil(abs(shape.end - shape.start) / 360 * _STEPS_A_TURN))
        turns = (math.radians(shape.start + (shape.end - shape.start) * step / steps) for step in range(steps + 1))
        return [
            ((left + right + (right - left) * math.cos(turn)) / 2, (top + bottom + (bottom - top) * math.sin(turn)) / 2)
            for turn in turns
        ]

    def _sharp(self, point: Point) -> Point:
        return self._scale.on_grid(point[0]) + self._origin[0], self._scale.on_grid(point[1]) + self._origin[1]

    def _soft(self, point: Point) -> Point:
        per_unit = self._scale.dots_per_unit
        return point[0] * per_unit + self._origin[0], point[1] * per_unit + self._origin[1]

    def _ink(self, capsule: _Capsule) -> None:
        for row in range(max(0, math.floor(capsule.top)), min(self._height, math.ceil(capsule.bottom))):
            if span := capsule.span(row + 0.5):
                self._rows[row] |= self._mask(*span)

    def _paper(self, corners: Sequence[Point]) -> None:
        for row in range(self._height):
            crossings = sorted(_crossings(corners, row + 0.5))
            for start, end in zip(crossings[::2], crossings[1::2], strict=True):
                self._rows[row] &= ~self._mask(start, end)

    def _mask(self, start: float, end: float) -> int:
        """The dots whose centres lie between two places."""
        first = max(0, math.ceil(start - 0.5 - _TIE))
        after = min(self._width, math.floor(end - 0.5 + _TIE) + 1)
        return ((1 << max(0, after - first)) - 1) << (self._width - max(first, after))


def _thick(rows: Sequence[int]) -> list[int]:
    """The rows without dots that belong to no square of two by two: a head prints such a dot or does not."""
    thick = [0] * len(rows)
    for number, (row, below) in enumerate(pairwise(rows)):
        both = row & below
        squares = both & both << 1
        thick[number] |= squares | squares >> 1
        thick[number + 1] |= squares | squares >> 1
    return thick


@dataclass(frozen=True, slots=True)
class _Capsule:
    """All places within `radius` of a straight line: what a round pen covers."""

    start: Point
    end: Point
    radius: float

    @property
    def top(self) -> float:
        return min(self.start[1], self.end[1]) - self.radius

    @property
    def bottom(self) -> float:
        return max(self.start[1], self.end[1]) + self.radius

    def span(self, y: float) -> Point | None:
        """From where to where it covers a level line; None if it does not reach it."""
        found = [*self._ends(y), *self._sides(y)]
        return (min(found), max(found)) if found else None

    def _ends(self, y: float) -> Iterator[float]:
        for x_end, y_end in (self.start, self.end):
            if (square := self.radius**2 - (y - y_end) ** 2) >= 0:
                yield from (x_end - math.sqrt(square), x_end + math.sqrt(square))

    def _sides(self, y: float) -> Iterator[float]:
        (x1, y1), (x2, y2) = self.start, self.end
        if not (length := math.hypot(x2 - x1, y2 - y1)):
            return
        across, down = -(y2 - y1) / length * self.radius, (x2 - x1) / length * self.radius
        for side in (1, -1):
            shift_x, shift_y = side * across, side * down
            yield from _crossings(((x1 + shift_x, y1 + shift_y), (x2 + shift_x, y2 + shift_y)), y, closed=False)


def _crossings(corners: Sequence[Point], y: float, *, closed: bool = True) -> Iterator[float]:
    """Where a level line meets the sides of a polygon, or of an open line."""
    for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]] if closed else corners):
        if (y1 <= y) != (y2 <= y):
            yield x1 + (y - y1) / (y2 - y1) * (x2 - x1)
