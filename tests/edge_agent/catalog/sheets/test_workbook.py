"""Workbooks as people fill them in: what a cell was is believed, what Excel made of it is refused by its address."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from edge_agent.catalog import Catalog
from label_protocol.errors import RecordError

LOTS: list[list[Any]] = [
    ["批号", "报告编号", "检验日期", "批量"],
    ["00123", "R-1", date(2026, 11, 10), 5000],
    ["L2", "R-2", date(2026, 1, 5), 600],
]


def workbook(rows: list[list[Any]], **sheets: list[list[Any]]) -> Any:
    book = openpyxl.Workbook()
    for name, cells in {"Sheet": rows, **sheets}.items():
        sheet = book["Sheet"] if name == "Sheet" else book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    return book


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog.open(tmp_path / "catalogue.json")


def test_texts_days_and_numbers_are_read_as_they_were_meant(catalog: Catalog) -> None:
    catalog.import_sheet(saved(workbook([["2026 秋冬"], [], *LOTS, ["合计", None, None, 5600]])))
    found = [(one.lot_no, one.inspected_on, one.quantity) for one in catalog.lots.list()]
    assert found == [("00123", "2026-11-10", 5000), ("L2", "2026-01-05", 600)]


@pytest.mark.parametrize(
    ("place", "value", "form", "part"),
    [
        ("A2", 123, "General", "表格 A2 批号 (lot_no)：这一格在 Excel 里是数字"),
        ("A3", date(2026, 3, 4), "m月d日", "表格 A3 批号"),
        ("B2", "#N/A", "General", "表格 B2 报告编号 (report_no)：格子里是 Excel 的错误值"),
        ("B3", "=1+1", "General", "表格 B3 报告编号 (report_no)：公式还没有算出结果"),
        ("C2", 46336, "General", "表格 C2 检验日期 (inspected_on)：这是数字"),
        ("C2", date(2026, 11, 1), 'yyyy"年"m"月"', "表格 C2 检验日期 (inspected_on)：格子的日期格式没有显示"),
        ("D2", 0.5, "0%", "表格 D2 批量 (quantity)：应是整数"),
        ("E2", "多", "General", "表格 E2：上面没有标题"),
    ],
)
def test_what_excel_made_is_refused_by_its_address(
    catalog: Catalog, place: str, value: Any, form: str, part: str
) -> None:
    book = workbook(LOTS)
    book["Sheet"][place] = value
    book["Sheet"][place].number_format = form
    with pytest.raises(RecordError) as caught:
        catalog.import_sheet(saved(book))
    assert part in str(caught.value)
    assert not catalog.lots.list()


def test_a_cell_merged_downwards_is_said_in_each_row_and_sideways_refused(catalog: Catalog) -> None:
    book = workbook(LOTS)
    book["Sheet"].merge_cells("B2:B3")
    catalog.import_sheet(saved(book))
    assert [one.report_no for one in catalog.lots.list()] == ["R-1", "R-1"]
    book["Sheet"].merge_cells("A3:B3")
    with pytest.raises(RecordError, match="第 3 行：有横向合并"):
        catalog.import_sheet(saved(book))


def test_two_sheets_with_headings_are_both_named(catalog: Catalog) -> None:
    with pytest.raises(RecordError, match="Sheet、二月"):
        catalog.import_sheet(saved(workbook(LOTS, 二月=LOTS)))


def test_a_damaged_workbook_is_refused_and_never_read_as_another(catalog: Catalog) -> None:
    good = saved(workbook(LOTS))
    for at in range(0, len(good), 97):
        spoilt = good[:at] + bytes([good[at] ^ 0x11]) + good[at + 1 :]
        try:
            catalog.import_sheet(spoilt)
        except RecordError:
            continue
        assert [one.lot_no for one in catalog.lots.list()] == ["00123", "L2"]
