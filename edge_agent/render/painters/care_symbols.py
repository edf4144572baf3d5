"""This file renders the care symbols of GB/T 8685-2008 (ISO 3758:2005 MOD) from rows of strokes, at any resolution.

A unit is 1/40 of the body's height: 40 units are the tub, the square, the triangle or the circle; bars hang below, the
cross reaches a little beyond. Five millimetres at 203 dpi are 40 dots, so there a unit is a dot and the pen is two.

What was read, and how sure it is (marks as in the rule packs):

- C2: tub, triangle, square, circle in a square, iron and circle as bodies; one bar: mild, two bars: very mild; a cross
  over the whole: not allowed; dots for iron and tumble dryer; two oblique lines: oxygen bleach only; P, F, W.
- C2: one upright line: line drying, two: drip drying; level instead of upright: flat. U: shade as one oblique line in
  the upper left corner is read from pages on ISO 3758:2012 and JIS L 0001; GB/T 8685 is said to equal them there.
- The standard counts 14 washing symbols and 8 of professional care (S53). `BEYOND_THE_STANDARD` holds the codes that
  the record takes besides (U): they are composed in the same way; `wetclean_no` stands in ISO 3758:2012.
- Proportions and the shape of hand, wave, iron and letters are ours. The symbols are trade marks: `docs/rules.md`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from edge_agent.model.bitmap import Bitmap
from edge_agent.render.painters.vectors import Arc, Disc, Hole, Line, Point, Scale, Shape, moved, rendered
from edge_agent.render.raster import to_bitmap, to_image

_RIM = 19.0
"""Middle of the pen at the body's edge, from the centre."""

Strokes = tuple[Shape, ...]

TUB: Strokes = (Line(((-24.0, -_RIM), (-17.0, _RIM), (17.0, _RIM), (24.0, -_RIM))),)
_TROUGHS: Strokes = (Arc((-15.5, -15.0), (6.0, 3.0), 170.0, 10.0), Arc((15.5, -15.0), (6.0, 3.0), 170.0, 10.0))
WAVE: Strokes = (*_TROUGHS, Arc((0.0, -13.0), (9.5, 3.0), 190.0, 350.0))
TRIANGLE: Strokes = (Line(((-22.0, _RIM), (0.0, -_RIM), (22.0, _RIM), (-22.0, _RIM))),)
OXYGEN: Strokes = (Line(((-7.0, _RIM), (7.5, -6.0))), Line(((7.0, _RIM), (14.5, 6.5))))
SQUARE: Strokes = (Line(((-_RIM, -_RIM), (_RIM, -_RIM), (_RIM, _RIM), (-_RIM, _RIM), (-_RIM, -_RIM))),)
SHADE: Strokes = (Line(((-_RIM, -5.0), (-5.0, -_RIM))),)
DRUM: Strokes = (Arc((0.0, 0.0), (15.0, 15.0)),)
CIRCLE: Strokes = (Arc((0.0, 0.0), (_RIM, _RIM)),)
IRON: Strokes = (
    Arc((-8.0, 16.0), (18.0, 19.0), 180.0, 270.0),
    Line(((-8.0, -3.0), (23.0, -3.0))),
    Line(((-26.0, 16.0), (26.0, 16.0), (21.0, -16.0), (-9.0, -16.0))),
)
_HAND_EDGE = (
    *((4.0, -25.5), (0.0, -14.5), (-3.5, -11.5), (-11.0, -9.0), (-15.5, -5.5), (-16.0, -3.0), (-14.0, -2.0)),
    *((-8.0, -5.0), (-11.0, 4.5), (-10.5, 7.0), (-8.5, 7.5), (-6.5, 7.0), (-7.0, 8.5), (-6.5, 11.0)),
    *((-4.0, 12.0), (-2.0, 10.0), (-2.0, 9.5), (-1.0, 12.0), (1.0, 12.5), (4.0, 9.0), (4.0, 8.5)),
    *((5.0, 11.0), (7.0, 11.5), (9.0, 10.5), (12.5, 1.0), (12.0, -8.0), (18.5, -26.5)),
)
HAND: Strokes = (
    Hole(_HAND_EDGE),
    Line(_HAND_EDGE, sharp=False),
    Line(((-6.5, 7.0), (-4.0, 0.0)), sharp=False),
    Line(((-2.0, 10.0), (1.0, 2.0)), sharp=False),
    Line(((4.0, 9.0), (6.0, 4.0)), sharp=False),
)

