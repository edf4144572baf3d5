"""The order file: read as strictly as a garment record, its lines named by number, its sums counted, never believed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edge_agent.errors import FindingsError, NotFoundError, TemplateError
from edge_agent.labels.order_sheet import MAX_LINES, check_sheet_order, parse_sheet_order
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.render.order_sheet.pages import order_pages
from edge_agent.render.templates.template import load_template
from label_protocol.errors import AgentError, CodeError, RecordError
from tests.kits.order_kit import KNIT, TEMPLATE, a_record, an_order, checked, no_files, pages_of, sheet_of, words_in


def parsed(order: Any) -> Any:
    return parse_sheet_order(order if isinstance(order, bytes) else json.dumps(order, ensure_ascii=False), no_files)


def test_an_order_of_the_five_samples_is_read() -> None:
    order = parsed(an_order(5, remarks="  两批交货 "))
    assert order.head.order_no == "DH-20261120-017" and order.head.remarks == "两批交货"
    assert [line.quantity for line in order.lines] == [10, 11, 12, 13, 14]
    assert checked(an_order(5)).findings == ()


Change = Callable[[dict[str, Any]], object]
WRONG: dict[str, tuple[Change, str]] = {
    "an unknown field": (lambda o: o.update(remark="x"), r"^order, remark: expected only the fields .* unknown field"),
    "an unknown field of the head": (lambda o: o["order"].update(no="1"), r"^order, order\.no: .* unknown field"),
    "an unknown field of a party": (lambda o: o["order"]["buyer"].update(tel="1"), r"order\.buyer\.tel: .* unknown"),
    "an unknown field of a line": (lambda o: o["lines"][1].update(qty=1), r"^order line 2: qty: .* unknown field"),
    "no head": (lambda o: o.pop("order"), r"^order, order: expected a value, got nothing"),
    "no buyer": (lambda o: o["order"].pop("buyer"), r"order\.buyer: expected a value, got nothing"),
    "no number": (lambda o: o["order"].pop("order_no"), r"order\.order_no: expected a value, got nothing"),
    "a date that is none": (lambda o: o["order"].update(date="2026-02-30"), r"order\.date: expected a day of the"),
    "a date of another form": (lambda o: o["order"].update(date="20.11.2026"), r"order\.date: expected a date as"),
    "an unseen character": (lambda o: o["order"].update(order_no="DH\u200b1"), r"order_no: expected .* U\+200B"),
    "a name of spaces": (lambda o: o["order"]["buyer"].update(name="  "), r"buyer\.name: expected text, not only"),
    "no lines": (lambda o: o.update(lines=[]), r"^order, lines: expected at least 1 item"),
    "lines that are no list": (lambda o: o.update(lines={}), r"^order, lines: expected a list"),
    "a line that is no object": (lambda o: o["lines"].append("x"), r"^order, lines\.3: expected an object"),
    "no quantity": (lambda o: o["lines"][2].pop("quantity"), r"^order line 3: quantity: expected a value"),
    "a quantity of nothing": (lambda o: o["lines"][0].update(quantity=0), r"line 1: quantity: expected greater than 0"),
    "a quantity below nothing": (lambda o: o["lines"][0].update(quantity=-5), r"line 1: quantity: expected greater"),
    "half a garment": (lambda o: o["lines"][0].update(quantity=1.5), r"line 1: quantity: expected a whole number"),
    "a quantity in quotes": (
        lambda o: o["lines"][0].update(quantity="5"),
        r"line 1: quantity: expected a whole number",
    ),
    "a quantity that is true": (lambda o: o["lines"][0].update(quantity=True), r"line 1: quantity: expected a whole"),
    "a quantity beyond reason": (lambda o: o["lines"][0].update(quantity=10**12), r"line 1: quantity: expected less"),
    "no record": (lambda o: o["lines"][1].pop("record"), r"line 2: expected either record or record_path, got neither"),
    "two records": (lambda o: o["lines"][1].update(record_path="a.json"), r"line 2: expected either .* got both"),
    "a record that is none": (
        lambda o: o["lines"][1]["record"]["product"].pop("brand"),
        r"^order line 2: garment record, product\.brand: expected a value, got nothing",
    ),
    "an unknown field of a record": (
        lambda o: o["lines"][2]["record"]["product"].update(colr="x"),
        r"^order line 3: garment record, product\.colr: .* unknown field",
    ),
    "a total of another name": (lambda o: o.update(totals={"sum": 3}), r"^order, totals\.sum: .* unknown field"),
    "a total of nothing": (
        lambda o: o.update(totals={"pieces": 0}),
        r"^order, totals\.pieces: expected greater than 0",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_one_sentence_with_its_place(what: str) -> None:
    change, said = WRONG[what]
    order = an_order(3)
    parsed(order)
    change(order)
    with pytest.raises(RecordError, match=said) as caught:
        parsed(order)
    assert str(caught.value).count(";") >= 1 and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "^order: expected one JSON object"),
        (b"\xff\xfe{}", "^order: .* another encoding"),
        (b'{"order": {}, "order": {}}', "^order: .*'order' twice"),
        (b"[" * 100_000, "^order: .* too many levels"),
        (b"[]", "^order, the whole: expected"),
    ],
    ids=["nothing", "another encoding", "a key twice", "depth", "a list"],
)
def test_what_is_no_order_at_all_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        parsed(data)


def test_an_order_has_an_end() -> None:
    order = an_order(1)
    order["lines"] = order["lines"] * MAX_LINES
    assert len(parsed(order).lines) == MAX_LINES
    order["lines"].append(order["lines"][0])
    with pytest.raises(RecordError, match=r"lines: expected at most 500 items"):
        parsed(order)


def _damages(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each place of a JSON value with each of some wrong values; `...` means: leave it out."""
    for bad in (..., None, 7, -1, 1.5, "", "\u202ex", [], {}, [[]], True, "9" * 300):
        yield path, bad
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from _damages(child, (*path, key))


