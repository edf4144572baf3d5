"""What gives way before what: a roomy way before a coarse code, the size of a brand before its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.raster import dots
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import parse_template
from garment.record import record_from

SAMPLE = Path(__file__).parents[3] / "tests" / "samples" / "down_bilingual_brand.json"
BRAND = "示例羽绒坊 SHILI DOWN"

TEMPLATE = """
format = 2
kind = "tag"
title_zh = "试排"
title_en = "Trial"
size_mm = [50, 40]
required = ["product.style_no", "product.gtin"]
[[slot]]
name = "style"
kind = "text"
text = "{product.style_no}"
char_mm = 1.8
[[slot]]
name = "qr"
kind = "qr"
[[slot]]
name = "serial"
kind = "serial"
char_mm = 1.8
lines = 4
[[way]]
columns = ["style", { rows = ["qr", "serial"], share = 0 }]
wrap = false
[[way]]
rows = ["style", "qr", "serial"]
"""
"""Texts of some lengths stand beside a code of three dots a module and not of four; above it stand all of them."""


def facts(**product: Any) -> dict[str, Any]:
    record = json.loads(SAMPLE.read_text("utf-8"))
    record["product"].update(product)
    return record_from(record).facts()


def test_a_denser_way_comes_before_a_code_that_bears_no_gain() -> None:
    template = parse_template(TEMPLATE.encode(), "trial")
    found = set()
    for length in range(2, 22):
        shown = facts(style_no="示" * length)
        plan = plan_label(template, make_snapshot(shown, template, rules={}, host="id.example.cn"), 203)
        beside = plan.boxes["qr"].left_dots >= plan.boxes["style"].right_dots
        found.add((plan.symbol.module_dots, beside))
    assert found == {(dots(0.5, 203), True), (dots(0.5, 203), False)}


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("template", ["down_grade_60x40", "composition_card_60x40"])
def test_a_brand_becomes_smaller_before_it_takes_a_second_line(template: str, dpi: int) -> None:
    def lines(brand: str) -> list[str]:
        record = json.loads(SAMPLE.read_text("utf-8"))
        record["product"]["brand"] = brand
        terms = LabelTerms("2026-11-20", LinkStyle("id.example.cn"))
        plan = render_prepared(prepare(record_from(record), template, terms), dpi)
        assert isinstance(plan, LabelPlan)
        return [piece.text for piece in plan.painted if piece.slot == "brand"]

    assert lines(BRAND) == [BRAND]
    assert len(lines("示例羽绒旗舰店冬装坊" * 2)) == 2, "what no line holds takes two"
