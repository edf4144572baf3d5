"""Workbooks as people and programs save them; openpyxl writes them, and what it does not write is put into the XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl

Rows = Sequence[Sequence[Any]]
SHEET = "xl/worksheets/sheet1.xml"
LOTS: list[list[Any]] = [
    ["批号", "报告编号", "检验日期", "批量"],
    ["00123", "R-1", date(2026, 11, 10), 5000],
    ["L2", "R-2", date(2026, 1, 5), 600],
]


def workbook(rows: Rows, **sheets: Rows) -> Any:
    """A workbook with `rows` on its sheet “Sheet”, and further sheets by their names."""
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


def edited(data: bytes, old: str, new: str, part: str = SHEET) -> bytes:
    """The workbook with another text in one of its parts, and right checksums."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as was, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as now:
        for name in was.namelist():
            xml = was.read(name)
            assert name != part or old.encode() in xml, (old, xml[:3000])
            now.writestr(name, xml.replace(old.encode(), new.encode()) if name == part else xml)
    return file.getvalue()