DIGITS: Mapping[int, Strokes] = {
    0: (
        Line(((-4.5, -3.5), (-4.5, 3.5))),
        Line(((4.5, -3.5), (4.5, 3.5))),
        Arc((0.0, -3.5), (4.5, 4.5), 180.0, 360.0),
        Arc((0.0, 3.5), (4.5, 4.5), 0.0, 180.0),
    ),
    3: (Arc((0.0, -4.0), (4.5, 4.0), 200.0, 450.0), Arc((0.0, 4.0), (4.5, 4.0), 270.0, 520.0)),
    4: (Line(((2.0, 8.0), (2.0, -8.0), (-5.0, 3.0), (5.0, 3.0))),),
    5: (Line(((4.0, -8.0), (-4.0, -8.0), (-4.0, -1.0))), Arc((0.0, 2.5), (4.5, 5.5), 205.0, 515.0)),
    6: (
        Arc((0.0, 3.5), (4.5, 4.5)),
        Line(((-4.5, 3.5), (-4.5, -3.5))),
        Arc((0.0, -3.5), (4.5, 4.5), 180.0, 320.0),
    ),
    7: (Line(((-4.5, -8.0), (4.5, -8.0), (-1.5, 8.0))),),
    9: (
        Arc((0.0, -3.5), (4.5, 4.5)),
        Line(((4.5, -3.5), (4.5, 3.5))),
        Arc((0.0, 3.5), (4.5, 4.5), 0.0, 140.0),
    ),
}
LETTERS: Mapping[str, Strokes] = {
    "p": (
        Line(((-6.0, 11.0), (-6.0, -11.0), (0.0, -11.0))),
        Line(((-6.0, 1.0), (0.0, 1.0))),
        Arc((0.0, -5.0), (7.0, 6.0), 270.0, 450.0),
    ),
    "f": (Line(((-5.0, 11.0), (-5.0, -11.0), (7.0, -11.0))), Line(((-5.0, 0.0), (5.0, 0.0)))),
    "w": (Line(((-12.0, -9.0), (-6.5, 9.0), (0.0, -9.0), (6.5, 9.0), (12.0, -9.0))),),
}
LINES: Mapping[str, Strokes] = {
    "line": (Line(((0.0, -12.0), (0.0, 12.0))),),
    "drip": (Line(((-5.0, -12.0), (-5.0, 12.0))), Line(((5.0, -12.0), (5.0, 12.0)))),
    "flat": (Line(((-12.0, 0.0), (12.0, 0.0))),),
    "drip_flat": (Line(((-12.0, -5.0), (12.0, -5.0))), Line(((-12.0, 5.0), (12.0, 5.0)))),
}


def _number(degrees: int) -> Strokes:
    tens, ones = divmod(degrees, 10)
    return (*moved(DIGITS[tens], (-6.5, 4.0)), *moved(DIGITS[ones], (6.5, 4.0)))


def _dots(*places: float, down: float = 0.0) -> Strokes:
    return tuple(Disc((place, down), 2.9) for place in places)


def _bars(number: int, half: float) -> Strokes:
    heights = (25.0, 31.0)[:number]
    return tuple(Line(((-half, height), (half, height))) for height in heights)


def _cross(across: float, down: float = 20.5) -> Strokes:
    return Line(((-across, -down), (across, down))), Line(((-across, down), (across, -down)))


def _band(start: Point, end: Point, half: float) -> Hole:
    """Paper around a stroke, so that it can be told from what it crosses."""
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    across, down = (y1 - y2) / length * half, (x2 - x1) / length * half
    return Hole(
        ((x1 + across, y1 + down), (x2 + across, y2 + down), (x2 - across, y2 - down), (x1 - across, y1 - down))
    )


