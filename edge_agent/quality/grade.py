"""This file grades a QR code whose place and modules are known, from a fine picture of it; the grade is an indication.

The names are those of ISO/IEC 15415; `limits.py` says which values are its own and what is left out. A module is
judged by the light in a square of the area of the aperture around its centre.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from PIL import Image, ImageFilter

from edge_agent.model.bitmap import Bitmap
from edge_agent.quality.codewords import SymbolMap, symbol_map
from edge_agent.quality.damage import SUB, dead, fine
from edge_agent.quality.limits import APERTURE_MODULES, CONTRAST, FIXED, MEASURES, MODULATION, PASS, QUIET, UNUSED
from edge_agent.render.patches.qr_code import QUIET_MODULES
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import to_image


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A symbol to judge: `dots` is the label around it, quiet zone and a module more on each side; `left_dots` and
    `top_dots` are that window's place on the label. `dark` are the places on the map that ought to be ink."""

    dots: Image.Image
    left_dots: int
    top_dots: int
    module_dots: int
    map: SymbolMap
    dark: frozenset[int]

    @property
    def module_px(self) -> int:
        """A module's width in a fine picture."""
        return self.module_dots * SUB


@dataclass(frozen=True, slots=True)
class Report:
    """The measures of one picture, as shares of 1, and the whole grade of each by its key."""

    values: dict[str, float]
    grades: dict[str, int]

    @property
    def overall(self) -> int:
        """The lowest of the grades, 4 to 0."""
        return min(self.grades.values())

    @property
    def passes(self) -> bool:
        """Whether retail's least grade is reached."""
        return self.overall >= PASS


@dataclass(frozen=True, slots=True)
class Growth:
    """How much wider a dark module came out than it should, as a share of a module; below 0 it is narrower."""

    across: float
    feed: float


def target_of(plan: LabelPlan, label: Bitmap) -> Target:
    """The symbol on a label of this plan; its modules are what the undamaged dots show."""
    symbol, box = plan.symbol, plan.symbol_box
    around = (QUIET_MODULES + 1) * symbol.module_dots
    edges = (
        box.left_dots - around,
        box.top_dots - around,
        box.right_dots + around,
        box.bottom_dots + around,
    )
    anatomy = symbol_map(symbol.version, symbol.ecc)
    dots = to_image(label).crop(edges)
    dark = _dark(dots, symbol.module_dots, anatomy.side)
    return Target(dots, edges[0], edges[1], symbol.module_dots, anatomy, dark)


def _dark(dots: Image.Image, module_dots: int, side: int) -> frozenset[int]:
    inner = dots.crop((module_dots, module_dots, dots.width - module_dots, dots.height - module_dots))
    modules = inner.convert("L").resize((side, side), Image.Resampling.BOX).tobytes()
    return frozenset(place for place, level in enumerate(modules) if level > 127)


def grade(picture: Image.Image, target: Target) -> Report:
    """The grade of a fine picture of the target's window."""
    return judge(reflectances(picture, target), target)


def reflectances(picture: Image.Image, target: Target) -> bytes:
    """The light from each module of the grid, 0 to 255, row by row."""
    side = target.map.side
    return sampled(picture, target.module_px, (target.module_px, target.module_px), (side, side))


