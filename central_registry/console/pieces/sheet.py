"""A list as a file for a spreadsheet, CSV or XLSX, which calculates nothing that stands in it. Pure.

In a workbook each text is a text cell, so that a lot `1E5`, a code with zeros before it and a note that begins with `=`
stay what they are. A CSV cannot say what is text: a cell that a spreadsheet would calculate gets an apostrophe before
it, and codes are better taken from the workbook.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from central_registry.console.pieces.times import in_full
from central_registry.console.pieces.words import Words

Value = str | int | date | datetime | None

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n\0]")
"""How a cell begins that a spreadsheet calculates, whatever put it there, and what some of them strip before they look
(OWASP ASVS 5.0, 1.2.10; the wide forms are what an input method types)."""

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WIDEST = 60
"""Characters of the widest column."""


def as_file(form: str, headings: Sequence[Words], rows: Sequence[Sequence[Value]], made_at: datetime) -> bytes:
    """The table in one of `MEDIA_TYPES`."""
    plain = [[_plain(cell) for cell in row] for row in rows]
    return _workbook(headings, plain, made_at) if form == "xlsx" else _csv(headings, plain)


def harmless(cell: str) -> str:
    """`cell` as a spreadsheet shows it and does not calculate it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _plain(cell: Value) -> str | int:
    if isinstance(cell, datetime):
        return in_full(cell)
    return cell if isinstance(cell, int) else "" if cell is None else str(cell)


def _csv(headings: Sequence[Words], rows: Sequence[Sequence[str | int]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it; both headings in one line."""
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow([f"{one.zh} {one.en}" for one in headings])
    out.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return ("\ufeff" + text.getvalue()).encode("utf-8", "backslashreplace")


def _workbook(headings: Sequence[Words], rows: Sequence[Sequence[str | int]], made_at: datetime) -> bytes:
    from xlsxwriter import Workbook  # some 3 MB of memory that only an export needs

    file = io.BytesIO()
    book = Workbook(file, {"constant_memory": True})
    book.set_properties({"created": made_at})
    tab, bold = book.add_worksheet(), book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for column, words in enumerate(headings):
        tab.write_string(0, column, f"{words.zh}\n{words.en}", bold)
        cells = [words.zh, words.en, *(str(row[column]) for row in rows[:1_000])]
        tab.set_column(column, column, min(_WIDEST, max(map(_width, cells)) + 2))
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            _put(tab, number, column, cell)
    tab.freeze_panes(1, 0)
    tab.autofilter(0, 0, len(rows), len(headings) - 1)
    book.close()
    return file.getvalue()


def _put(tab: Any, row: int, column: int, cell: str | int) -> None:
    if isinstance(cell, str):
        tab.write_string(row, column, cell)
    else:
        tab.write_number(row, column, cell)


def _width(text: str) -> int:
    """In digits: a Chinese character takes two."""
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)
