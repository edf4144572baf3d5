"""What does not fit is told with the smallest built-in label that takes it, and `auto` is that label."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from edge_agent.demo.play import samples
from edge_agent.errors import RenderError
from edge_agent.labels import smallest
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared, require_unblocked
from edge_agent.labels.smallest import AUTO, apt_labels, plan_or_offer, prepare_label, render_or_offer
from edge_agent.render.facts import fields
from edge_agent.render.templates.template import load_template
from garment.record import GarmentRecord, record_from

TERMS = LabelTerms("2026-11-20", LinkStyle("id.example.cn"))
BOTH = (203, 300)
LONG = "示例" * 36
"""A name of 72 characters: tall labels have room for its lines, those of 60×40 mm have not."""


def sample(which: str, **product: Any) -> GarmentRecord:
    facts = copy.deepcopy(json.loads(samples()[which].model_dump_json(exclude_none=True)))
    facts["product"].update(product)
    return record_from(facts)


def area_mm2(name: str) -> float:
    width_mm, height_mm = load_template(name).size_mm
    return width_mm * height_mm


@pytest.mark.parametrize("name", sorted(samples()))
def test_auto_is_a_label_that_takes_the_record_and_no_smaller_apt_one_does(name: str) -> None:
    record = sample(name)
    prepared = prepare_label(record, AUTO, TERMS, BOTH)
    assert prepared.template is not None
    chosen = prepared.template.name
    for dpi in BOTH:
        require_unblocked(plan_or_offer(prepared, dpi), prepared.context)
    for other in apt_labels(record):
        if area_mm2(other.name) < area_mm2(chosen):
            with pytest.raises(RenderError):
                [render_prepared(prepare(record, other.name, TERMS), dpi) for dpi in BOTH]


def test_auto_takes_the_kind_of_label_that_the_garment_needs() -> None:
    kinds = {name: prepare_label(sample(name), AUTO, TERMS, BOTH).template for name in samples()}
    assert {name: one.kind for name, one in kinds.items() if one is not None} == {
        "child_jacket": "child_tag",
        "down_graded": "down_grade",
        "infant_romper": "child_tag",
        "knit_blend": "composition_card",
        "knit_cashmere": "composition_card",
    }


@pytest.mark.parametrize(
    ("wearer", "safety", "size"),
    [("child", "GB 31701 B类", "130/64"), ("infant", "GB 31701 婴幼儿用品 A类", "90/52")],
)
def test_a_childs_graded_jacket_shows_its_safety_class_beside_the_grade(wearer: str, safety: str, size: str) -> None:
    """GB 31701-2015: the class stands on the label; the grade tag of an adult's jacket has no place for it."""
    record = sample("down_graded", wearer=wearer, safety=safety, size=size, fill_weight_g={size: 90})
    prepared = prepare_label(record, AUTO, TERMS, BOTH)
    assert prepared.template is not None
    assert {one.name for one in apt_labels(record)} == {"down_hangtag_50x90"}
    shown = smallest._paths(prepared.template)
    assert "product.safety" in shown and "lot.grade.overall" in {
        path for slot in prepared.template.slot for path in fields(getattr(slot, "text", ""))
    }
    for dpi in BOTH:
        plan_or_offer(prepared, dpi)


@pytest.mark.parametrize("dpi", BOTH)
def test_a_refusal_names_the_smallest_label_that_takes_the_record(dpi: int) -> None:
    record = sample("down_graded", name=LONG)
    with pytest.raises(RenderError) as caught:
        render_or_offer(prepare(record, "down_grade_60x40", TERMS), dpi)
    named = caught.value.smallest
    assert named is not None
    assert named in str(caught.value).split(" · ")[0], "the Chinese half names it"
    assert named in str(caught.value).split(" · ")[1]
    assert area_mm2(named) > area_mm2("down_grade_60x40")
    assert set(load_template("down_grade_60x40").required) <= smallest._paths(load_template(named))
    render_prepared(prepare(record, named, TERMS), dpi)


def test_what_no_label_takes_is_refused_as_before() -> None:
    record = sample("down_graded", name=LONG * 3, brand="示例" * 20)
    with pytest.raises(RenderError) as caught:
        render_or_offer(prepare(record, "down_grade_60x40", TERMS), 203)
    assert caught.value.smallest is None
    with pytest.raises(RenderError, match="slot"):
        plan_or_offer(prepare_label(record, AUTO, TERMS, (203,)), 203)


def test_auto_for_copies_is_a_label_without_a_code() -> None:
    chosen = prepare_label(sample("knit_cashmere"), AUTO, TERMS, BOTH, coded=False).template
    assert chosen is not None
    assert not chosen.coded


def test_a_label_without_a_code_is_still_refused_where_serials_are_issued() -> None:
    with pytest.raises(RenderError, match="label copies"):
        plan_or_offer(prepare(sample("knit_cashmere"), "wash_care_30", TERMS), 203)
