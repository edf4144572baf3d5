"""Orders made from the five sample garments, and reading a page back from what was painted."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge_agent.labels.order_sheet import CheckedSheetOrder, check_sheet_order, parse_sheet_order
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.render.order_sheet.pages import OrderPage, OrderSheet, order_pages
from edge_agent.render.templates.template import load_template

DEMO = Path(__file__).parents[2] / "edge_agent" / "demo"
RECORDS: list[dict[str, Any]] = [json.loads(path.read_text("utf-8")) for path in sorted(DEMO.glob("samples/*.json"))]
KNIT = next(one for one in RECORDS if one["product"]["style_no"] == "PY-B-0933")
TEMPLATE = "order_sheet_a5"
HEAD = {
    "order_no": "DH-20261120-017",
    "date": "2026-11-20",
    "seller": {"name": "示例毛衫经营部", "address": "浙江省嘉兴市桐乡市濮院镇示例市场A区101"},
    "buyer": {"name": "示例百货有限公司"},
}


def a_record(**product: Any) -> dict[str, Any]:
    """The blended knit with facts of its product replaced."""
    record = copy.deepcopy(KNIT)
    record["product"].update(product)
    return record


def an_order(count: int = 5, **head: Any) -> dict[str, Any]:
    """An order file of `count` lines, the five samples in turn."""
    lines = [{"record": copy.deepcopy(RECORDS[at % 5]), "quantity": 10 + at} for at in range(count)]
    return {"order": {**copy.deepcopy(HEAD), **head}, "lines": lines}


def no_files(name: str) -> bytes:
    raise AssertionError(f"nothing should be read, was asked for {name}")


def checked(order: Mapping[str, Any], template: str = TEMPLATE) -> CheckedSheetOrder:
    parsed = parse_sheet_order(json.dumps(order, ensure_ascii=False), no_files)
    return check_sheet_order(parsed, template, LabelTerms("2026-11-20", LinkStyle("id.example.cn")))


def sheet_of(order: Mapping[str, Any], template: str = TEMPLATE) -> OrderSheet:
    return checked(order, template).sheet()


def pages_of(order: Mapping[str, Any], dpi: int = 200, template: str = TEMPLATE) -> list[OrderPage]:
    return order_pages(load_template(template), sheet_of(order, template), dpi)


def words_in(page: OrderPage, slot: str) -> str:
    """All that a slot shows, without spaces, in the order it was painted."""
    return "".join(piece.text for piece in page.painted if piece.slot == slot).replace(" ", "").replace("　", "")


def words_of_line(page: OrderPage, number: int) -> str:
    """All that stands in the row of a line, without spaces, cell by cell."""
    room = page.rows[number]
    inside = [piece for piece in page.painted if piece.slot == "lines" and piece.box.overlaps(room)]
    return "".join(piece.text for piece in inside).replace(" ", "")