_MILD = {"": 0, "_mild": 1, "_very_mild": 2}
_BATH = (*TUB, *WAVE)

SYMBOLS: Mapping[str, Strokes] = {
    **{
        f"wash_{degrees}{mild}": (*_BATH, *_number(degrees), *_bars(bars, 17.0))
        for degrees in (95, 70, 60, 50, 40, 30)
        for mild, bars in _MILD.items()
    },
    "wash_hand": (*TUB, *_TROUGHS, *HAND),
    "wash_no": (*_BATH, *_cross(25.0)),
    "bleach_any": TRIANGLE,
    "bleach_oxygen": (*TRIANGLE, *OXYGEN),
    "bleach_no": (*TRIANGLE, *moved(_cross(18.0, 17.0), (0.0, 4.5))),
    **{f"dry_{way}": (*SQUARE, *lines) for way, lines in LINES.items()},
    **{f"dry_{way}_shade": (*SQUARE, *lines, *SHADE) for way, lines in LINES.items()},
    "tumble_normal": (*SQUARE, *DRUM, *_dots(-5.0, 5.0)),
    "tumble_low": (*SQUARE, *DRUM, *_dots(0.0)),
    "tumble_no": (*SQUARE, *DRUM, *_cross(21.0)),
    "iron_200": (*IRON, *_dots(-9.0, 2.0, 13.0, down=6.5)),
    "iron_150": (*IRON, *_dots(-4.0, 8.0, down=6.5)),
    "iron_110": (*IRON, *_dots(2.0, down=6.5)),
    "iron_no": (*IRON, *_cross(24.0)),
    **{
        f"dryclean_{solvent}{mild}": (*CIRCLE, *LETTERS[solvent], *_bars(bars, 14.0))
        for solvent in "pf"
        for mild, bars in (("", 0), ("_mild", 1))
    },
    "dryclean_no": (*CIRCLE, *_cross(19.0)),
    **{f"wetclean{mild}": (*CIRCLE, *LETTERS["w"], *_bars(bars, 14.0)) for mild, bars in _MILD.items()},
    "wetclean_no": (
        *LETTERS["w"],
        _band((-19.0, -20.5), (19.0, 20.5), 2.0),
        _band((-19.0, 20.5), (19.0, -20.5), 2.0),
        *CIRCLE,
        *_cross(19.0),
    ),
}
"""Every code of the record, in the order of the standard: wash, bleach, dry, iron, professional care."""

BEYOND_THE_STANDARD = frozenset(
    {
        *("wash_95_mild", "wash_95_very_mild", "wash_70_mild", "wash_70_very_mild"),
        *("wash_60_very_mild", "wash_50_very_mild", "wetclean_no"),
    }
)
"""Codes that the record takes though they are beyond the standard's counts (U); see the head of this file."""


@dataclass(frozen=True, slots=True)
class CareSymbol:
    """A rendered symbol, cut to its ink. `top_dots`: its first row, from the top of the body (a cross begins above)."""

    bitmap: Bitmap
    top_dots: int


@lru_cache(maxsize=256)
def symbol(code: str, body_dots: int) -> CareSymbol:
    """The picture of a care code, its body `body_dots` high, one dot less where the pen would lie between two dots.

    Raises:
        KeyError: a code the record does not know.
    """
    pen = pen_dots(body_dots)
    scale = Scale((body_dots - pen) // 2 / _RIM, pen)
    picture = to_image(rendered(SYMBOLS[code], (-30.0, -22.0, 30.0, 34.0), scale))
    left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
    above = round(scale.edge(-_RIM) - scale.edge(-22.0))
    return CareSymbol(to_bitmap(picture.crop((left, top, right, bottom))), top - above)


def pen_dots(body_dots: int) -> int:
    """Thickness of every stroke: two dots up to 5 mm at 203 dpi, three at 300."""
    return max(2, round(body_dots / 18))
