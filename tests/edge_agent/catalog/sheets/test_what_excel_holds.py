"""Cells of workbooks as Excel, WPS and other programs hold them, each with its right value or its refusal."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from edge_agent.catalog.sheets import Intake, read
from label_protocol.errors import RecordError
from tests.kits.sheet_kit import JACKET
from tests.kits.workbook_kit import LOTS, edited, saved, workbook

HEAD = list(JACKET)


def jacket(column: str, value: Any, form: str = "General") -> bytes:
    """The jacket as a workbook, with another cell."""
    book = workbook([HEAD, list(JACKET.values())])
    cell = book["Sheet"].cell(2, HEAD.index(column) + 1)
    cell.value, cell.number_format = value, form
    return saved(book)


def facts(data: bytes) -> dict[str, Any]:
    taken = read(data)
    ((_, style),) = taken.documents["styles"].values()
    ((_, lot),) = taken.documents["lots"].values()
    return {**style.model_dump(mode="json"), **lot.model_dump(mode="json")}


def lot_numbers(taken: Intake) -> list[str]:
    return [lot_no for (lot_no,) in taken.documents["lots"]]


@pytest.mark.parametrize("column", ["款号", "号型", "批号", "报告编号", "统一社会信用代码", "执行标准"])
@pytest.mark.parametrize("value", [123, 123.0, 0.5, 123456789012345678, date(2026, 3, 4), time(1, 30), True])
def test_a_code_that_is_no_text_may_have_lost_something(column: str, value: Any) -> None:
    with pytest.raises(RecordError, match=rf"表格 [A-Z]2 {column} \(") as refused:
        read(jacket(column, value))
    assert any(word in str(refused.value) for word in ("设为“文本”", "日期里有时间", "TRUE/FALSE"))


@pytest.mark.parametrize("value", ["00123", "1E5", "3-4", "2026-11-10", "2026/3/4", "123456789012345000", "0.8", "80%"])
def test_a_text_of_a_workbook_is_what_somebody_typed(value: str) -> None:
    assert facts(jacket("款号", value, "@"))["style_no"] == value


@pytest.mark.parametrize("value", [6901234567892, "6901234567892", "06901234567892"])
def test_a_gtin_loses_nothing_as_a_number(value: Any) -> None:
    assert facts(jacket("商品条码", value))["gtin"].zfill(14) == "06901234567892"


@pytest.mark.parametrize(
    ("value", "form", "right"),
    [
        (0.8, "0%", "80"),
        (0.925, "0.0%", "92.5"),
        (0.925, "0.00%", "92.5"),
        (80, "General", "80"),
        (80, '0"%"', "80"),
        (92.5, "0.0", "92.5"),
        ("80%", "@", "80"),
        (1, "0%", "100"),
    ],
)
def test_a_percentage_is_what_its_cell_shows(value: Any, form: str, right: str) -> None:
    assert facts(jacket("绒子含量", value, form))["composition"][-1]["down"]["cluster_percent"] == right


@pytest.mark.parametrize(("value", "form"), [(0.8, "General"), (1, "0"), (0.8, '0.0"%"'), (8, "0%"), ("0.8", "@")])
def test_a_share_that_no_cell_shows_as_a_percentage_is_refused(value: Any, form: str) -> None:
    with pytest.raises(RecordError, match="绒子含量"):
        read(jacket("绒子含量", value, form))


DAY = date(2026, 11, 1)
MIDNIGHT = datetime.combine(DAY, time())


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (DAY, "yyyy-mm-dd"),
        (DAY, "yyyy/m/d"),
        (DAY, 'yyyy"年"m"月"d"日"'),
        (DAY, "[$-F800]dddd, mmmm dd, yyyy"),
        (DAY, "[$-804]yyyy/m/d aaaa;@"),
        (DAY, "m/d/yyyy"),
        (DAY, "d-mmm-yy"),
        (MIDNIGHT, "yyyy/m/d h:mm"),
        ("2026/11/1", "@"),
        ("2026年11月1日", "General"),
    ],
)
def test_a_day_is_read_whatever_form_it_is_shown_in(value: Any, form: str) -> None:
    assert facts(jacket("检验日期", value, form))["inspected_on"] == "2026-11-01"


@pytest.mark.parametrize(
    ("value", "form", "why"),
    [
        (DAY, "m月d日", "没有显示年月日三样"),
        (DAY, 'yyyy"年"m"月"', "没有显示年月日三样"),
        (DAY, "mmm-yy", "没有显示年月日三样"),
        (DAY, "d-mmm", "没有显示年月日三样"),
        (MIDNIGHT.replace(hour=13), "yyyy/m/d h:mm", "日期里有时间"),
        (46327, "General", "日期序号"),
        (20261101, "General", "日期序号"),
        (5, "yyyy-mm-dd", "太早"),
        ("11/1/2026", "@", "看不出哪个是月"),
    ],
)
def test_a_day_that_its_cell_does_not_show_whole_is_refused(value: Any, form: str, why: str) -> None:
    with pytest.raises(RecordError, match=rf"表格 V2 检验日期 \(inspected_on\)：.*{why}"):
        read(jacket("检验日期", value, form))


def test_days_of_macs_count_from_1904() -> None:
    book = workbook([HEAD, list(JACKET.values())])
    book.epoch = CALENDAR_MAC_1904
    cell = book["Sheet"].cell(2, HEAD.index("检验日期") + 1)
    cell.value, cell.number_format = DAY, "yyyy-mm-dd"
    assert facts(saved(book))["inspected_on"] == "2026-11-01"


TYPED = '<c r="B2" t="inlineStr"><is><t>R-1</t></is></c>'


@pytest.mark.parametrize(
    ("cell", "right"),
    [
        ('<c r="B2" t="str"><f>"R-"&amp;7</f><v>R-7</v></c>', "R-7"),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', None),
        ('<c r="B2" t="inlineStr"><is><r><t>R-</t></r><r><t>7</t></r></is></c>', "R-7"),
        ('<c s="0" t="inlineStr" r="B2"><is><t xml:space="preserve"> R-7 </t></is></c>', "R-7"),
        ('<c r="B2" s="0" cm="1" t="str"><f t="array" ref="B2">X</f><v>R-7</v></c>', "R-7"),
        ('<c r="B2"/>', None),
    ],
)
def test_a_formula_counts_by_its_value_and_a_text_by_its_runs(cell: str, right: str | None) -> None:
    ((_, first), _) = read(edited(saved(workbook(LOTS)), TYPED, cell)).documents["lots"].values()
    assert first.report_no == right


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"])
@pytest.mark.parametrize("formula", ["", "<f>1/0</f>"])
def test_an_error_is_refused_by_its_address(error: str, formula: str) -> None:
    cell = f'<c r="B2" t="e">{formula}<v>{error}</v></c>'
    with pytest.raises(RecordError, match=rf"表格 B2 报告编号 \(report_no\)：格子里是 Excel 的错误值 {error[:3]}"):
        read(edited(saved(workbook(LOTS)), TYPED, cell))


@pytest.mark.parametrize("formula", ["<f>1+1</f>", "<f>1+1</f><v/>", "<f>1+1</f><v></v>", "<f/>"])
def test_a_formula_that_nobody_calculated_is_refused(formula: str) -> None:
    with pytest.raises(RecordError, match=r"表格 B2 .*公式还没有算出结果"):
        read(edited(saved(workbook(LOTS)), TYPED, f'<c r="B2">{formula}</c>'))


def test_texts_may_stand_in_a_part_of_their_own() -> None:
    """As Excel keeps them: each once, in sharedStrings.xml."""
    data = saved(workbook(LOTS))
    data = edited(data, TYPED, '<c r="B2" t="s"><v>1</v></c>')
    types, rels = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    data = edited(data, "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>', types)
    row = f'<Relationship Id="rId99" Type="{relation}" Target="sharedStrings.xml"/></Relationships>'
    file = io.BytesIO(edited(data, "</Relationships>", row, rels))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(
            "xl/sharedStrings.xml",
            '<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<si><t>x</t></si><si><r><t>0</t></r><r><t>07</t></r><phoneticPr fontId="1"/></si></sst>',
        )
    ((_, first), _) = read(file.getvalue()).documents["lots"].values()
    assert first.report_no == "007"


def test_strict_open_xml_is_a_workbook_too() -> None:
    was, now = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
    data = edited(saved(workbook(LOTS)), f"{was}spreadsheetml/2006/main", f"{now}spreadsheetml/main")
    data = edited(data, f"{was}spreadsheetml/2006/main", f"{now}spreadsheetml/main", "xl/workbook.xml")
    data = edited(data, f"{was}officeDocument/2006/", f"{now}officeDocument/", "xl/workbook.xml")
    data = edited(data, f"{was}officeDocument/2006/", f"{now}officeDocument/", "xl/_rels/workbook.xml.rels")
    assert lot_numbers(read(data)) == ["00123", "L2"]
    with pytest.raises(RecordError, match="错误值 #N/A"):
        read(edited(data, TYPED, '<c r="B2" t="e"><v>#N/A</v></c>'))


def test_the_one_sheet_with_headings_is_taken_and_told() -> None:
    taken = read(saved(workbook([["说明"], ["每个批号一行"]], 批号表=LOTS, 空表=[])))
    assert lot_numbers(taken) == ["00123", "L2"] and taken.told == ["工作表“批号表” · sheet '批号表'"]


def test_a_hidden_sheet_does_not_count() -> None:
    book = workbook(LOTS, 旧表=[LOTS[0], ["L9", "R-9", None, None]])
    book["旧表"].sheet_state = "hidden"
    assert lot_numbers(read(saved(book))) == ["00123", "L2"]
    book["旧表"].sheet_state, book["Sheet"].sheet_state = "visible", "veryHidden"
    book.active = 1
    assert lot_numbers(read(saved(book))) == ["L9"]


def test_sheets_without_headings_are_named() -> None:
    with pytest.raises(RecordError, match=r"没有一个工作表有我们的标题.*Sheet、说明"):
        read(saved(workbook([["甲"]], 说明=[["乙"]])))


def test_hidden_rows_and_columns_count_and_are_told() -> None:
    book = workbook(LOTS)
    book["Sheet"].row_dimensions[2].hidden = book["Sheet"].column_dimensions["B"].hidden = True
    taken = read(saved(book))
    assert lot_numbers(taken) == ["00123", "L2"] and "隐藏的行列（2 处）也算在内" in taken.told[0]


def garments(*sizes: str) -> Any:
    gtins = ["6901234567892", "6901234567908", "6901234567915"]
    changes = zip(sizes, gtins, strict=False)
    rows = [list((JACKET | {"号型": size, "商品条码": gtin}).values()) for size, gtin in changes]
    return workbook([HEAD, *rows])


def test_a_cell_merged_over_the_sizes_of_a_style_is_said_of_each() -> None:
    book = garments("165/84A", "170/88A", "175/92A")
    for column in ("C", "D", "K", "S"):
        book["Sheet"].merge_cells(f"{column}2:{column}4")
    documents = read(saved(book)).documents
    assert list(documents["styles"]) == [("A1", "165/84A"), ("A1", "170/88A"), ("A1", "175/92A")]
    assert len({(one.colour, one.composition) for _, one in documents["styles"].values()}) == 1


def test_what_is_merged_ends_with_its_range() -> None:
    book = garments("165/84A", "170/88A", "175/92A")
    book["Sheet"].merge_cells("D2:D3")
    book["Sheet"]["D4"] = None
    colours = [one.colour for _, one in read(saved(book)).documents["styles"].values()]
    assert colours == ["黑色", "黑色", None]


def test_a_title_merged_over_the_sheet_is_a_title() -> None:
    book = garments("165/84A")
    book["Sheet"].insert_rows(1)
    book["Sheet"]["A1"] = "2026秋冬款式表"
    book["Sheet"].merge_cells("A1:W1")
    assert "第 2 行是标题" in read(saved(book)).told[0]


@pytest.mark.parametrize("merged", ["D2:E2", "D2:E3", "A2:W2"])
def test_cells_merged_sideways_among_facts_are_refused(merged: str) -> None:
    book = garments("165/84A", "170/88A")
    book["Sheet"].merge_cells(merged)
    with pytest.raises(RecordError, match="第 2 行：有横向合并的单元格"):
        read(saved(book))
