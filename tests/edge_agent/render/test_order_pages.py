"""The pages of an order sheet, read back from what was drawn: all facts there, nothing cut, overlapping or lost."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.errors import RenderError
from edge_agent.render.facts import plain_number
from edge_agent.render.order_sheet.pages import OrderLine, OrderPage, OrderSheet, order_pages, paged
from edge_agent.render.page import box_of
from edge_agent.render.plan import lay_out, plan_label
from edge_agent.render.raster import dots_at_least, millimetres, to_image
from edge_agent.render.templates.template import load_template, parse_template
from tests.kits.order_kit import DEMO, HEAD, RECORDS, a_record, an_order, pages_of, sheet_of, words_in, words_of_line

BUILT_IN = Path(__file__).parents[3] / "label_templates" / "order_sheet_a5.toml"
LONG_NAME = "女式高领套头加厚保暖羊毛混纺提花针织长袖连衣裙配可拆卸同色系腰带与毛球装饰限量礼盒款"
FIBRES = ["棉", "聚酯纤维", "粘纤", "锦纶", "氨纶", "绵羊毛", "山羊绒", "莫代尔纤维", "莱赛尔纤维", "腈纶", "其他纤维"]


def one_line(**product: Any) -> dict[str, Any]:
    return {"order": HEAD, "lines": [{"record": a_record(**product), "quantity": 3}]}


def assert_sound(pages: list[OrderPage]) -> None:
    """Each piece is in its slot and in its row, has ink, and shares no dot with another; each row is on one page."""
    for page in pages:
        image = to_image(page.bare)
        for piece in page.painted:
            box, room = piece.box, page.boxes[piece.slot]
            assert room.left_dots <= box.left_dots and box.right_dots <= room.right_dots, piece
            assert room.top_dots <= box.top_dots and box.bottom_dots <= room.bottom_dots, piece
            assert image.crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)).getbbox(), piece
        for one, other in itertools.combinations(page.painted, 2):
            assert not one.box.overlaps(other.box), (one, other)
        tops = [page.rows[number].top_dots for number in page.rows]
        assert tops == sorted(tops)
    numbers = [number for page in pages for number in page.rows]
    assert numbers == list(range(1, len(numbers) + 1))


def facts_of_line(record: dict[str, Any], quantity: int) -> list[str]:
    product, lot = record["product"], record["lot"]
    facts = [product[name] for name in ("style_no", "name", "colour", "size", "standard", "safety")]
    facts += [lot[name] for name in ("lot_no", "report_no", "lab", "inspected_on")] + [str(quantity)]
    for part in product["composition"]:
        facts.append(part["part"])
        facts += [f"{one['name']}{plain_number(str(one['percent']))}%" for one in part.get("fibres", ())]
        if down := part.get("down"):
            facts += [down["species"], f"绒子含量{down['cluster_percent']}%"]
    return [fact.replace(" ", "") for fact in facts]


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_every_fact_of_every_line_is_on_its_row(dpi: int) -> None:
    order = an_order(5)
    pages = pages_of(order, dpi)
    assert_sound(pages)
    where = {number: page for page in pages for number in page.rows}
    for number, line in enumerate(order["lines"], 1):
        shown = words_of_line(where[number], number)
        for fact in facts_of_line(line["record"], line["quantity"]):
            assert fact in shown, (number, fact, shown)


@pytest.mark.costly
def test_eighty_lines_fill_pages_that_each_stand_alone() -> None:
    order = an_order(80, remarks="两批交货")
    pages = pages_of(order)
    assert_sound(pages)
    assert len(pages) > 5 and sum(len(page.rows) for page in pages) == 80
    for number, page in enumerate(pages, 1):
        assert words_in(page, "title") == "成份订货单"
        assert words_in(page, "number") == "单号DH-20261120-017日期2026-11-20"
        assert "示例毛衫经营部" in words_in(page, "seller") and "示例百货有限公司" in words_in(page, "buyer")
        assert words_in(page, "lines").startswith("序号款号品名颜色号型成份执行标准安全类别批号检验依据数量（件）")
        assert words_in(page, "page") == f"第{number}页，共{len(pages)}页"


def test_totals_and_signatures_are_on_the_last_page_only() -> None:
    *before, last = pages_of(an_order(30, remarks="两批交货"))
    pieces = sum(10 + at for at in range(30))
    assert "合计5款30行" in words_in(last, "lines") and str(pieces) in words_in(last, "lines")
    assert words_in(last, "remarks") == "两批交货" and last.rows
    assert "供货方（签字、盖章）" in words_in(last, "seller_sign")
    assert before
    for page in before:
        assert "合计" not in words_in(page, "lines") and str(pieces) not in words_in(page, "lines")
        assert not {"remarks", "seller_sign", "buyer_sign", "seller_date", "buyer_date"} & set(page.boxes)


def test_one_line_is_one_page_and_the_paper_below_is_said_to_be_blank() -> None:
    (page,) = pages_of(one_line())
    assert_sound([page])
    assert "合计1款1行3（以下空白）" in words_in(page, "lines")


def test_a_style_in_two_sizes_is_one_style_and_two_lines() -> None:
    order = one_line()
    order["lines"].append({"record": a_record(size="180/100A"), "quantity": 4})
    sheet = sheet_of(order)
    assert sheet.totals == {"lines": 2, "styles": 1, "pieces": 7}
    (page,) = order_pages(load_template("order_sheet_a5"), sheet, 200)
    assert "175/96A" in words_of_line(page, 1) and "180/100A" in words_of_line(page, 2)


def test_what_is_absent_is_a_dash_and_a_basis_stands_with_the_report() -> None:
    order = one_line()
    record = order["lines"][0]["record"]
    del record["lot"], record["product"]["colour"]
    order["lines"].append({"record": a_record(), "quantity": 1, "basis": "纱线供应商声明"})
    (page,) = pages_of(order)
    assert words_of_line(page, 1).count("—") == 3  # colour, lot, basis
    assert "2026-11-09纱线供应商声明" in words_of_line(page, 2)


SIX_PARTS = [
    {"part": part, "fibres": [{"name": "棉", "percent": 60}, {"name": "聚酯纤维", "percent": 40}]}
    for part in ("面料", "里料", "罗口", "帽里", "袖里", "口袋布除外的拼接部位")
]
PERCENTS = [30, 15, 12, 10, 8, 7, 6, 5, 4, 2, 1]
EXTREMES: dict[str, dict[str, Any]] = {
    "a name of 40 characters": {"name": LONG_NAME[:40]},
    "a style number without a break": {"style_no": "PY2026WINTER0933XXLCASHMEREBLENDNAVY0001"},
    "six parts": {"composition": SIX_PARTS},
    "eleven fibres": {
        "composition": [
            {"part": "大身", "fibres": [{"name": n, "percent": p} for n, p in zip(FIBRES, PERCENTS, strict=True)]}
        ]
    },
    "letters that reach high and low": {"name": "Ångström gÿpç Ế（拼接）", "colour": "Çâjy"},
}


@pytest.mark.costly
@pytest.mark.parametrize("what", EXTREMES)
@pytest.mark.parametrize("dpi", [203, 600])
def test_a_row_grows_with_what_it_holds(what: str, dpi: int) -> None:
    order = one_line(**EXTREMES[what])
    (page,) = pages_of(order, dpi)
    assert_sound([page])
    shown = words_of_line(page, 1)
    for fact in facts_of_line(order["lines"][0]["record"], 3):
        assert fact in shown, fact
    assert page.rows[1].height_dots > pages_of(one_line(), dpi)[0].rows[1].height_dots or "letters" in what


def test_a_row_that_only_smaller_characters_let_fit_is_set_smaller_and_no_smaller_than_allowed() -> None:
    order = one_line(name="长" * 270)
    order["lines"].append({"record": a_record(), "quantity": 1})
    pages = pages_of(order, 300)
    assert_sound(pages)
    heights = {
        number: {piece.height_dots for piece in page.painted if piece.slot == "lines" and piece.box.overlaps(room)}
        for page in pages
        for number, room in page.rows.items()
    }
    least = dots_at_least(1.8, 300)
    assert all(least <= height for height in heights[1]) and max(heights[1]) < min(heights[2])


@pytest.mark.parametrize("length", [700, 10_000])
def test_a_row_that_no_page_holds_is_refused_by_slot_and_line(length: int) -> None:
    order = an_order(3)
    order["lines"][1]["record"]["product"]["name"] = "长" * length
    with pytest.raises(
        RenderError,
        match=r"slot lines, line 2: expected a row that fits .* 1\.91 mm characters, got '长{16}' too .*; shorten",
    ):
        pages_of(order)


def test_a_quantity_is_never_cut_in_two() -> None:
    order = one_line()
    order["lines"][0]["quantity"] = 99_999_999
    (page,) = pages_of(order)
    assert "99999999" in {piece.text for piece in page.painted}
    narrow = (
        BUILT_IN.read_text("utf-8")
        .replace('（件）", width_mm = 13', '（件）", width_mm = 9')
        .replace('label = "成份", width_mm = 36', 'label = "成份", width_mm = 40')
    )
    template = parse_template(narrow.encode(), "order_sheet_a5")
    with pytest.raises(RenderError, match=r"slot lines: expected .* got '99999999' too long for 7\.\d mm"):
        order_pages(template, _made_for(template, sheet_of(order)), 200)


def test_words_that_no_column_holds_are_refused_not_drawn_over_their_neighbours() -> None:
    text = BUILT_IN.read_text("utf-8").replace('"颜色", width_mm = 13', '"颜色", width_mm = 3')
    template = parse_template(text.replace("width_mm = 36", "width_mm = 46").encode(), "order_sheet_a5")
    with pytest.raises(RenderError, match=r"slot lines: expected .* got '颜色' too long for 1\.\d mm"):
        order_pages(template, _made_for(template, sheet_of(one_line())), 200)


def _made_for(template: Any, sheet: OrderSheet) -> OrderSheet:
    lines = [
        OrderLine(
            {**line.snapshot, "template": {**line.snapshot["template"], "version": template.version}}, line.quantity
        )
        for line in sheet.lines
    ]
    return OrderSheet(sheet.order, tuple(lines))


def test_a_character_that_the_font_lacks_is_named_with_its_line() -> None:
    order = an_order(2)
    order["lines"][1]["record"]["product"]["name"] = "毛衫\U0001f9f6"
    with pytest.raises(RenderError, match=r"slot lines, line 2: expected characters the font has, got .*U\+1F9F6"):
        pages_of(order)


def test_a_head_that_does_not_fit_is_refused_by_slot() -> None:
    with pytest.raises(RenderError, match="slot seller: expected"):
        pages_of(an_order(1, seller={"name": "名" * 400, "address": "址"}))
    with pytest.raises(RenderError, match="slot remarks: expected"):
        pages_of(an_order(1, remarks="注" * 2000))


def test_a_name_of_forty_and_an_address_of_seventy_eight_characters_fit() -> None:
    pages = pages_of(
        an_order(1, seller={"name": LONG_NAME[:40], "address": "浙江省" + "长" * 75, "uscc": "9" * 18}), 300
    )
    assert_sound(pages)
    assert LONG_NAME[:40] in words_in(pages[0], "seller") and "长" * 75 in words_in(pages[0], "seller")


def test_the_characters_are_never_smaller_than_the_template_allows() -> None:
    template = load_template("order_sheet_a5")
    for page in pages_of(an_order(5, remarks="x"), 203):
        for name, height in page.sizes.items():
            slot: Any = next(slot for slot in template.slot if slot.name == name)
            assert millimetres(height, 203) >= slot.min_char_mm - 1e-9, name


def test_a_frame_written_after_what_it_encloses_does_not_wipe_it_out() -> None:
    text = BUILT_IN.read_text("utf-8")
    frame = '[[slot]]\nname = "remarks_frame"' + text.split('[[slot]]\nname = "remarks_frame"')[1].split("[[slot]]")[0]
    template = parse_template((text.replace(frame, "") + "\n" + frame).encode(), "order_sheet_a5")
    pages = order_pages(template, _made_for(template, sheet_of(an_order(1, remarks="两批交货"))), 200)
    assert_sound(pages)


@pytest.mark.parametrize("path", ["order.order_no", "order.date", "order.seller.name", "order.buyer.name"])
def test_a_head_without_a_required_fact_is_refused(path: str) -> None:
    sheet = sheet_of(an_order(1))
    steps = path.split(".")
    order: dict[str, Any] = {name: dict(one) if isinstance(one, dict) else one for name, one in sheet.order.items()}
    table = order[steps[1]] if len(steps) == 3 else order
    del table[steps[-1]]
    with pytest.raises(RenderError, match=f"expected {path}, got nothing"):
        order_pages(load_template("order_sheet_a5"), OrderSheet(order, sheet.lines), 200)


def test_a_line_without_a_required_fact_is_refused_with_its_number() -> None:
    sheet = sheet_of(an_order(3))
    product = {name: fact for name, fact in sheet.lines[2].snapshot["product"].items() if name != "safety"}
    lines = (*sheet.lines[:2], OrderLine({**sheet.lines[2].snapshot, "product": product}, 1))
    with pytest.raises(RenderError, match=r"line 3: expected product\.safety, got nothing"):
        order_pages(load_template("order_sheet_a5"), OrderSheet(sheet.order, lines), 200)


def test_a_snapshot_made_for_another_template_is_refused() -> None:
    sheet = sheet_of(an_order(2))
    other = {**sheet.lines[1].snapshot, "template": {"name": "order_sheet_a5", "version": "0" * 16, "kind": "x"}}
    with pytest.raises(RenderError, match="line 2: expected a snapshot made for order_sheet_a5"):
        order_pages(
            load_template("order_sheet_a5"), OrderSheet(sheet.order, (sheet.lines[0], OrderLine(other, 1))), 200
        )


def test_a_label_s_template_is_no_sheet_and_a_sheet_s_no_label() -> None:
    sheet, template = sheet_of(an_order(1)), load_template("order_sheet_a5")
    with pytest.raises(RenderError, match="expected one of kind order_sheet, got composition_card"):
        order_pages(load_template("composition_card_60x40"), sheet, 200)
    for draw in (lay_out, plan_label):
        with pytest.raises(RenderError, match="edge-agent order-sheet"):
            draw(template, sheet.lines[0].snapshot, 203)


def test_the_page_is_a5() -> None:
    (page,) = pages_of(one_line(), 600)
    size_mm = [millimetres(one, 600) for one in (page.media.width_dots, page.media.height_dots)]
    assert size_mm == pytest.approx([210, 148], abs=0.03)
    assert page.boxes["title"] == box_of((60, 7), (90, 8), 600)


HEIGHTS = st.lists(st.integers(1, 100), min_size=1, max_size=60)


@given(HEIGHTS, st.integers(0, 100))
def test_rows_are_paged_in_order_whole_and_within_their_room(heights: list[int], last_room: int) -> None:
    room = 100
    pages = paged(heights, room, last_room)
    assert [at for page in pages for at in page] == list(range(len(heights)))
    taken = [sum(heights[at] for at in page) for page in pages]
    assert all(0 < one <= room for one in taken[:-1]) and taken[-1] <= last_room
    assert pages[-1] or heights[-1] > last_room
    for page, following in itertools.pairwise(pages[:-1]):
        assert sum(heights[at] for at in page) + heights[following[0]] > room


def test_the_demo_order_is_made_of_all_samples() -> None:
    text = (DEMO / "order.json").read_text("utf-8")
    assert text.count("record_path") == len(RECORDS) == 5
