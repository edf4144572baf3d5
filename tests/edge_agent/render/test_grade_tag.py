"""The grade tag tells level, figure and scheme, of either scheme, and keeps its lines in order where they wrap."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import RenderError
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared
from edge_agent.render.page import Piece
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.raster import dots_at_least
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import parse_template
from garment.record import record_from

SAMPLE = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json"
TERMS = LabelTerms("2026-11-20", LinkStyle("id.example.cn"))
BOTH = pytest.mark.parametrize("dpi", [203, 300])
FIGURES = {
    "cluster_content": {"level": "AAAAA", "measured": "97.5", "unit": "%"},
    "fill_power": {"level": "AAAA", "measured": "18", "unit": "cm"},
    "turbidity": {"level": "AAAAA", "measured": "1000", "unit": "mm"},
}


def tag(dpi: int, *, grade: dict[str, Any] | None = None, **product: Any) -> Layout:
    record = json.loads(SAMPLE.read_text("utf-8"))
    record["product"] |= product
    record["lot"]["grade"] |= grade or {}
    prepared = prepare(record_from(record), "down_grade_60x40", TERMS)
    assert not prepared.blocked, prepared.blocked
    return render_prepared(prepared, dpi)


def told(layout: Layout, slot: str) -> list[str]:
    return [one.text for one in layout.painted if one.slot == slot and one.piece is Piece.TEXT]


@BOTH
def test_a_figure_stands_between_its_indicator_and_its_level(dpi: int) -> None:
    stated = {"down_leakage": "AAAAA", "colour_fastness": "AAAA"}
    layout = tag(dpi, grade={"indicators": FIGURES | stated})
    assert told(layout, "scheme") == ["平湖分级"]
    words = "".join(told(layout, "indicators"))
    assert words == "绒子含量97.5%AAAAA蓬松度18cmAAAA浊度1000mmAAAAA钻绒值AAAAA色牢度AAAA"
    pieces = {one.text: one.box for one in layout.painted if one.slot == "indicators"}
    figure, marks = pieces["1000mm"], next(one.box for one in layout.painted if one.piece is Piece.BAR)
    assert pieces["浊度"].right_dots < figure.left_dots < figure.right_dots < marks.left_dots
    assert pieces["18cm"].left_dots == figure.left_dots, "figures stand in a column"


@BOTH
def test_where_no_figure_is_stated_the_marks_begin_behind_the_labels(dpi: int) -> None:
    with_figures = tag(dpi, grade={"indicators": FIGURES | {"down_leakage": "AAAAA", "colour_fastness": "AAAA"}})
    bars = [next(one.box for one in each.painted if one.piece is Piece.BAR) for each in (tag(dpi), with_figures)]
    assert bars[0].left_dots < bars[1].left_dots and bars[0].right_dots == bars[1].right_dots


@BOTH
def test_a_grade_of_the_other_scheme_prints_with_its_name_and_class_of_warmth(dpi: int) -> None:
    grade = {"scheme": "ctes-1080", "overall": "AAAAA", "indicators": {**FIGURES, "warmth": "严寒"}}
    layout = tag(dpi, grade=grade)
    assert told(layout, "scheme") == ["T/CTES 1080"]
    assert "".join(told(layout, "indicators")).endswith("保暖级别严寒")
    assert "钻绒值" not in told(layout, "indicators"), "an indicator that the scheme does not have takes no row"


@BOTH
def test_without_any_indicator_there_is_one_rule_and_not_two(dpi: int) -> None:
    layout = tag(dpi, grade={"scheme": "ctes-1080", "overall": "AAAAA", "indicators": {}})
    assert "indicators" not in layout.boxes
    assert len({"rule_top", "rule_middle"} & set(layout.boxes)) == 1


@BOTH
def test_a_size_below_its_style_begins_at_the_left_edge_and_beside_it_ends_at_the_right(dpi: int) -> None:
    beside, below = tag(dpi), tag(dpi, style_no="YR2026-W-0815-LUX")
    for layout, wrapped in ((beside, False), (below, True)):
        style, size = (next(one.box for one in layout.painted if one.slot == slot) for slot in ("style", "size"))
        assert (size.top_dots > style.bottom_dots) == wrapped
        assert (size.left_dots == style.left_dots) == wrapped
        assert (size.right_dots == layout.boxes["rule_top"].right_dots) != wrapped


@BOTH
def test_figures_too_wide_for_their_marks_are_refused_by_the_slot(dpi: int) -> None:
    wide = {"turbidity": {"level": "AAAAA", "measured": "999999.25", "unit": "mm"}}
    with pytest.raises(RenderError, match=r"部位 indicators .*宽度还差 .* slot indicators: .* too little width"):
        tag(dpi, grade={"indicators": FIGURES | wide | {"down_leakage": "AAAAA", "colour_fastness": "AAAA"}})


@BOTH
def test_wide_figures_make_their_rows_smaller_before_anything_is_refused(dpi: int) -> None:
    text = files("label_templates").joinpath("down_grade_60x40.toml").read_text("utf-8")
    larger = parse_template(text.replace("char_mm = 1.8\nlabel_mm", "char_mm = 2.2\nlabel_mm").encode(), "larger")
    sizes = []
    for figure in ("18", {203: "1000", 300: "1000.5"}[dpi]):
        record = json.loads(SAMPLE.read_text("utf-8"))
        record["lot"]["grade"]["indicators"]["turbidity"] = {"level": "AAAAA", "measured": figure, "unit": "mm"}
        facts = record_from(record).facts()
        sizes.append(lay_out(larger, make_snapshot(facts, larger, rules={}, host="id.example.cn"), dpi))
    small, wide = (one.sizes["indicators"] for one in sizes)
    assert small > wide >= dots_at_least(1.8, dpi)
