"""This file damages a label in growing steps, each kind alone, until the grade falls below retail's least."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from PIL import Image

from edge_agent.model.bitmap import Bitmap
from edge_agent.quality.damage import blur, dead, fine, gain, loss, missing, pale, specks
from edge_agent.quality.grade import Report, Target, grade, judge, reflectances, target_of, without_columns
from edge_agent.render.page import Painted, Piece
from edge_agent.render.patches.qr_code import QUIET_MODULES
from edge_agent.render.plan import LabelPlan
from edge_agent.render.templates.slots import PER_LABEL
from edge_agent.render.templates.template import Template


@dataclass(frozen=True, slots=True)
class Damage:
    """One kind: its steps, mild to severe, in units of `scale` (`unit` says of what), and how a step is done to the
    dots of a target."""

    key: str
    zh: str
    en: str
    unit: str
    steps: tuple[int, ...]
    done: Callable[[Target, int], Image.Image]
    scale: float = 1

    def told(self, step: int) -> str:
        """A step as the table says it."""
        return f"{step * self.scale:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Survival:
    """How far one kind may go: the largest step up to which every step grades C or better; None if not even the first.
    `worst` is the worst place of dead columns at the first step that fails, else at the last: a column of the label."""

    damage: Damage
    graded: int | None
    worst: int | None = None

    @property
    def beyond(self) -> bool:
        """Whether the last step that was tried is survived too."""
        return self.graded == self.damage.steps[-1]


def _worst_dead(target: Target, count: int) -> Image.Image:
    return fine(dead(target.dots, worst_column(target, count), count))


_QUARTERS, _PERCENT, _MODULES = "点 dots", "%", "模块 modules"
DAMAGES = (
    Damage("gain", "墨点变粗", "dot gain", _QUARTERS, tuple(range(1, 9)), lambda t, n: gain(fine(t.dots), n, n), 0.25),
    Damage(
        "gain_feed",
        "只沿走纸方向变粗",
        "dot gain along the feed only",
        _QUARTERS,
        tuple(range(1, 9)),
        lambda t, n: gain(fine(t.dots), 0, n),
        0.25,
    ),
    Damage("loss", "墨点变细", "dot loss", _QUARTERS, tuple(range(1, 9)), lambda t, n: loss(fine(t.dots), n, n), 0.25),
    Damage(
        "missing",
        "漏印的墨点",
        "dots of ink missing",
        _PERCENT,
        (1, 2, 5, 10, 15, 20, 30),
        lambda t, n: fine(missing(t.dots, n)),
    ),
    Damage(
        "specks",
        "纸上的脏点",
        "dots of dirt on paper",
        _PERCENT,
        (1, 2, 5, 10, 15, 20, 30),
        lambda t, n: fine(specks(t.dots, n)),
    ),
    Damage("dead", "打印头相邻坏点", "dead head dots side by side", "点 dots", (1, 2, 3, 4, 6), _worst_dead),
    Damage(
        "blur",
        "模糊（标准差）",
        "blur, standard deviation",
        _MODULES,
        (2, 4, 5, 6, 7, 8, 10, 12),
        lambda t, n: blur(fine(t.dots), n * t.module_px / 20),
        0.05,
    ),
    Damage(
        "pale_ink",
        "墨太淡（墨的反射率）",
        "pale ink: light it reflects",
        _PERCENT,
        (10, 20, 30, 40, 50, 60, 70, 80),
        lambda t, n: pale(fine(t.dots), ink_percent=n),
    ),
    Damage(
        "dark_paper",
        "纸太暗（少反射的光）",
        "dark paper: light it swallows",
        _PERCENT,
        (10, 20, 30, 40, 50, 60, 70, 80),
        lambda t, n: pale(fine(t.dots), paper_percent=100 - n),
    ),
)
"""All kinds; a row is all that a new one needs."""


def survives(plan: LabelPlan, label: Bitmap) -> list[Survival]:
    """What the code on a label of this plan survives, kind by kind."""
    target = target_of(plan, label)
    return [_survival(damage, target) for damage in DAMAGES]


def _survival(damage: Damage, target: Target) -> Survival:
    passing = takewhile(lambda step: grade(damage.done(target, step), target).passes, damage.steps)
    graded, worst = max(passing, default=None), None
    if damage.key == "dead":
        failing = next((step for step in damage.steps if step > (graded or 0)), damage.steps[-1])
        worst = target.left_dots + worst_column(target, failing)
    return Survival(damage, graded, worst)


@lru_cache(maxsize=16)
def worst_column(target: Target, count: int) -> int:
    """Where `count` dead columns hurt the symbol most: all places are tried. A column of the target's window."""
    light = reflectances(fine(target.dots), target)
    start = (QUIET_MODULES + 1) * target.module_dots
    places = range(start, target.dots.width - start - count + 1)
    return min(places, key=lambda first: _badness(judge(without_columns(light, target, first, count), target)))


def _badness(report: Report) -> tuple[float, ...]:
    return (report.overall, sum(report.grades.values()), sum(report.values.values()))


def undamaged(plan: LabelPlan, label: Bitmap) -> Report:
    """The grade of a label that a perfect head prints."""
    target = target_of(plan, label)
    return grade(fine(target.dots), target)


def texts_of(plan: LabelPlan, template: Template, serial: str) -> tuple[Painted, ...]:
    """Every text on a label of this plan, what differs from label to label included."""
    own = [slot for slot in template.slot if slot.kind in PER_LABEL and slot.name in plan.sizes]
    text = {template.serial.name: serial}
    return (
        *plan.painted,
        *(
            Painted(slot.name, Piece.TEXT, text.get(slot.name, slot.kind), plan.boxes[slot.name], plan.sizes[slot.name])
            for slot in own
        ),
    )
