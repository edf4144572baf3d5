"""What `docs/label-quality.md` says that labels survive: measured on one label of every template, by the grade and by
the weakest of three decoders (`readings.py`); and two damaged labels to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image

from edge_agent.quality import damage
from edge_agent.quality.grade import Report, growth, target_of
from edge_agent.quality.legibility import QUARTERS, Counters, Cut, counters, worst_cut
from edge_agent.quality.limits import APERTURE_MODULES, MEASURES
from edge_agent.quality.survive import DAMAGES, Damage, Survival, survives, texts_of, undamaged, worst_column
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import to_image
from tools.docs import gallery
from tools.docs.gallery import ROOT, SERIAL, Case, Label
from tools.docs.readings import Words, subject, weakest, words_of

PAGE = ROOT / "docs" / "label-quality.md"
PICTURES = ROOT / "docs" / "images" / "quality"
SHOWN = Case("down_grade_60x40", "down_graded", 203)
DEAD = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Measured:
    """One label of a template at one resolution. A template without a code has text only."""

    case: Case
    label: Label
    report: Report | None
    survivals: tuple[Survival, ...]
    words: Words
    texts: tuple[Counters, ...]
    cuts: tuple[Cut, ...]


def chosen() -> list[tuple[Case, Label]]:
    """A sample that each template takes, at each resolution at which it is rendered; the same one where it can be."""
    found: dict[tuple[str, int], tuple[Case, Label]] = {}
    for case in sorted(gallery.cases(), key=lambda case: (case.template, case.sample != SHOWN.sample)):
        label = gallery.rendered(case)
        if isinstance(label, Label):
            found.setdefault((case.template, case.dpi), (case, label))
    return list(found.values())


@cache
def measured() -> tuple[Measured, ...]:
    """All of them, measured once."""
    return tuple(_measured(case, label) for case, label in chosen())


def _measured(case: Case, label: Label) -> Measured:
    plan, bitmap, painted = label.layout, label.layout.bare, label.layout.painted
    report, survivals, words = None, (), {}
    if isinstance(plan, LabelPlan):
        bitmap, painted = plan.alone(SERIAL), texts_of(plan, label.template, SERIAL)
        report, survivals = undamaged(plan, bitmap), _survivals(plan)
        words = words_of(subject(plan, case.dpi), str(case))
    dots = to_image(bitmap)
    cuts = tuple(cut for count in DEAD if (cut := worst_cut(dots, painted, count)))
    return Measured(case, label, report, survivals, words, tuple(counters(dots, painted)), cuts)


def _survivals(plan: LabelPlan) -> tuple[Survival, ...]:
    """Labels on which the same symbol lies in the same surroundings survive the same, so they share one measurement."""
    target = target_of(plan, plan.alone(SERIAL))
    key = (target.module_dots, target.dots.size, target.dots.tobytes())
    if key not in _KNOWN:
        _KNOWN[key] = tuple(survives(plan, plan.alone(SERIAL)))
    return _KNOWN[key]


_KNOWN: dict[tuple[int, tuple[int, int], bytes], tuple[Survival, ...]] = {}


# --- the page ---------------------------------------------------------------------------------------------------------


def parts(found: Sequence[Measured]) -> dict[str, str]:
    """The generated parts by name."""
    coded = [one for one in found if one.report is not None]
    return {
        "codes": table(_code_heads(), [_code_row(one) for one in coded]),
        "text": table(_TEXT_HEADS, [row for one in found for row in _text_rows(one)]),
        "limits": table(_LIMIT_HEADS, _limit_rows()),
        "pictures": "\n".join(_captions()) + "\n",
    }


def _code_heads() -> list[str]:
    return ["模板 template", "dpi", "X", "无损伤 undamaged", *map(head_of, DAMAGES)]


def head_of(kind: Damage) -> str:
    """The head of a column about one kind of damage."""
    return f"{kind.zh}<br>{kind.en}<br>{kind.unit}"


def _code_row(one: Measured) -> list[str]:
    plan = one.label.layout
    assert isinstance(plan, LabelPlan)
    assert one.report is not None
    facts = plan.symbol
    x = f"{facts.module_dots} 点 = {facts.x_mm:.3f} mm"
    cells = [
        f"{step_of(survival.damage, survival.graded)} / {step_of(survival.damage, weakest(one.words, survival.damage))}"
        for survival in one.survivals
    ]
    return [f"`{one.case.template}`", str(one.case.dpi), x, str(one.report.overall), *cells]


def step_of(kind: Damage, step: int | None) -> str:
    """How far a kind may go, as the tables say it; `≥` if that is as far as was tried."""
    if step is None:
        return "–"
    return f"{'≥ ' if step == kind.steps[-1] else ''}{step * kind.scale:g}"


_TEXT_HEADS = [
    "模板 template",
    "dpi",
    "最糊的字 text that fills in most",
    "字高 height",
    "空隙 areas",
    "+½ 点 dot",
    "+1 点 dot",
    "多数糊住的部位 slots that mostly fill in at 1 dot",
    "坏 1、2、3 点，一个字最多少掉的墨 most ink a character loses to 1, 2, 3 dead dots",
]


def _text_rows(one: Measured) -> Iterable[list[str]]:
    told = [text for text in one.texts if text.areas_tell]
    if not told:
        return
    worst = min(told, key=lambda text: (text.open_share(QUARTERS), text.open_share(QUARTERS // 2)))
    warned = [f"`{text.slot}`" for text in told if text.warned]
    yield [
        f"`{one.case.template}`",
        str(one.case.dpi),
        f"`{worst.slot}`",
        f"{worst.height_dots} 点",
        str(len(worst.widths_dots)),
        f"{worst.open_share(QUARTERS // 2):.0%}",
        f"{worst.open_share(QUARTERS):.0%}",
        "WARN " + " ".join(warned) if warned else "–",
        ", ".join(f"{cut.lost:.0%}" for cut in one.cuts) + f" (`{one.cuts[0].slot}`)",
    ]


_LIMIT_HEADS = ["量 measure", "4", "3", "2", "1", "标记 mark", "来源 source"]


_NO_VALUES = [""] * 4


def _limit_rows() -> list[list[str]]:
    rows = [
        [f"{one.zh} · {one.en}", *(f"≥ {least:.0%}" for least in one.least), f"`{one.status}`", one.source or "–"]
        for one in MEASURES
    ]
    spot = f"孔径 · aperture: {APERTURE_MODULES:.0%} 模块 of a module"
    return [
        *rows,
        [spot, "", "", "", "", "`C2`", "V3"],
        ["印刷增长 · print growth", "", "", "", "", "`C2`", "V4：不评级 no grade"],
    ]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of the page."""
    return "\n".join([_line(heads), "|" + "---|" * len(heads), *map(_line, rows)]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- two damaged labels -----------------------------------------------------------------------------------------------


def pictures() -> dict[str, Image.Image]:
    """By file name, two pixels for a dot."""
    plan, dots = _shown()
    target = target_of(plan, plan.alone(SERIAL))
    fat = damage.gain(damage.fine(dots), 4, 4)
    hurt = damage.dead(dots, target.left_dots + worst_column(target, 2), 2)
    hurt = damage.dead(hurt, _text_cut().first, 2)
    return {"gain.png": fat.reduce(2), "dead.png": damage.fine(hurt).reduce(2)}


def _shown() -> tuple[LabelPlan, Image.Image]:
    label = gallery.rendered(SHOWN)
    assert isinstance(label, Label)
    assert isinstance(label.layout, LabelPlan)
    return label.layout, to_image(label.layout.alone(SERIAL))


def _text_cut() -> Cut:
    plan, dots = _shown()
    cut = worst_cut(dots, plan.painted, 2)
    assert cut is not None
    return cut


def _captions() -> list[str]:
    plan, _ = _shown()
    target = target_of(plan, plan.alone(SERIAL))
    fat = damage.gain(damage.fine(target.dots), 4, 4)
    column = target.left_dots + worst_column(target, 2)
    cut = _text_cut()
    grown = f"{growth(fat, target).across:.0%}"
    name = f"`{SHOWN.template}`, {SHOWN.dpi} dpi"
    return [
        "![墨点变粗 1 点](images/quality/gain.png)",
        "",
        f"{name}：四边各变粗 1 点，二维码的深色模块宽了 {grown}，笔画里的空隙糊住了。 ·",
        f"Every edge 1 dot fatter: the code's dark modules are {grown} of a module wider, paper in strokes fills in.",
        "",
        "![打印头坏点](images/quality/dead.png)",
        "",
        f"{name}：打印头第 {column} 列起坏 2 点（二维码的最差处），第 {cut.first} 列起坏 2 点（“{cut.text}”，",
        f"一个字少掉 {cut.lost:.0%} 的墨）。 · 2 dead dots from column {column}, the worst place of the code, and 2",
        f"from column {cut.first}, the worst place of the text, where a character loses {cut.lost:.0%} of its ink.",
    ]
