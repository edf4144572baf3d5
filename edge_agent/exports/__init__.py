"""A table for a spreadsheet: as CSV, or as a sheet of a workbook. The one way out for every table of this agent. Pure.

What people and records wrote is data there, too. In a workbook each text is a text cell, so that a lot `1E5`, a code
with zeros before it and a note that begins with `=` stay what they are. A CSV cannot say what is text: a cell that a
spreadsheet would calculate gets an apostrophe before it, and codes are better taken from the workbook.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge_agent.messages.text import Words

Value = str | int

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n\0]")
"""How a cell begins that a spreadsheet calculates, whatever put it there, and what some of them strip before they look
(OWASP ASVS 5.0, 1.2.10; the wide forms are what an input method types)."""

_WIDEST = 60
"""Characters of the widest column."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: `name` of its tab (up to 31 characters, none of `[]:*?/\\`), the heading of each column, and rows of as
    many values. A column of numbers has whole numbers in every row."""

    name: str
    columns: tuple[Words, ...]
    rows: Sequence[tuple[Value, ...]]


def harmless(cell: str) -> str:
    """`cell` as a spreadsheet shows it and does not calculate it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8 with the mark by which Excel knows it; both headings in one line."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow([f"{one.zh} {one.en}" for one in sheet.columns])
    rows.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in sheet.rows)
    return ("\ufeff" + text.getvalue()).encode()


def as_workbook(sheets: Sequence[Sheet], made_at: datetime) -> bytes:
    """A workbook with a tab for each table; the same tables and moment give the same bytes."""
    from xlsxwriter import Workbook  # some 3 MB of memory, and few sites export on most days

    file = io.BytesIO()
    # rows leave memory as they are written: of a shift's labels 10 MB in place of 60
    book = Workbook(file, {"constant_memory": True})
    book.set_properties({"created": made_at})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for sheet in sheets:
        _fill(book.add_worksheet(sheet.name), sheet, bold)
    book.close()
    return file.getvalue()


def as_file(sheets: Sequence[Sheet], form: str, made_at: datetime) -> bytes:
    """A workbook, where `form` is `xlsx`; else the first table as CSV."""
    return as_workbook(sheets, made_at) if form == "xlsx" else as_csv(sheets[0])


def _fill(tab: Any, sheet: Sheet, bold: Any) -> None:
    """Headings stay in sight, each with its filter."""
    for column, words in enumerate(sheet.columns):
        tab.write_string(0, column, f"{words.zh}\n{words.en}", bold)
        cells = [str(row[column]) for row in sheet.rows[:1_000]]
        tab.set_column(column, column, min(_WIDEST, max(map(_width, (words.zh, words.en, *cells))) + 2))
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                tab.write_string(number, column, cell)
            else:
                tab.write_number(number, column, cell)
    tab.freeze_panes(1, 0)
    tab.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _width(text: str) -> int:
    """In digits: a Chinese character takes two."""
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)
