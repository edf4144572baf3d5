"""This file reads a workbook (.xlsx) by python-calamine: the one sheet that has our headings, as rows of cells.

Formulas count by their values. What stands in hidden rows and columns counts like the rest, and that there are some is
told; hidden sheets do not count. A cell merged downwards says its value in each of its rows, as a person reads it; one
merged sideways in a row of facts is refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import python_calamine as calamine

from garment.sheets import headings
from garment.sheets.cells import Cell, Number, Odd
from garment.sheets.extent import Extent
from garment.sheets.headings import HowMany
from garment.sheets.package import NOTHING, Marks, Package, Place, damaged
from garment.sheets.sheet import Row, Sheet
from label_protocol.errors import RecordError

Range = tuple[Place, Place]

_TIME = ("日期里有时间，请只填日期", "expected a day without a time of day; remove the time")
_LOGICAL = ("格子里是 TRUE/FALSE，请填写内容", "expected a value, got TRUE or FALSE; type the value")


def read(data: bytes, within: Extent, how_many: HowMany = headings.how_many) -> Sheet:
    """The rows of the only visible sheet with headings that `how_many` knows. Going through them raises RecordError
    too.

    Raises:
        RecordError: a damaged workbook, none or several such sheets, cells beyond `within`.
    """
    package = Package.read(data, within)
    with _refusing(), calamine.load_workbook(io.BytesIO(data)) as book:
        name, found = _chosen(book, how_many)
        marks = package.marks(name)
        return _sheet(found, marks, several=len(book.sheet_names) > 1)


@contextmanager
def _refusing() -> Iterator[None]:
    """What calamine raises is a damaged workbook; its panics (0.8: over an empty sheet) are no `Exception` at all."""
    try:
        yield
    except (calamine.CalamineError, OSError, ValueError, OverflowError) as cause:
        raise damaged(str(cause)) from cause
    except BaseException as cause:
        if type(cause).__name__ != "PanicException":
            raise
        raise damaged(str(cause)) from cause


def _chosen(book: calamine.CalamineWorkbook, how_many: HowMany) -> tuple[str, calamine.CalamineSheet]:
    """Raises RecordError: not exactly one visible sheet has headings of ours."""
    visible = [
        one.name
        for one in book.sheets_metadata
        if one.visible == calamine.SheetVisibleEnum.Visible and one.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    fits = [name for name in visible if how_many(_head(book.get_sheet_by_name(name)))]
    if len(fits) > 1:
        listed = "、".join(fits)
        raise RecordError(
            f"工作表 {listed} 都有我们的标题，请只留一个，其他的删去或另存 · sheet: expected one sheet with "
            "headings, got "
            f"{', '.join(map(repr, fits))}; keep one of them in the file"
        )
    if not fits and len(visible) != 1:
        raise RecordError(
            f"没有一个工作表有我们的标题（款号、批号、地址、工号 或 生产单号）："
            f"{'、'.join(visible) or '没有可见的工作表'} · "
            f"sheet: expected a visible sheet with headings, got {', '.join(map(repr, visible)) or 'none'}; see "
            "docs/catalogue.md, or docs/intake.md for work orders"
        )
    name = (fits or visible)[0]
    return name, book.get_sheet_by_name(name)


def _head(sheet: calamine.CalamineSheet) -> list[Row]:
    return list(islice(_rows(sheet, NOTHING), headings.LOOKED_AT))


def _sheet(sheet: calamine.CalamineSheet, marks: Marks, *, several: bool) -> Sheet:
    told = [f"工作表“{sheet.name}” · sheet {sheet.name!r}"] if several else []
    if marks.hidden:
        told.append(f"隐藏的行列（{marks.hidden} 处）也算在内 · {marks.hidden} hidden rows or columns count too")
    merged = sheet.merged_cell_ranges or []
    sideways = [(top, bottom) for (top, left), (bottom, right) in merged if left < right]
    last = sheet.end[0] if sheet.end else 0
    flat = frozenset(row + 1 for top, bottom in sideways for row in range(top, min(bottom, last) + 1))
    rows = _spread(_rows(sheet, marks), [one for one in merged if one[0][1] == one[1][1]])
    return Sheet(rows, count=sheet.total_height, typed=True, flat=flat, told=tuple(told))


def _rows(sheet: calamine.CalamineSheet, marks: Marks) -> Iterator[Row]:
    """Rows from the first on; calamine leaves out the empty columns before the first cell."""
    left = sheet.start[1] if sheet.start else 0
    with _refusing():
        for row, values in enumerate(sheet.iter_rows()):
            cells: list[Cell] = [""] * left
            cells += [_cell(value, (row, left + at), marks) for at, value in enumerate(values)]
            yield row + 1, cells


def _cell(value: Any, place: Place, marks: Marks) -> Cell:
    if place in marks.odd:
        return marks.odd[place]
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return Odd(str(value).upper(), *_LOGICAL)
    if isinstance(value, int | float):
        return Number(float(value), place in marks.percent)
    if isinstance(value, datetime | time | timedelta):
        return Odd(str(value), *_TIME)
    return value if isinstance(value, date) else Odd(str(value), *_TIME)


def _spread(rows: Iterator[Row], merged: Sequence[Range]) -> Iterator[Row]:
    """A cell merged downwards stands in each of its rows."""
    starts = {start: end[0] for start, end in merged}
    open_: dict[int, tuple[Cell, int]] = {}
    for number, cells in rows:
        filled = list(cells)
        for column, (value, last) in list(open_.items()):
            if number - 1 > last:
                del open_[column]
            elif column < len(filled):
                filled[column] = value
        for column, value in enumerate(filled):
            if (number - 1, column) in starts:
                open_[column] = value, starts[number - 1, column]
        yield number, filled
