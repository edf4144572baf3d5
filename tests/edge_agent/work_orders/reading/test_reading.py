"""Orders out of CSV, workbook and JSON: the headings of a source, cells that Excel spoiled, rows named by cell."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from edge_agent.model.work_order import MAX_ROWS, OrderLine, ReadRow, Source, SourceKind
from edge_agent.work_orders.reading import read
from label_protocol.errors import AgentError, RecordError
from tests.kits.sheet_kit import text
from tests.kits.workbook_kit import saved, workbook

ERP = Source("erp", "示例ERP", SourceKind.FOLDER, "计划科", 10_000)
ENGLISH = ["order_no", "line", "style_no", "size", "quantity", "lot_no", "wanted_by", "remark"]
HEAD = ["生产单号", "行号", "款号", "号型", "数量", "批号", "交期", "备注"]
ROW = ["MO-1", "1", "F1", "M", "50", "L1", "2026-12-01", "先打"]
WANTED = OrderLine("erp", "MO-1", "1", "F1", "M", 50, "L1", "auto", None, "2026-12-01", "先打")


def asked(data: bytes | str, source: Source = ERP) -> list[OrderLine | None]:
    return [row.asked for row in rows(data, source)]


def rows(data: bytes | str, source: Source = ERP) -> list[ReadRow]:
    return list(read(data.encode() if isinstance(data, str) else data, source))


@pytest.mark.parametrize(
    "data",
    [
        text(HEAD, ROW),
        text(["十二月生产单"], [], HEAD, ROW, ["合计", "", "", "", "50"], separator=";"),
        text(HEAD, ROW).encode("gb18030"),
        text(ENGLISH, ROW, separator="\t"),
        text(["*单号（必填）", "行号", "款号", "尺码", "数量（件）", "批次", "交货日期", "备注"], ROW),
        saved(workbook([HEAD, [*ROW[:4], 50, "L1", date(2026, 12, 1), "先打"]])),
        json.dumps([dict(zip(("order_no", "style_no", "size", "lot_no"), ("MO-1", "F1", "M", "L1"), strict=True))
                    | {"quantity": 50, "wanted_by": "2026-12-01", "remark": "先打", "printer": ""}]),
        json.dumps({"orders": [{"order_no": "MO-1", "line": "1", "style_no": "F1", "size": "M", "quantity": 50,
                                "lot_no": "L1", "wanted_by": "2026-12-01", "remark": "先打", "template": None}]}),
    ],
    ids=["csv", "semicolons", "gb18030", "english", "other-words", "xlsx", "json-list", "json-object"],
)  # fmt: skip
def test_one_order_in_every_form(data: bytes | str) -> None:
    assert asked(data) == [WANTED]


def test_an_order_may_say_for_which_firm() -> None:
    firm = "91330482MA00000054"
    for title in ("为哪家", "firm", "统一社会信用代码"):
        assert asked(text([*HEAD, title], [*ROW, firm])) == [replace(WANTED, firm=firm)]
    assert asked(text([*HEAD, "企业"], [*ROW, ""])) == [WANTED]


def test_a_source_says_what_its_headings_are() -> None:
    mapping = {"order_no": "MO Number", "style_no": "Item", "size": "Size Code", "quantity": "Qty Planned"}
    data = text(["MO Number", "Item", "Size Code", "Qty Planned"], ["MO-1", "F1", "M", "50"])
    source = replace(ERP, mapping=mapping)
    assert asked(data, source) == [OrderLine("erp", "MO-1", "1", "F1", "M", 50)]
    with pytest.raises(RecordError, match="'MO Number'"):  # what a source writes stands in place of our own words
        asked(text(HEAD, ROW), source)


def test_a_heading_that_nobody_knows_is_refused_by_name_and_left_out_where_the_source_says_so() -> None:
    data = text([*HEAD[:5], "批仔号"], [*ROW[:5], "L1"])
    with pytest.raises(RecordError, match="F1：不认识的标题“批仔号”（是不是“批号”？）"):
        asked(data)
    assert asked(data, replace(ERP, ignores_columns=True)) == [OrderLine("erp", "MO-1", "1", "F1", "M", 50)]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (["款号", "号型", "数量"], "生产单号"),
        (["生产单号", "款号", "数量"], "没有“号型”这一列"),
        (["生产单号", "款号", "号型", "数量", "数量"], "“数量”有两列"),
        (["生产单号", "序号", "款号", "号型", "数量"], "B1：不认识的标题“序号”"),  # it counts rows, and is no identity
    ],
)
def test_a_sheet_without_what_is_needed_is_refused_whole(head: list[str], said: str) -> None:
    with pytest.raises(RecordError, match=said):
        asked(text(head, ["x"] * len(head)))


@pytest.mark.parametrize(
    ("at", "cell", "said"),
    [
        (4, "5.5", "E2 数量：应是整数"),
        (4, "0", "数量缺少内容或写法不对"),
        (4, "", "数量缺少内容或写法不对"),
        (2, "1.00E+05", "C2 款号：Excel 已把这个号码改成日期或数字"),
        (2, "#N/A", "C2 款号：格子里是 Excel 的错误值"),
        (6, "10/11/2026", "G2 交期"),
        (3, "M" * 201, "号型缺少内容或写法不对"),
        (3, "M\u202e", "号型缺少内容或写法不对"),
    ],
)
def test_a_wrong_cell_is_named(at: int, cell: str, said: str) -> None:
    (row,) = rows(text(HEAD, [*ROW[:at], cell, *ROW[at + 1 :]]))
    assert row.asked is None and row.order_no == "MO-1"
    assert said in row.flaws[0] and " · " in row.flaws[0]


@pytest.mark.parametrize("cell", ["", "3月4日", "#REF!", "M" * 65])
def test_an_order_number_that_cannot_be_read_leaves_its_order_unknown(cell: str) -> None:
    (row,) = rows(text(HEAD, [cell, *ROW[1:]]))
    assert (row.asked, row.order_no) == (None, None)


def test_a_number_where_a_code_should_be_is_refused_in_a_workbook() -> None:
    (row,) = rows(saved(workbook([HEAD, ["MO-1", "1", 123, "M", 50]])))
    assert row.order_no == "MO-1" and "前面的 0 等可能已经丢了" in row.flaws[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"order_no": "MO-1", "style_no": "F1", "size": "M", "quantity": "50"}, "数量"),
        ({"order_no": "MO-1", "style_no": "F1", "size": "M", "quantity": True}, "数量"),
        ({"order_no": "MO-1", "style_no": "F1", "size": "M", "quantity": 5, "colour": "黑"}, "colour"),
        ("MO-1", "expected an object"),
    ],
)
def test_a_wrong_row_of_json_is_named(value: Any, said: str) -> None:
    (row,) = rows(json.dumps([value]))
    assert row.asked is None and said in row.flaws[0]


@pytest.mark.parametrize(
    "data",
    ["{}", "[]", "{\"orders\": 3}", "[1", "%PDF-1.7", "\0\0", "", "PK\x03\x04torn", json.dumps([{}] * (MAX_ROWS + 1))],
)  # fmt: skip
def test_what_is_no_list_of_orders_is_refused_in_a_sentence(data: str) -> None:
    with pytest.raises(RecordError, match=r" · |expected"):
        rows(data)


def test_a_damaged_file_is_read_or_refused_and_nothing_else() -> None:
    """Good files with bytes taken away, changed, put in: every answer is rows or one sentence."""
    chance = random.Random(4)
    good = [text(HEAD, *[ROW] * 3).encode(), saved(workbook([HEAD, ROW])), json.dumps([{"order_no": "MO-1"}]).encode()]
    for _ in range(300):
        data = bytearray(chance.choice(good))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    del data[at : at + chance.randrange(1, 40)]
                case 1:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case _:
                    data[at:at] = bytes(chance.randrange(256) for _ in range(3))
            if not data:
                break
        try:
            found = rows(bytes(data))
        except AgentError:
            continue
        assert all((row.asked is None) == bool(row.flaws) for row in found)


@pytest.mark.costly
def test_ten_thousand_rows_tell_how_far_they_are() -> None:
    told: list[tuple[int, int]] = []
    data = text(HEAD, *[[f"MO-{at}", *ROW[1:]] for at in range(10_000)])
    assert len(read(data.encode(), ERP, lambda done, total: told.append((done, total)))) == 10_000
    assert len(told) == 50 and told[-1][0] == 10_000 and all(done <= total for done, total in told)
