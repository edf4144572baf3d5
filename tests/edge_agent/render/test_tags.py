"""What the children's and the tall labels show that others do not, and where long words end."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, prepare, render_prepared
from edge_agent.render.plan import LabelPlan
from edge_agent.render.raster import dots
from edge_agent.render.templates.template import read_template
from garment.record import record_from

ROOT = Path(__file__).parents[3]
TERMS = LabelTerms("2026-11-20", LinkStyle("id.example.cn"))
BOTH = pytest.mark.parametrize("dpi", [203, 300])
CHILDREN = pytest.mark.parametrize("template", ["child_tag_60x40", "child_tag_50x90"])


def prepared(sample: str, template: str, **product: Any) -> Prepared:
    record = json.loads(ROOT.joinpath(sample).read_text("utf-8"))
    record["product"].update(product)
    return prepare(record_from(record), template, TERMS)


def drawn(sample: str, template: str, dpi: int, **product: Any) -> LabelPlan:
    plan = render_prepared(prepared(sample, template, **product), dpi)
    assert isinstance(plan, LabelPlan)
    return plan


def lines(plan: LabelPlan, slot: str) -> list[str]:
    return [piece.text for piece in plan.painted if piece.slot == slot]


DOWN_JACKET, ROMPER = "tests/samples/child_down_jacket.json", "edge_agent/demo/samples/infant_romper.json"
KNIT = "edge_agent/demo/samples/knit_cashmere.json"
SIZES = "160/84A 165/88A 170/92A 175/96A"
GRADED, LONG = "edge_agent/demo/samples/down_graded.json", "tests/samples/down_long_names.json"


@BOTH
@CHILDREN
def test_a_child_s_down_jacket_states_its_fill_weight_and_is_not_told_that_it_does_not(template: str, dpi: int) -> None:
    assert "充绒量 95 g" in " ".join(lines(drawn(DOWN_JACKET, template, dpi), "facts"))
    assert not [one for one in prepared(DOWN_JACKET, template).findings if "充绒量" in one.zh]
    assert "充绒量" not in " ".join(lines(drawn(ROMPER, template, dpi), "facts"))


def test_a_tag_that_does_not_show_the_weight_says_so() -> None:
    former = str(ROOT / "label_templates/former/child_tag_60x40-362b3ca677bd2ac2.toml")
    (told,) = [one for one in prepared(DOWN_JACKET, former).findings if "充绒量" in one.zh]
    assert (told.rule, told.path) == ("D1", "product.fill_weight_g")


@CHILDREN
def test_the_proof_of_inspection_stands_only_where_the_lot_names_its_report(template: str) -> None:
    assert lines(drawn(ROMPER, template, 203), "certificate") == ["检验合格"]
    record = copy.deepcopy(json.loads(ROOT.joinpath(ROMPER).read_text("utf-8")))
    del record["lot"]["report_no"]
    plan = render_prepared(prepare(record_from(record), template, TERMS), 203)
    assert "检验合格" not in [piece.text for piece in plan.painted]


def test_a_style_that_is_too_long_for_its_column_ends_after_a_joint_and_the_code_keeps_its_module() -> None:
    plan = drawn(LONG, "down_grade_40x90", 203)
    assert lines(plan, "style") == ["YR2026-W-0815-", "LUX"]
    assert plan.symbol.module_dots == 4


@BOTH
def test_a_word_that_no_line_can_hold_is_cut_and_not_refused(dpi: int) -> None:
    name = "男" + "0" * 38 + "男"
    assert "".join(lines(drawn(ROMPER, "child_tag_50x90", dpi, name=name), "name")) == name


@BOTH
def test_a_table_that_has_no_room_beside_another_slot_stands_above_it(dpi: int) -> None:
    plan = drawn(KNIT, "composition_card_50x90", dpi, style_no="A1", colour="红", size=SIZES)
    article, size = plan.boxes["article"], plan.boxes["size"]
    assert article.bottom_dots <= size.top_dots
    assert article.left_dots == size.left_dots


@BOTH
@pytest.mark.parametrize("below_mm", [2.8, 5.0])
def test_a_margin_of_three_lengths_has_its_own_below(tmp_path: Path, dpi: int, below_mm: float) -> None:
    tag = tmp_path / "tag.toml"
    text = read_template("down_hangtag_50x90")[0].decode()
    tag.write_text(text.replace("margin_mm = [3, 8.6, 2.8]", f"margin_mm = [3, 8.6, {below_mm}]"), "utf-8")
    boxes = drawn(GRADED, str(tag), dpi).boxes.values()
    assert min(box.top_dots for box in boxes) == dots(8.6, dpi)
    assert max(box.bottom_dots for box in boxes) == dots(90, dpi) - dots(below_mm, dpi)
