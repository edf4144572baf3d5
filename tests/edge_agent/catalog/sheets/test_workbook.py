"""Workbooks as people fill them in: what a cell was is believed, what Excel made of it is refused by its address."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import python_calamine as calamine

from edge_agent.catalog import Catalog
from edge_agent.catalog.sheets import OVER_API
from garment.sheets import workbook as module
from label_protocol.errors import RecordError
from tests.kits.workbook_kit import LOTS, edited, saved, workbook


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


FAR = {
    "the last cell of all": 'r="XFD1048576"',
    "a column behind AZ": 'r="BA2"',
    "a row behind the last": 'r="A200000"',
    "letters without an end": 'r="ZZZZZZ1"',
    "digits without an end": f'r="A{"9" * 400}"',
}
HIDDEN = {
    "no place": 'x="A2"',
    "a place in other quotes": "r='XFD1048576'",
    "two places": 'r="A2" r="XFD1048576"',
    "a place of another name": 'x:r="A2"',
    "a place within a text": 'a="&quot; " b=\' r="A2"\' r="XFD1048576"',
    "a bracket within a text": 'a=">" r="XFD1048576"',
    "a new line": '\n r="XFD1048576"',
}


@pytest.mark.parametrize("place", FAR.values(), ids=FAR)
def test_a_cell_far_outside_is_refused_before_room_is_made_for_it(catalog: Catalog, place: str) -> None:
    """Calamine ends the process if there is no room for the rectangle; 400 GB are none anywhere."""
    with pytest.raises(RecordError, match="离表太远"):
        catalog.import_sheet(edited(saved(workbook(LOTS)), 'r="A2"', place))


@pytest.mark.parametrize("place", HIDDEN.values(), ids=HIDDEN)
def test_a_cell_whose_place_is_hidden_from_the_search_is_refused(catalog: Catalog, place: str) -> None:
    with pytest.raises(RecordError, match=r"离表太远|别的程序生成"):
        catalog.import_sheet(edited(saved(workbook(LOTS)), 'r="A2"', place))


def test_a_cell_far_outside_that_has_a_form_and_no_content_is_no_matter(catalog: Catalog) -> None:
    data = edited(saved(workbook(LOTS)), "</row></sheetData>", '<c r="XFD3" s="1"/></row></sheetData>')
    catalog.import_sheet(data)
    assert len(catalog.lots.list()) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<worksheet xmlns="http://', '<?xml version="1.0"?><!DOCTYPE a><worksheet xmlns="http://'),
        ("<sheetData>", "<!-- a --><sheetData>"),
    ],
)
def test_a_sheet_with_declarations_is_refused(catalog: Catalog, old: str, new: str) -> None:
    with pytest.raises(RecordError, match="别的程序生成"):
        catalog.import_sheet(edited(saved(workbook(LOTS)), old, new))


TWICE = ["xl/workbook.bin", "mimetype", "XL/Worksheets/Sheet1.xml", "xl\\worksheets\\sheet1.xml"]


@pytest.mark.parametrize("name", TWICE)
def test_a_package_that_may_be_read_two_ways_is_refused(catalog: Catalog, name: str) -> None:
    file = io.BytesIO(saved(workbook(LOTS)))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, "x")
    with pytest.raises(RecordError, match="别的程序生成"):
        catalog.import_sheet(file.getvalue())


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(catalog: Catalog) -> None:
    file = io.BytesIO(saved(workbook(LOTS)))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/media/image1.png", bytes(65 << 20))
    with pytest.raises(RecordError, match="expected at most 64 MiB unpacked, got 65; split the file, or run edge"):
        catalog.import_sheet(file.getvalue(), within=OVER_API)
    catalog.import_sheet(file.getvalue())


class PanicException(BaseException):
    """A panic of Rust comes as one, and is no Exception."""


@pytest.mark.parametrize(("place", "name"), [(calamine, "load_workbook"), (module, "_cell")])
@pytest.mark.parametrize("raised", [PanicException("index out of bounds"), KeyboardInterrupt()])
def test_a_panic_in_the_library_is_a_damaged_file_and_an_interrupt_is_none(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, raised: BaseException
) -> None:
    def panics(*_: Any) -> Any:
        raise raised

    monkeypatch.setattr(place, name, panics)
    refusal = RecordError if isinstance(raised, PanicException) else KeyboardInterrupt
    with pytest.raises(refusal):
        catalog.import_sheet(saved(workbook(LOTS)))
