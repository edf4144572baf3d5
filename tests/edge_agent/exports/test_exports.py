"""A table on its way out: what people wrote is never calculated, and codes stay codes. Read back by others' readers."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

from edge_agent.exports import Sheet, as_csv, as_workbook, harmless
from edge_agent.messages.text import Words

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", " =1", "＝1+1", '=HYPERLINK("http://e","x")')
PLAIN = ("1E5", "06901234567892", "L2026-11", "中文 = 值", "", "'=1", "0", "http://example.cn", "TRUE", "a\nb", 'a"b,c')
MADE = datetime(2026, 11, 20, 20, 3, tzinfo=UTC)
SHEET = Sheet(
    "打印 printed", (Words("批次", "lot"), Words("张", "labels")), [(text, n) for n, text in enumerate(PLAIN + HOSTILE)]
)


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_what_a_spreadsheet_calculates_is_led_by_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", PLAIN, ids=repr)
def test_what_it_shows_as_it_is_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_a_csv_is_one_that_excel_knows_and_harms_nobody() -> None:
    data = as_csv(SHEET)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert head == ["批次 lot", "张 labels"]
    assert [row[0] for row in rows] == [*PLAIN, *("'" + one for one in HOSTILE)]
    assert [row[1] for row in rows] == [str(n) for n in range(len(rows))]


def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers() -> None:
    data = as_workbook([SHEET], MADE)
    tab = openpyxl.load_workbook(io.BytesIO(data))["打印 printed"]
    rows = list(tab.iter_rows(min_row=2))
    assert [unescape(row[0].value or "") for row in rows] == [*PLAIN, *HOSTILE]
    kinds = {(row[0].data_type, row[1].data_type) for row in rows if row[0].value}
    assert kinds == {("s", "n")}
    seen = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("打印 printed").to_python()
    assert [row[0] for row in seen[1 : len(PLAIN) + 1]] == list(PLAIN)


def test_a_workbook_runs_nothing_and_is_the_same_for_the_same() -> None:
    data = as_workbook([SHEET, Sheet("装箱 packed", SHEET.columns, [])], MADE)
    assert data == as_workbook([SHEET, Sheet("装箱 packed", SHEET.columns, [])], MADE)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["打印 printed", "装箱 packed"] and book.properties.created == MADE.replace(tzinfo=None)
    assert not [
        cell for tab in book for row in tab.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink
    ]
