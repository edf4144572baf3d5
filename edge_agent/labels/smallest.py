"""The smallest built-in label that takes a record: what is offered where another one does not, and what `auto` means.

Whether a label takes a record is found out by rules and rendering themselves, so what is offered is never refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from edge_agent.errors import FindingsError, RenderError
from edge_agent.labels.prepare import LabelTerms, Prepared, plan_prepared, prepare, render_prepared, require_unblocked
from edge_agent.render.facts import value
from edge_agent.render.plan import LabelPlan, Layout
from edge_agent.render.templates.durable import shown_for_certain
from edge_agent.render.templates.slots import AnyIndicators
from edge_agent.render.templates.template import Template, built_in_templates, load_template
from garment.record import GarmentRecord

AUTO = "auto"
"""Named instead of a template: the smallest built-in label that is apt for the record and takes it."""


def apt(record: GarmentRecord, template: Template) -> bool:
    """Whether this is the kind of label that the garment leaves the factory with: a graded lot's shows the grade, a
    child's is a child's, a graded child's shows the grade and the safety class (GB 31701-2015; a grade tag without it
    would be the one label on the garment). A code sticker goes beside another label, so it is never the one."""
    if template.kind == "code_sticker":
        return False
    child = record.product.wearer != "adult"
    if record.lot is not None and record.lot.grade is not None:
        graded = template.kind.startswith("down_") or any("grade" in path for path in _paths(template))
        return graded and (not child or "product.safety" in _paths(template))
    return (template.kind == "child_tag") == child


def apt_labels(record: GarmentRecord) -> list[Template]:
    """The built-in labels with a code that are apt for the record, the smallest first."""
    return [one for one in _by_area() if one.coded and apt(record, one)]


def smallest_label(
    record: GarmentRecord, terms: LabelTerms, resolutions: Sequence[int], candidates: Sequence[Template]
) -> Template | None:
    """The first candidate that takes the record at all of the resolutions (dots per inch); None: no one does."""
    return next((one for one in candidates if _takes(record, one, terms, resolutions)), None)


def prepare_label(
    record: GarmentRecord, template: str, terms: LabelTerms, resolutions: Sequence[int], *, coded: bool = True
) -> Prepared:
    """`prepare`, and for `AUTO` of the smallest label that takes the record at these resolutions (dots per inch); where
    no one does, of the largest: its refusal tells what stops them all. `coded`: with a code and a serial of its own.
    Raises as `prepare`."""
    if template != AUTO:
        return prepare(record, template, terms)
    candidates = apt_labels(record) if coded else [one for one in _by_area() if not one.coded]
    return prepare(record, (smallest_label(record, terms, resolutions, candidates) or candidates[-1]).name, terms)


def render_or_offer(prepared: Prepared, dpi: int) -> Layout:
    """`render_prepared`; where the label does not take the record, the refusal names the smallest that does and shows
    all that this one requires, and each level that it has of the record's.

    Raises:
        RenderError: with `smallest`, None if no built-in label takes it. As `render_prepared`.
    """
    try:
        return render_prepared(prepared, dpi)
    except RenderError as cause:
        candidates = [one for one in _by_area() if _takes_the_place(one, prepared)]
        smallest = smallest_label(prepared.record, prepared.terms, (dpi,), candidates)
        if smallest is None:
            raise
        raise _offering(cause, smallest, dpi) from cause


def plan_or_offer(prepared: Prepared, dpi: int) -> LabelPlan:
    """`plan_prepared`, raising as `render_or_offer`."""
    rendered = render_or_offer(prepared, dpi)
    return rendered if isinstance(rendered, LabelPlan) else plan_prepared(prepared, dpi)


def _offering(cause: RenderError, smallest: Template, dpi: int) -> RenderError:
    zh, _, en = str(cause).partition(" · ")
    width_mm, height_mm = smallest.size_mm
    zh = f"{zh}；放得下的最小自带标签：{smallest.name}（{width_mm:g}×{height_mm:g} mm，{dpi} dpi）"
    en = f"{en or cause}; the smallest built-in label that takes this record at {dpi} dpi: {smallest.name}"
    return RenderError(f"{zh} · {en}", smallest=smallest.name)


def _takes(record: GarmentRecord, template: Template, terms: LabelTerms, resolutions: Sequence[int]) -> bool:
    try:
        prepared = prepare(record, template.name, terms)
        for dpi in resolutions:
            require_unblocked(render_prepared(prepared, dpi), prepared.context)
    except (RenderError, FindingsError):
        return False
    return True


def _takes_the_place(template: Template, prepared: Prepared) -> bool:
    instead_of, facts = prepared.template, prepared.record.facts()
    if instead_of is None:
        return False
    levels = {path for path in _levels(instead_of) if value(path, facts) is not None}
    shows_all = set(instead_of.required) <= _paths(template) and levels <= _levels(template)
    return shows_all and template.coded == instead_of.coded and template.name != instead_of.name


def _levels(template: Template) -> frozenset[str]:
    """The paths of the graded properties that it has rows for."""
    return frozenset(row.path for slot in template.slot if isinstance(slot, AnyIndicators) for row in slot.rows)


def _paths(template: Template) -> frozenset[str]:
    """The facts that each of its labels shows."""
    return frozenset(template.required) | shown_for_certain(template.slot, template.required)


@cache
def _by_area() -> tuple[Template, ...]:
    labels = (load_template(name) for name in built_in_templates())
    return tuple(sorted((one for one in labels if one.of_record), key=_area))


def _area(template: Template) -> tuple[float, str]:
    width_mm, height_mm = template.size_mm
    return width_mm * height_mm, template.name
