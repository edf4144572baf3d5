"""The gallery: every built-in template with every sample that fits it, as the product renders it, at both resolutions.

Which samples fit is asked of the product: the rules, then what the template requires, then the rendering itself. What
is refused stands on the page too, with the product's own sentence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops

from edge_agent.errors import FindingsError, RenderError
from edge_agent.labels.order_sheet import check_sheet_order, parse_sheet_order
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, prepare
from edge_agent.labels.smallest import apt_labels, smallest_label
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.facts import check_required, facts_of
from edge_agent.render.order_sheet.pages import OrderPage, OrderSheet, order_pages
from edge_agent.render.plan import LabelPlan, Layout, lay_out, plan_label
from edge_agent.render.raster import to_image
from edge_agent.render.templates.template import Template, built_in_templates, load_template
from garment.record import GarmentRecord, parse_record
from label_protocol.codes import serial
from tests.kits.carton_kit import ONE_STYLE, assorted, label_of
from tests.kits.check_code_kit import KEY_ID, KEYS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "labels.md"
PICTURES = ROOT / "docs" / "images" / "labels"
SAMPLES = {
    path.stem: path
    for folder in ("edge_agent/demo/samples", "tests/samples")
    for path in sorted((ROOT / folder).glob("*.json"))
}
ORDER = ROOT / "edge_agent" / "demo" / "order.json"
ARTWORK = {
    hashlib.sha256(data).hexdigest(): data
    for data in (path.read_bytes() for path in (ROOT / "tests" / "samples").glob("*.png"))
}
"""Stands in for the marks that a certification body issues; made for these samples, and nobody's."""
CARTONS = {"one_style": ONE_STYLE, "assorted": assorted(4), "mixed": assorted(40)}
"""Contents of cartons, by the names that their pictures have."""
RESOLUTIONS = (203, 300)
ON_DATE = "2026-11-20"
LINK = LinkStyle("id.example.cn")
SERIAL = "7K3M9QX2W4T8VBN5" + serial.check_character("7K3M9QX2W4T8VBN5")
MARK = "<!-- gallery -->\n"
END = "<!-- /gallery -->\n"