def without_columns(light: bytes, target: Target, first: int, count: int) -> bytes:
    """`light`, of the undamaged symbol, where `count` columns of dots from `first` on are dead. Only the modules there
    are looked at again, so that all places can be tried: the aperture of the others ends before their edge."""
    step, side = target.module_dots, target.map.side
    left, right = max(1, first // step), min(side, (first + count - 1) // step)
    wide = right - left + 1
    dots = dead(target.dots, first, count).crop(((left - 1) * step, 0, (right + 2) * step, target.dots.height))
    found = sampled(fine(dots), target.module_px, (target.module_px, target.module_px), (wide, side))
    hurt = bytearray(light)
    for row in range(side):
        hurt[row * side + left - 1 : row * side + right] = found[row * wide : row * wide + wide]
    return bytes(hurt)


def sampled(picture: Image.Image, step: int, start: tuple[int, int], size: tuple[int, int]) -> bytes:
    """The mean light in an aperture around each module's centre: `size` modules, `step` pixels each, from `start`."""
    side_px = step * APERTURE_MODULES * math.sqrt(math.pi) / 2
    mean = picture.filter(ImageFilter.BoxBlur((side_px - 1) / 2))
    grid = (step, 0, start[0], 0, step, start[1])
    return mean.transform(size, Image.Transform.AFFINE, grid, Image.Resampling.BILINEAR).tobytes()


def judge(light: bytes, target: Target) -> Report:
    """The grade of the light from each module."""
    high, low = max(light), min(light)
    contrast = (high - low) / 255
    margins = _margins(light, target.dark, high, low)
    weak = [place for place, margin in enumerate(margins) if margin < MODULATION.least[0]]
    wrong = [place for place in weak if margins[place] <= 0]
    anatomy = target.map

    def by_level(value: Callable[[Collection[int]], int]) -> int:
        """The highest level whose weaker modules, all taken for wrong, still leave a grade of that level."""
        return max(min(level, value(_below(weak, margins, level))) for level in (4, 3, 2, 1))

    values = {
        CONTRAST.key: contrast,
        MODULATION.key: max(0.0, min(map(margins.__getitem__, anatomy.inner))),
        FIXED.key: _whole(anatomy, wrong),
        QUIET.key: max(0.0, min(map(margins.__getitem__, anatomy.quiet))),
        UNUSED.key: max(0.0, anatomy.unused(wrong)),
    }
    grades = {measure.key: measure.grade(values[measure.key]) for measure in MEASURES}
    grades[MODULATION.key] = by_level(lambda places: UNUSED.grade(anatomy.unused(places)))
    grades[FIXED.key] = by_level(lambda places: FIXED.grade(_whole(anatomy, places)))
    return Report(values, grades)


def _margins(light: bytes, dark: frozenset[int], high: int, low: int) -> list[float]:
    """How far each module lies on its side of the global threshold: 1 at the extremes, 0 at the threshold, below 0 on
    the wrong side. A picture of one grey has no sides."""
    span, middle = high - low, high + low
    if not span:
        return [0.0] * len(light)
    return [(middle - 2 * level if place in dark else 2 * level - middle) / span for place, level in enumerate(light)]


def _below(weak: list[int], margins: list[float], level: int) -> list[int]:
    least = MODULATION.least[4 - level]
    return [place for place in weak if margins[place] < least]


def _whole(anatomy: SymbolMap, wrong: Collection[int]) -> float:
    """The share of right modules in the worst of the fixed patterns."""
    hurt = frozenset(wrong)
    return min(1 - len(places & hurt) / len(places) for places in anatomy.fixed.values())


def growth(picture: Image.Image, target: Target) -> Growth:
    """Print growth, by the dark modules of the two timing patterns; measured, not graded."""
    return Growth(_grown(picture, target), _grown(picture.transpose(Image.Transpose.TRANSPOSE), target))


def _grown(picture: Image.Image, target: Target) -> float:
    """The row of timing modules between the finders, light at both ends, as one line of thresholded light."""
    step, modules = target.module_px, target.map.side - 2 * QUIET_MODULES
    start = (QUIET_MODULES + 1) * step
    left, right, centre = start + 7.5 * step, start + (modules - 7.5) * step, start + 6.5 * step
    line = picture.crop((round(left), round(centre - step / 4), round(right), round(centre + step / 4)))
    light = line.resize((line.width, 1), Image.Resampling.BOX).tobytes()
    middle = (max(light) + min(light)) / 2
    dark = (modules - 15) // 2
    return sum(level < middle for level in light) / (dark * step) - 1