@pytest.mark.costly
def test_no_damage_leaves_the_error_tree() -> None:
    """Anything else than a sheet that can be drawn is an error of ours, that says what was expected."""
    template = load_template(TEMPLATE)
    sound = an_order(2, remarks="注", seller={"name": "甲", "address": "乙", "uscc": "丙", "phone": "1"})
    for path, bad in list(_damages(sound))[1:]:
        order: Any = {"root": copy.deepcopy(sound)}
        *steps, last = ("root", *path)
        table = order
        for step in steps:
            table = table[step]
        if bad is ...:
            del table[last]
        else:
            table[last] = bad
        try:
            order_pages(template, sheet_of(order.get("root")), 100)
        except AgentError as cause:
            assert "expected" in str(cause) or isinstance(cause, FindingsError), (path, bad, cause)


def test_a_rule_that_blocks_a_line_refuses_the_sheet_with_the_number() -> None:
    order = an_order(3)
    order["lines"][1]["record"] = a_record(composition=[{"part": "大身", "fibres": [{"name": "棉", "percent": 97}]}])
    found = checked(order)
    assert {number for number, _ in found.blocked} == {2}
    with pytest.raises(FindingsError, match=r"第 2 行 · order line 2: .*\[F1, .* blocking in 1 line\(s\)\]") as caught:
        found.sheet()
    assert "F1" in {one.rule for one in caught.value.findings}


def test_a_warning_is_told_with_its_line_and_refuses_nothing() -> None:
    order = an_order(2)
    order["lines"][1]["record"]["product"]["maker"]["uscc"] = "91330483MA0000000X"
    found = checked(order)
    assert [(number, one.rule) for number, one in found.findings] == [(2, "L1")]
    assert found.sheet().totals["lines"] == 2


def test_wrong_codes_of_seller_and_buyer_are_told_at_the_head() -> None:
    seller = {"name": "甲", "address": "乙", "uscc": "92330483MA0000000X"}
    found = checked(an_order(1, seller=seller, buyer={"name": "丙", "uscc": "92330483MA00000000"}))
    assert [(number, one.rule, one.path) for number, one in found.findings] == [(0, "L1", "order.seller.uscc")]
    assert found.sheet().totals["lines"] == 1


def test_a_lot_that_no_tag_could_carry_is_refused_with_its_line() -> None:
    order = an_order(2)
    order["lines"][1]["record"]["lot"]["lot_no"] = "二〇二六冬"
    with pytest.raises((CodeError, FindingsError), match="line 2"):
        checked(order).sheet()


def test_an_unknown_template_is_said_without_a_line() -> None:
    with pytest.raises((TemplateError, NotFoundError), match=r"^template nonsense: expected one of"):
        check_sheet_order(parsed(an_order(1)), "nonsense", LabelTerms("2026-11-20", LinkStyle("id.example.cn")))


@pytest.mark.parametrize("totals", [{"pieces": 33}, {"styles": 3}, {"lines": 3}, {}])
def test_sums_that_agree_are_taken(totals: dict[str, int]) -> None:
    assert sheet_of(an_order(3) | {"totals": totals}).totals == {"lines": 3, "styles": 3, "pieces": 33}


@pytest.mark.parametrize(("name", "counted"), [("pieces", 33), ("styles", 3), ("lines", 3)])
def test_a_sum_that_disagrees_is_refused_with_the_counted_one(name: str, counted: int) -> None:
    with pytest.raises(RecordError, match=rf"totals\.{name}: expected {counted}, as counted .*, got {counted + 1}; "):
        sheet_of(an_order(3) | {"totals": {name: counted + 1}})


def test_the_maker_of_all_records_is_the_seller_unless_another_is_named() -> None:
    order = an_order(1)
    del order["order"]["seller"]
    order["lines"] = [{"record": a_record(), "quantity": 1}, {"record": a_record(size="180/100A"), "quantity": 2}]
    (page,) = pages_of(order)
    maker = KNIT["product"]["maker"]
    assert maker["name"] in words_in(page, "seller") and maker["address"] in words_in(page, "seller")
    assert maker["uscc"] in words_in(page, "seller_uscc")


def test_records_of_several_makers_need_a_seller() -> None:
    order = an_order(3)
    del order["order"]["seller"]
    with pytest.raises(RecordError, match=r"order\.seller: expected .* records of one maker, got 2 of them \(示例"):
        sheet_of(order)


def test_the_facts_are_those_of_the_snapshot() -> None:
    """Numbers and text are spelt as the record spells them once it was read: 50.50 is 50.5, whoever draws it."""
    order = an_order(1)
    parts = [{"part": "大身", "fibres": [{"name": "棉", "percent": 50.50}, {"name": "涤纶", "percent": 49.5}]}]
    order["lines"][0]["record"] = a_record(composition=parts, standard="FZ/T 73005-2021", name="男式毛衫  ")
    sheet = sheet_of(order)
    product = sheet.lines[0].snapshot["product"]
    assert product["composition"][0]["fibres"][0]["percent"] == "50.5" and product["name"] == "男式毛衫"
    assert sheet.lines[0].snapshot["template"]["kind"] == "order_sheet"
    (page,) = pages_of(order)
    assert "棉50.5%涤纶49.5%" in words_in(page, "lines")
