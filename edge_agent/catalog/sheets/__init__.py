"""Makes documents of the catalogue from sheets as people have them: bytes in, documents out. Pure.

`garment/sheets` reads bytes into rows of cells and each cell by its column; `records.py` puts rows together.
"""

from __future__ import annotations

from edge_agent.catalog.sheets.records import Intake, Watch, intake
from garment.sheets import csv_text, workbook
from garment.sheets.extent import COMMAND, OVER_API, Extent
from garment.sheets.foreign import ZIP, require_sheet

__all__ = ["COMMAND", "OVER_API", "Extent", "Intake", "Watch", "read"]


def read(data: bytes, watch: Watch | None = None, within: Extent = COMMAND) -> Intake:
    """The documents of a CSV or an `.xlsx`: its bytes tell which it is. `watch` is told how far it is; a workbook
    larger than `within` is none.

    Raises:
        RecordError: names the cells that are wrong, expected and got; nothing is returned then.
    """
    require_sheet(data)
    return intake(workbook.read(data, within) if data.startswith(ZIP) else csv_text.read(data), watch)
