"""The columns of every kind of sheet: their headings, which field they fill, and how their cells are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from garment.composition import half_width, read_composition
from garment.facts import FACTS, INDICATORS_PATH, MEASURED, Fact, wearer_called
from garment.schemes import MEASURES
from garment.sheets import readings
from garment.sheets.cells import Cell
from garment.sheets.dates import day

Read = Callable[[Cell], Any]
STYLES, LOTS = "styles", "lots"
"""What a column of a garment fills: the style, or the lot beside it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: English and Chinese heading, which field of which kind it fills, and how its cell is read."""

    name: str
    zh: str
    kind: str
    field: str
    read: Read = readings.text

    @property
    def title(self) -> str:
        """The column as an error names it."""
        return f"{self.zh} ({self.name})"


def _codes(cell: Cell) -> list[str]:
    return re.split(r"[\s,;]+", half_width(readings.text(cell)).strip(" ,;"))


_READ: Mapping[str, Read] = {
    "gtin": readings.gtin,
    "wearer": lambda cell: wearer_called(readings.text(cell)),
    "composition": lambda cell: read_composition(readings.text(cell)),
    "care": _codes,
    "quantity": readings.whole,
    "inspected_on": day,
    "carbon_valid_to": day,
    "down_cluster_percent": readings.percentage,
    "fill_weight_g": readings.decimal,
    "carbon_value": readings.decimal,
    **{f"grade_{name}_measured": readings.figure(measure.unit) for name, measure in MEASURES.items()},
}
"""How the cells of a column are read that hold no plain text."""

UNITS: Mapping[str, tuple[str, ...]] = {
    "fill_weight_g": ("g", "克"),
    "down_cluster_percent": ("%",),
    "quantity": ("件",),
    "carbon_value": ("kgCO2e",),
}
"""What may stand behind a heading: the unit that the column has anyway."""


def _column(fact: Fact) -> Column:
    root, _, field = fact.path.partition(".")
    kind = LOTS if root == "lot" else STYLES
    filled = f"down.{field}" if root == "filling" else field
    if fact.path.startswith(INDICATORS_PATH):
        filled = field.removesuffix(MEASURED) if field.endswith(MEASURED) else f"{field}.level"
    return Column(fact.column, fact.heading, kind, filled, _READ.get(fact.column, readings.text))


LOT = tuple(_column(fact) for fact in FACTS if fact.path.startswith("lot."))
GARMENT = tuple(_column(fact) for fact in FACTS if not fact.path.startswith("lot."))
PRINTER = (
    Column("id", "打印机编号", "printers", "id"),
    Column("name", "名称", "printers", "name"),
    Column("url", "地址", "printers", "url"),
    Column("profile", "型号", "printers", "profile"),
    Column("dpi", "分辨率", "printers", "dpi", readings.whole),
    Column("group", "分组", "printers", "group"),
)
OPERATOR = (Column("code", "工号", "operators", "code"), Column("name", "姓名", "operators", "name"))

SPREADSHEETS: Mapping[str, Sequence[Column]] = {
    "style_no": GARMENT + LOT,
    "lot_no": LOT,
    "url": PRINTER,
    "code": OPERATOR,
}
"""By the column that tells the spreadsheet, tried in this order."""
