"""Reads the files that styles and lots come in: garment records as JSON, or a sheet (CSV, .xlsx) with a row for each
style and size, under the same headings as the agent's catalogue has (docs/catalogue.md). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from central_registry.goods.records import read_records
from garment.record import record_from
from garment.sheets import csv_text, headings, workbook
from garment.sheets.cells import Cell
from garment.sheets.extent import Extent
from garment.sheets.flaws import Flaws
from garment.sheets.foreign import ZIP, require_sheet
from garment.sheets.headings import Headings
from garment.sheets.row_values import RowValues, as_product
from garment.sheets.sheet import Sheet
from label_protocol.codes.trade_items import garment_gtin
from label_protocol.errors import CodeError, RecordError

WITHIN = Extent(64 << 20, 35_000, "请分成几个文件", "split the file")
"""Reading takes some five times the bytes."""

MOST_BYTES = 20_000_000
_JSON = (b"{", b"[")


def read_goods(data: bytes, name: str = "file") -> list[tuple[str, dict[str, Any]]]:
    """The garment records of a file, each with where it stands there; the bytes say what kind of file it is.

    Raises:
        RefusedError: JSON that is none, or names no garment.
        RecordError: names the cells of a sheet that are wrong, expected and got.
    """
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_JSON):
        records = read_records(data.removeprefix(b"\xef\xbb\xbf"), name)
        return [(f"record {number}", record) for number, record in enumerate(records, 1)]
    require_sheet(data)
    return _records(workbook.read(data, WITHIN) if data.startswith(ZIP) else csv_text.read(data))


def _records(sheet: Sheet) -> list[tuple[str, dict[str, Any]]]:
    rows = iter(sheet.rows)
    first = list(islice(rows, headings.LOOKED_AT))
    found = headings.required(first)
    _require_garments(found)
    flaws = Flaws()
    values = RowValues(found.columns, flaws, typed=sheet.typed)
    below = chain((row for row in first if row[0] > found.row), rows)
    records = [
        (f"第 {number} 行 · row {number}", record)
        for number, cells in below
        if _is_filled(number, cells, sheet, flaws)
        for record in _record(number, cells, values, flaws)
    ]
    flaws.require_none()
    if not records:
        raise RecordError("表格标题下面没有内容 · sheet: expected at least one row below the headings, got none")
    return records


def _require_garments(found: Headings) -> None:
    names = {column.name for column in found.columns if column}
    if not {"style_no", "gtin"} <= names:
        raise RecordError(
            "表格缺少“款号”或“商品条码”· sheet: expected a row for each style and size with style_no and gtin, got "
            f"{', '.join(sorted(names))}; see docs/catalogue.md"
        )


def _is_filled(number: int, cells: Sequence[Cell], sheet: Sheet, flaws: Flaws) -> bool:
    """Whether the row is one of facts; sums are none, and a merged one is told."""
    first = next((cell for cell in cells if cell != ""), None)
    if first is None or headings.folded(first) in headings.TOTALS:
        return False
    if number in sheet.flat:
        flaws.add(
            f"第 {number} 行",
            "有横向合并的单元格，请取消合并",
            f"row {number}: expected none; unmerge them",
        )
    return number not in sheet.flat


def _record(number: int, cells: Sequence[Cell], values: RowValues, flaws: Flaws) -> Iterator[dict[str, Any]]:
    before = flaws.count
    row = values.read(number, cells)
    if flaws.count > before:
        return  # what is missing now would be told a second time
    garment = {"product": as_product(row.get("styles", {}))} | ({"lot": row["lots"]} if row.get("lots") else {})
    try:
        record = record_from(garment)
        garment_gtin(record.product.gtin)
    except (RecordError, CodeError) as cause:
        flaws.add(f"第 {number} 行", "缺少内容或写法不对", f"row {number}, {cause}")
        return
    yield record.facts()
