"""Sheets as people have them: bytes in, documents of the catalogue out. Pure.

`foreign.py` knows what is no sheet, `csv_text.py` and `workbook.py` read bytes into rows of cells (`extent.py`: what is
held before calamine, `package.py`: what calamine leaves out), `headings.py` finds what each column is, `dates.py`,
`readings.py` and `spoiled.py` read a cell or say what a spreadsheet made of it, `columns.py` has the columns,
`row_values.py` reads a row by them, `records.py` puts rows together.
"""

from __future__ import annotations

from edge_agent.catalog.sheets import csv_text, workbook
from edge_agent.catalog.sheets.extent import COMMAND, OVER_API, Extent
from edge_agent.catalog.sheets.foreign import ZIP, require_sheet
from edge_agent.catalog.sheets.records import Intake, Watch, intake

__all__ = ["COMMAND", "OVER_API", "Extent", "Intake", "Watch", "read"]


def read(data: bytes, watch: Watch | None = None, within: Extent = COMMAND) -> Intake:
    """The documents of a CSV or an `.xlsx`: its bytes tell which it is. `watch` is told how far it is; a workbook
    larger than `within` is none.

    Raises:
        RecordError: names the cells that are wrong, expected and got; nothing is returned then.
    """
    require_sheet(data)
    return intake(workbook.read(data, within) if data.startswith(ZIP) else csv_text.read(data), watch)