_SMALLEST = (
    "\n## 每份样例放得下的最小标签 · The smallest label that takes each sample\n\n"
    "`--template auto` 选的就是这一张 · the one that `--template auto` takes.\n\n"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A template with a sample that its rules and required facts let through, at a resolution."""

    template: str
    sample: str
    dpi: int
    sheet: int | None = None
    """Which page of an order sheet, from 1."""

    @property
    def file(self) -> str:
        page_ = f"-{self.sheet}" if self.sheet else ""
        return f"{self.template}-{self.sample}-{self.dpi}{page_}.png"

    def __str__(self) -> str:
        return self.file.removesuffix(".png")


@dataclass(frozen=True, slots=True)
class Label:
    """What was rendered."""

    template: Template
    layout: Layout | OrderPage
    bitmap: Bitmap
    record: GarmentRecord | None = None

    @property
    def image(self) -> Image.Image:
        """Black on white."""
        return ImageChops.invert(to_image(self.bitmap))

    @property
    def caption(self) -> str:
        """Dots, and the module of the code if there is one."""
        size = f"{self.bitmap.width_dots}×{self.bitmap.height_dots} dots"
        if not isinstance(self.layout, LabelPlan):
            return size
        symbol = self.layout.symbol
        return f"{size}, QR {symbol.modules}×{symbol.modules}, module {symbol.module_dots} dots = {symbol.x_mm:.3f} mm"


@cache
def _record(sample: str) -> GarmentRecord:
    return parse_record(SAMPLES[sample].read_bytes())


@cache
def _prepared(template: str, sample: str) -> Prepared:
    return prepare(_record(sample), template, LabelTerms(ON_DATE, LINK, artwork=ARTWORK.get))


@cache
def unfit(template: str, sample: str) -> str | None:
    """Why this label kind is not for this record: a rule's words, or what the template misses; None if it is."""
    try:
        snapshot = _prepared(template, sample).require()
        chosen = load_template(template)
        check_required(chosen.required, facts_of(snapshot), template)
    except (FindingsError, RenderError) as refused:
        return str(refused)
    return None


@cache
def rendered(case: Case) -> Label | str:
    """The label, or the sentence with which the renderer refuses it."""
    template = load_template(case.template)
    if template.of_carton:
        carton = label_of(CARTONS[case.sample], case.dpi, nth=1 + (case.sample == "assorted"))
        return Label(template, carton, carton.bare)
    if case.sheet is not None:
        sheet = _order_pages(case.template, case.dpi)[case.sheet - 1]
        return Label(template, sheet, sheet.bare)
    snapshot, record = dict(_prepared(case.template, case.sample).require()), _record(case.sample)
    if template.check_code is not None:
        snapshot["check_code"] = {"key_id": KEY_ID}
    try:
        if not template.coded:
            layout = lay_out(template, snapshot, case.dpi, artwork=ARTWORK.get)
            return Label(template, layout, layout.bare, record)
        plan = plan_label(template, snapshot, case.dpi, codes=KEYS.codes(KEY_ID), artwork=ARTWORK.get)
        return Label(template, plan, plan.alone(SERIAL), record)
    except RenderError as refused:
        return str(refused)


@cache
def _order_pages(template: str, dpi: int) -> list[OrderPage]:
    return order_pages(load_template(template), _order(template), dpi)


@cache
def _order(template: str) -> OrderSheet:
    order = parse_sheet_order(ORDER.read_bytes(), lambda name: (ORDER.parent / name).read_bytes())
    return check_sheet_order(order, template, LabelTerms(ON_DATE, LINK)).sheet()


def templates(*, of_order: bool = False) -> list[str]:
    """The built-in templates of garment labels, or those that are made from an order."""
    loaded = {name: load_template(name) for name in built_in_templates()}
    return [name for name, one in loaded.items() if (one.of_order if of_order else one.of_record)]


@cache
def cases() -> tuple[Case, ...]:
    """What the rules and the required facts let through, in the order of the page."""
    return tuple(
        Case(template, sample, dpi)
        for template in templates()
        for sample in SAMPLES
        if unfit(template, sample) is None
        for dpi in RESOLUTIONS
    )


@cache
def order_cases() -> tuple[Case, ...]:
    """Each page of the sample order."""
    return tuple(
        Case(template, ORDER.stem, dpi, sheet)
        for template in templates(of_order=True)
        for sheet in range(1, len(_order_pages(template, RESOLUTIONS[0])) + 1)
        for dpi in RESOLUTIONS
    )


@cache
def carton_cases() -> tuple[Case, ...]:
    """The label of a carton, with each of the sample contents."""
    names = [name for name in built_in_templates() if load_template(name).of_carton]
    return tuple(Case(name, sample, dpi) for name in names for sample in CARTONS for dpi in RESOLUTIONS)


def difference(golden: Image.Image, new: Image.Image) -> Image.Image:
    """Common ink black, lost ink red, new ink green."""
    size = (max(golden.width, new.width), max(golden.height, new.height))
    old_l, new_l = Image.new("L", size, 255), Image.new("L", size, 255)
    old_l.paste(golden)
    new_l.paste(new)
    return Image.merge("RGB", (new_l, old_l, ImageChops.darker(new_l, old_l)))


def page(old: str) -> str:
    """The page: its own words before the mark, and after it the gallery."""
    before, rest = old.split(MARK)
    after = rest.split(END)[1]
    return f"{before}{MARK}{''.join(_sections())}{END}{after}"


def _sections() -> Iterator[str]:
    heads = ("样例 sample", *(f"{dpi} dpi" for dpi in RESOLUTIONS))
    for name in templates():
        yield _heading(load_template(name))
        own = [case for case in cases() if case.template == name]
        pictures = list(dict.fromkeys(case.sample for case in own if isinstance(rendered(case), Label)))
        yield table(heads, _rows(pictures, own))
        if refused := list(_refused(name, own)):
            yield "\n不印的样例 · samples that are refused:\n\n" + table(("样例 sample", "原因 why"), refused)
    for name in templates(of_order=True):
        yield _heading(load_template(name))
        yield "办公打印机用 `edge-agent order-sheet` 出 600 dpi 的 PDF · an office printer gets a PDF at 600 dpi.\n\n"
        pages = {case.sheet: [one for one in order_cases() if one.sheet == case.sheet] for case in order_cases()}
        rows = [(f"`{ORDER.stem}`, {sheet}/{len(pages)}", *map(_picture, own)) for sheet, own in pages.items()]
        yield table(heads, rows)
    for name in dict.fromkeys(case.template for case in carton_cases()):
        yield _heading(load_template(name))
        yield "关箱后用 `edge-agent carton label` 打 · printed by it when a carton is closed.\n\n"
        yield table(heads, _rows(CARTONS, carton_cases()))
    yield _SMALLEST + table(heads, ((f"`{sample}`", *map(_smallest, smallest_cases(sample))) for sample in SAMPLES))


@cache
def smallest_cases(sample: str) -> tuple[Case | None, ...]:
    """The smallest built-in label that is apt for the sample and takes it, at each resolution; None: no one does."""
    record, terms = _record(sample), LabelTerms(ON_DATE, LINK, artwork=ARTWORK.get)
    found = [smallest_label(record, terms, (dpi,), apt_labels(record)) for dpi in RESOLUTIONS]
    return tuple(Case(one.name, sample, dpi) if one else None for one, dpi in zip(found, RESOLUTIONS, strict=True))


def _smallest(case: Case | None) -> str:
    return f"`{case.template}`<br>{_picture(case)}" if case else "— 没有放得下的 none takes it"


def _heading(template: Template) -> str:
    length = "最长 up to " if template.continuous else ""
    size = f"{template.size_mm[0]:g} × {length}{template.size_mm[1]:g} mm"
    return f"\n## {template.title_zh} · {template.title_en}\n\n`{template.name}`, `{template.kind}`, {size}\n\n"


def _rows(samples: Iterable[str], own: Iterable[Case]) -> Iterator[tuple[str, ...]]:
    for sample in samples:
        yield f"`{sample}`", *(_picture(case) for case in own if case.sample == sample)


def _picture(case: Case) -> str:
    label = rendered(case)
    if isinstance(label, str):
        return "—"
    alt = f"{case.template}, {case.sample}, {case.dpi} dpi"
    return f"![{alt}](images/labels/{case.file})<br>{label.caption}"


def _refused(template: str, own: Iterable[Case]) -> Iterator[tuple[str, str]]:
    """Samples by the reason they share."""
    reasons: dict[str, list[str]] = {}
    for sample in SAMPLES:
        if why := unfit(template, sample) or _unrendered([case for case in own if case.sample == sample]):
            reasons.setdefault(why, []).append(f"`{sample}`")
    for why, samples in reasons.items():
        yield "<br>".join(samples), why.replace("|", "\\|")


def _unrendered(both: Iterable[Case]) -> str | None:
    """The renderer's sentence: of the first resolution where neither can be rendered."""
    said = {case.dpi: label for case in both if isinstance(label := rendered(case), str)}
    if len(said) == len(RESOLUTIONS):
        return said[RESOLUTIONS[0]]
    return "<br>".join(f"{dpi} dpi: {why}" for dpi, why in said.items()) or None


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of a page."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
