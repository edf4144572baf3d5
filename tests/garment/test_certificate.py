"""A label beside its certificate: what differs is named, however it is written; what both need not state is none."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from garment.certificate import NOT_STATED, TABLE, Difference, differences, fact_words, stated
from tests.kits.copies_kit import RECORD

Change = Callable[[dict[str, Any], dict[str, Any]], object]
"""Changes product and lot of a certificate."""


def _grade(lot: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = lot["grade"]
    return found


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    return RECORD


def beside(record: dict[str, Any], change: Change) -> list[Difference]:
    facts = copy.deepcopy(record)
    change(facts["product"], facts["lot"])
    return differences(record, facts)


def test_a_record_equals_the_certificate_it_was_made_from(record: dict[str, Any]) -> None:
    assert differences(record, json.loads(json.dumps(record))) == []
    assert {name.partition(".")[0] for name in stated(record)} == {row.fact for row in TABLE}


OTHERS: dict[str, Change] = {
    "style_no": lambda product, lot: product.update(style_no="OTHER"),
    "standard": lambda product, lot: product.update(standard="GB/T 14272-2011"),
    "quality_class": lambda product, lot: product.update(quality_class="优等品"),
    "safety": lambda product, lot: product.update(safety="GB 18401-2010 B类"),
    "composition.面料": lambda product, lot: product["composition"][0].update(
        fibres=[{"name": "锦纶", "percent": "99"}]
    ),
    "maker": lambda product, lot: product["maker"].update(name="示例别家"),
    "maker_uscc": lambda product, lot: product["maker"].update(uscc="91330482MA0000001X"),
    "lot_no": lambda product, lot: lot.update(lot_no=lot["lot_no"].lower()),
    "report_no": lambda product, lot: lot.update(report_no="R-1"),
    "lab": lambda product, lot: lot.update(lab="示例检测别所"),
    "inspected_on": lambda product, lot: lot.update(inspected_on="2026-01-01"),
    "scheme": lambda product, lot: _grade(lot).update(scheme="ctes-1080"),
    "grade": lambda product, lot: _grade(lot).update(overall="A"),
    "indicator.turbidity": lambda product, lot: _grade(lot)["indicators"].update(turbidity="A"),
}


@pytest.mark.parametrize("fact", OTHERS)
def test_another_value_is_named_with_both(record: dict[str, Any], fact: str) -> None:
    found = beside(record, OTHERS[fact])
    assert [one.fact for one in found] == [fact]
    assert found[0].label == stated(record)[fact]
    assert found[0].certified not in ("", NOT_STATED, found[0].label)
    assert all(fact_words(fact))


ALIKE: dict[str, Change] = {
    "blanks and full width": lambda product, lot: lot.update(report_no=f" {lot['report_no'].translate({45: 0xFF0D})} "),
    "brackets": lambda product, lot: product["maker"].update(name=product["maker"]["name"].replace("（", "[")),
    "level": lambda product, lot: _grade(lot).update(overall=f"{len(_grade(lot)['overall'])}A级"),
    "class": lambda product, lot: product.update(quality_class="合格"),
    "safety": lambda product, lot: product.update(safety=product["safety"][-2:]),
    "dash": lambda product, lot: product.update(standard=product["standard"].replace("-", "—")),
    "order": lambda product, lot: product["composition"].reverse(),
    "size": lambda product, lot: product.update(gtin="06901234567915", size="155/76A"),
    "quantity": lambda product, lot: lot.update(quantity=1),
}


@pytest.mark.parametrize("spelled", ALIKE)
def test_one_value_written_in_two_ways_is_no_difference(record: dict[str, Any], spelled: str) -> None:
    assert beside(record, ALIKE[spelled]) == []


def test_figures_are_compared_by_value_and_with_their_unit(record: dict[str, Any]) -> None:
    label = copy.deepcopy(record)
    _grade(label["lot"])["indicators"]["fill_power"] = {"level": "AAAA", "measured": "18", "unit": "cm"}
    for figure, same in (("18.0", True), ("18.5", False)):
        facts = copy.deepcopy(label)
        _grade(facts["lot"])["indicators"]["fill_power"]["measured"] = figure
        assert (differences(label, facts) == []) is same


def test_a_grade_needs_the_certificates_word_and_a_label_may_say_less(record: dict[str, Any]) -> None:
    silent = beside(record, lambda product, lot: lot.pop("grade"))
    indicators = sorted(f"indicator.{name}" for name in _grade(record["lot"])["indicators"])
    assert [(one.fact, one.certified) for one in silent] == [
        (name, NOT_STATED) for name in ("scheme", "grade", *indicators)
    ]
    less = copy.deepcopy(record)
    del less["lot"]["grade"], less["product"]["maker"], less["lot"]["lab"]
    assert differences(less, record) == []
    assert beside(record, lambda product, lot: (lot.pop("lab"), product.pop("standard"))) == []


def test_a_label_names_lot_and_style(record: dict[str, Any]) -> None:
    assert [(one.fact, one.label) for one in differences({}, record)] == [
        ("style_no", NOT_STATED), ("lot_no", NOT_STATED)
    ]  # fmt: skip


@pytest.mark.parametrize("odd", [None, 7, [], "x", {"product": [], "lot": {"grade": 3}}, {"lot": {"lot_no": True}}])
def test_any_json_is_taken(record: dict[str, Any], odd: Any) -> None:
    assert [one.fact for one in differences(odd, record)] == ["style_no", "lot_no"]
    assert all(one.certified == NOT_STATED for one in differences(record, odd))
