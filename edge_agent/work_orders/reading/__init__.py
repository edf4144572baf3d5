"""Work orders as they come: bytes of a CSV, an `.xlsx` or a JSON in, rows out, each with what is wrong with it. Pure.

The cells are read by the functions that read the catalogue's sheets (`catalog/sheets`), so a code that Excel spoiled is
refused here as there; the headings are those of orders, or what the source writes in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edge_agent.catalog.sheets import OVER_API
from edge_agent.model.work_order import ReadRow, Source
from edge_agent.work_orders.reading.headings import Known
from edge_agent.work_orders.reading.json_rows import read_json
from edge_agent.work_orders.reading.sheet_rows import sheet_rows
from garment.sheets import csv_text, workbook
from garment.sheets.foreign import ZIP, require_sheet

Watch = Callable[[int, int], None]
"""Told how many rows are read, of about how many."""


def read(data: bytes, source: Source, watch: Watch | None = None) -> Sequence[ReadRow]:
    """The rows of a file of this source; its bytes tell what it is.

    Raises:
        RecordError: nothing of it can be read: another kind of file, a damaged one, headings missing, too many rows.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return read_json(data, source)
    require_sheet(data)
    known = Known(source)
    found = (
        workbook.read(data, OVER_API, known.how_many) if data.startswith(ZIP) else csv_text.read(data, known.how_many)
    )
    return sheet_rows(found, known, watch)
