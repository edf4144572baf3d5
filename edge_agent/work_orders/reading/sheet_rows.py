"""This file reads the rows of a sheet of orders, and names each cell that is wrong by its address. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from edge_agent.model.work_order import MAX_ROWS, ReadRow
from edge_agent.work_orders.reading.headings import Column, Known
from edge_agent.work_orders.reading.row import read_row
from garment.sheets import headings
from garment.sheets.cells import Cell, UnreadableError, address
from garment.sheets.sheet import Row, Sheet
from garment.sheets.spoiled import require_code, require_value
from label_protocol.errors import RecordError

WATCHED_ROWS = 200


def sheet_rows(sheet: Sheet, known: Known, watch: Callable[[int, int], None] | None = None) -> Sequence[ReadRow]:
    """The rows below the headings; empty ones and a total at the end are none.

    Raises:
        RecordError: no headings, no row below them, more rows than anybody fills in, or what reading the file raises.
    """
    rows = iter(sheet.rows)
    first = list(islice(rows, headings.LOOKED_AT))
    head, columns = known.required(first)
    found: list[ReadRow] = []
    for number, cells in _filled(chain((row for row in first if row[0] > head), rows)):
        if len(found) >= MAX_ROWS:
            raise RecordError(
                f"表格超过 {MAX_ROWS} 行，请分成几个文件 · sheet: expected at most {MAX_ROWS} rows, got more; "
                "split the file"
            )
        found.append(_row(number, cells, columns, sheet, known.source.source_id))
        if watch is not None and number % WATCHED_ROWS == 0:
            watch(number, max(sheet.count, number))
    if not found:
        raise RecordError(
            "表格标题下面没有内容 · sheet: expected at least one row below the headings, got none; fill it in"
        )
    return found


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    for number, cells in rows:
        first = next((cell for cell in cells if cell != ""), "")
        if first != "" and headings.folded(first) not in headings.TOTALS:
            yield number, cells


def _row(number: int, cells: Sequence[Cell], columns: Sequence[Column | None], sheet: Sheet, source: str) -> ReadRow:
    values: dict[str, Any] = {}
    flaws = list(_shape(number, cells, columns, sheet))
    for at, (cell, column) in enumerate(zip(cells, columns, strict=False)):
        if cell == "" or column is None:
            continue
        try:
            values[column.field] = _value(column, cell, typed=sheet.typed)
        except ValueError as cause:
            flaws.append(_told(f"{address(number, at)} {column.title}", cause, cell))
    return read_row(f"第 {number} 行 · row {number}", values, source, tuple(flaws))


def _shape(number: int, cells: Sequence[Cell], columns: Sequence[Column | None], sheet: Sheet) -> Iterator[str]:
    if not sheet.typed and len(cells) > len(columns):
        yield (
            f"第 {number} 行多了分隔符：标题有 {len(columns)} 格，这一行有 {len(cells)} 格 · row {number}: expected "
            f"{len(columns)} cells, got {len(cells)}; remove the separator too many"
        )
    if number in sheet.flat:
        yield (
            f"第 {number} 行有横向合并的单元格，请取消合并再填写每一格 · row {number}: expected cells of their own, "
            "got some merged sideways; unmerge them and fill in each"
        )


def _value(column: Column, cell: Cell, *, typed: bool) -> Any:
    """Raises ValueError: the column does not take the cell."""
    if isinstance(cell, str):
        require_value(cell)
    value = column.read(cell)
    if isinstance(value, str) and column.field != "wanted_by":
        require_code(value, typed=typed)
    return value


def _told(where: str, cause: ValueError, cell: Cell) -> str:
    zh, en = (cause.zh, cause.en) if isinstance(cause, UnreadableError) else ("写法不对", str(cause))
    return f"{where}：{zh} · {where}: {en}, got {str(cell)[:40]!r}"
