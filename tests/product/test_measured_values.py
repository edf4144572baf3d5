"""A figure beside a level goes with it from the certificate to the consumer, and is told in one spelling everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from central_registry.config import RegistryConfig
from central_registry.consumer.finding import Finding
from central_registry.consumer.garment_facts import fact_words, page_of
from central_registry.consumer.scan_page import ScanPage
from central_registry.ingest import compare
from edge_agent.catalog import Catalog
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared
from edge_agent.render.facts import check_one, facts_of, value
from edge_agent.render.plan import Layout
from garment.certificate import NOT_STATED
from garment.record import record_from
from garment.schemes import MEASURES, measured_text
from label_protocol.errors import RecordError

ROOT = Path(__file__).parents[2]
INDICATORS = "lot.grade.indicators"
AT_PINGHU = {"level": "AAAA", "measured": "18", "unit": "cm"}
"""嘉兴日报 2025-12-25: AAAA级, 绒子含量90%, 蓬松度18cm, on a tag in use."""


def garment(**indicators: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(ROOT.joinpath("edge_agent/demo/samples/down_graded.json").read_text("utf-8"))
    record["lot"]["grade"]["indicators"] |= indicators
    return record


def stated(given: Any) -> Any:
    return record_from(garment(fill_power=given)).facts()["lot"]["grade"]["indicators"]["fill_power"]


@pytest.mark.parametrize("figure", ["18", 18, "18.0", 18.0, "1.8e1"])
def test_a_figure_has_one_spelling_in_the_record(figure: Any) -> None:
    assert stated({**AT_PINGHU, "measured": figure}) == AT_PINGHU


def test_a_level_alone_is_one_text_in_either_form() -> None:
    assert stated("AAAA") == stated({"level": "AAAA"}) == stated({"level": "AAAA", "measured": None}) == "AAAA"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (5, "fill_power: expected a level in quotes"),
        ({**AT_PINGHU, "unit": None}, "expected measured and unit together"),
        ({"level": "AAAA", "unit": "cm"}, "expected measured and unit together"),
        ({**AT_PINGHU, "measured": "1８"}, "fill_power.measured: expected a number"),
        ({**AT_PINGHU, "measured": "18cm"}, "fill_power.measured: expected a number"),
        ({**AT_PINGHU, "measured": "-18"}, "fill_power.measured: expected a number"),
        ({**AT_PINGHU, "measured": True}, "fill_power.measured: expected a number"),
        ({**AT_PINGHU, "measured": "1e9"}, "fill_power.measured: expected a number"),
        ({**AT_PINGHU, "measured": "5-4-3"}, "fill_power.measured: expected a number"),
        ({**AT_PINGHU, "method": "C"}, "fill_power.method: expected only the fields"),
    ],
)
def test_what_is_no_figure_is_refused_by_its_path(given: Any, says: str) -> None:
    with pytest.raises(RecordError, match=says.replace("(", r"\(")):
        record_from(garment(fill_power=given))


def test_templates_have_the_level_where_it_was_and_the_figure_behind_it() -> None:
    facts = facts_of(record_from(garment(fill_power=AT_PINGHU)).facts())
    assert value(f"{INDICATORS}.fill_power", facts) == "AAAA"
    assert value(f"{INDICATORS}.fill_power.measured", facts) == "18cm"
    assert (
        value(f"{INDICATORS}.turbidity", facts) == "AAAA" and value(f"{INDICATORS}.turbidity.measured", facts) is None
    )
    assert value("lot.grade.scheme_name", facts) == "平湖分级"
    for name in MEASURES:
        assert check_one(f"{INDICATORS}.{name}.measured") and check_one(f"{INDICATORS}.{name}")
    with pytest.raises(ValueError, match=r"fill_power\.measured"):
        check_one(f"{INDICATORS}.fill_power.mesured")


@pytest.mark.parametrize("cell", ["18", "18cm", "18 cm", "18.0cm"])
def test_a_spreadsheet_has_a_column_for_it(tmp_path: Path, cell: str) -> None:
    catalog = Catalog.open(tmp_path / "catalog.json")
    heads = "批号,分级方案,蓬松度等级,蓬松度实测值"
    catalog.import_sheet(f"{heads}\nL1,pinghu-down,AAAA,{cell}\n".encode())
    (lot,) = catalog.lots.list()
    assert lot.model_dump(mode="json")["grade"]["indicators"] == {"fill_power": AT_PINGHU}


@pytest.mark.parametrize("cell", ["18mm", "约18", "17-18cm", "-18", "18%"])
def test_a_cell_in_another_unit_is_refused_with_its_column(tmp_path: Path, cell: str) -> None:
    catalog = Catalog.open(tmp_path / "catalog.json")
    with pytest.raises(RecordError, match=r"D2 蓬松度实测值 \(grade_fill_power_measured\)"):
        catalog.import_sheet(f"批号,分级方案,蓬松度等级,蓬松度实测值\nL1,pinghu-down,AAAA,{cell}\n".encode())
    assert not catalog.lots.list()


def test_the_consumer_sees_level_figure_and_scheme() -> None:
    snapshot = record_from(garment(fill_power=AT_PINGHU)).facts()
    page = page_of(snapshot)
    (one,) = [one for one in page.indicators if one.measured]
    assert (one.zh, one.level, one.steps, one.measured) == ("蓬松度", "AAAA", 4, "18cm")
    html = ScanPage(RegistryConfig()).html(Finding("registered", serial="0" * 17, snapshot=snapshot))
    assert "18cm" in html and "平湖羽绒服产品质量分级" in html
    snapshot["lot"]["grade"]["scheme"] = "ctes-1080"
    assert "T/CTES 1080-2025" in page_of(snapshot).scheme[0]


def test_a_figure_is_compared_with_the_lots_and_needs_its_word() -> None:
    label = compare.facts_of(record_from(garment(fill_power=AT_PINGHU)).facts())
    for lot in (AT_PINGHU, {**AT_PINGHU, "measured": "18.0"}):
        assert compare.differences_of_lot(label, compare.facts_of_lot(garment(fill_power=lot))) == []
    figure = "indicator.fill_power.measured"
    other = compare.facts_of_lot(garment(fill_power={**AT_PINGHU, "measured": "16"}))
    assert compare.differences_of_lot(label, other) == [(figure, "18cm", "16cm")]
    assert compare.differences_of_lot(label, compare.facts_of_lot(garment())) == [(figure, "18cm", NOT_STATED)]
    assert fact_words(figure) == ("蓬松度实测值", "Fill power, measured")


@pytest.mark.parametrize("shape", [None, 3, [], "AAAA", {}, {"measured": True}, {"measured": [1]}, {"unit": "cm"}])
def test_a_registry_is_told_all_sorts_and_shows_no_figure_then(shape: Any) -> None:
    assert measured_text(shape) == ""


FORMER_TAG = "label_templates/former/down_hangtag_50x90-0bf0e779f5d7b921.toml"
"""Shows a grade and not whose it is: made when there was one scheme."""
TERMS = LabelTerms("2026-11-20", LinkStyle("id.example.cn"))


def test_a_grade_of_another_scheme_is_not_printed_without_its_name() -> None:
    record, former = garment(), str(ROOT / FORMER_TAG)
    record["lot"]["grade"] = {"scheme": "ctes-1080", "overall": "AAAAA"}
    blocked = prepare(record_from(record), former, TERMS).blocked
    assert [(one.rule, one.path) for one in blocked] == [("D9", "lot.grade.scheme")]
    record["lot"]["grade"]["scheme"] = "pinghu-down"
    assert not [one for one in prepare(record_from(record), former, TERMS).blocked if "没有印" in one.zh]


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_hang_tag_tells_whose_grade_it_is_and_what_was_measured(dpi: int) -> None:
    record = garment()
    indicators = {"fill_power": AT_PINGHU | {"level": "AAAAA"}, "turbidity": "AAAAA", "warmth": "严寒"}
    record["lot"]["grade"] = {"scheme": "ctes-1080", "overall": "AAAAA", "indicators": indicators}
    words = told(render_prepared(prepare(record_from(record), "down_hangtag_50x90", TERMS), dpi))
    assert words["scheme"] == "T/CTES 1080"
    assert words["grade"] == "AAAAA"
    assert words["fill_power_level"] == "蓬松度\u2002AAAAA 18cm"
    assert words["warmth_level"] == "保暖级别\u2002严寒"
    assert "turbidity_level" not in words, "it has no figure, and the overall grade stands above"


def told(layout: Layout) -> dict[str, str]:
    """What each slot shows, its pieces joined."""
    slots: dict[str, str] = {}
    for piece in layout.painted:
        slots[piece.slot] = slots.get(piece.slot, "") + piece.text
    return slots
