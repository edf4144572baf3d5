"""This file finds the headings of a sheet of orders: ours in Chinese or English, or what the source writes. Pure.

A heading that nobody knows is refused by name: a lot under a misspelt heading would else be a label without its lot.
Who sends exports with columns of its own says so once, in `other_columns`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge_agent.messages.work_order import FIELDS
from edge_agent.model.work_order import Source
from garment.sheets import readings
from garment.sheets.cells import Cell, address
from garment.sheets.dates import day
from garment.sheets.headings import LOOKED_AT, folded
from garment.sheets.sheet import Row
from label_protocol.errors import RecordError

_ALSO: Mapping[str, tuple[str, ...]] = {
    "order_no": ("单号", "工单号", "生产工单号", "订单号"),
    "size": ("尺码", "规格"),
    "quantity": ("张数", "件数", "数量(张)", "数量(件)"),
    "lot_no": ("批次", "批次号"),
    "wanted_by": ("要求日期", "交货日期", "计划日期"),
    "firm": ("企业", "统一社会信用代码", "企业信用代码"),
}
"""Other words for the same. 序号 is none for the line: it counts the rows of one export, and in the next another row
would have it, so that an order came twice; who means it says so in the mapping."""

REQUIRED = ("order_no", "style_no", "size", "quantity")
OPTIONAL = tuple(name for name in FIELDS if name not in (*REQUIRED, "source"))

_READ: Mapping[str, Callable[[Cell], Any]] = {"quantity": readings.whole, "wanted_by": day}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of orders: the field it fills, the heading as it stands there, and how its cells are read."""

    field: str
    title: str
    read: Callable[[Cell], Any]


class Known:
    """The headings of one source: what it writes for a field stands in place of our own words for it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._fields: dict[str, str] = {}
        for field, words in FIELDS.items():
            if field != "source":
                own = source.mapping.get(field)
                ours = (field, words.zh, f"{words.zh}{field}", *_ALSO.get(field, ()))
                self._fields |= {folded(word): field for word in ((own,) if own else ours)}

    def how_many(self, rows: Sequence[Row]) -> int:
        """How many headings are known in the row that has one of order numbers; 0: there is no such row."""
        row = self._row(rows)
        return 0 if row is None else sum(folded(cell) in self._fields for cell in row[1])

    def required(self, rows: Sequence[Row]) -> tuple[int, tuple[Column | None, ...]]:
        """The number of the row of headings, and what each column is; None: no heading, or one that is left out.

        Raises:
            RecordError: no such row; a heading that nobody knows, one twice, or one that is missing.
        """
        row = self._row(rows)
        if row is None:
            raise RecordError(
                f"表格前 {LOOKED_AT} 行里找不到标题“{self._title('order_no')}” · sheet: expected headings with "
                f"{self._title('order_no')!r} in the first {LOOKED_AT} rows, got none; see docs/intake.md"
            )
        number, cells = row
        columns = tuple(self._column(number, at, cell) for at, cell in enumerate(cells))
        self._require_once(number, columns)
        return number, columns

    def _row(self, rows: Sequence[Row]) -> Row | None:
        head = rows[:LOOKED_AT]
        return next((row for row in head if any(self._fields.get(folded(one)) == "order_no" for one in row[1])), None)

    def _title(self, field: str) -> str:
        return self.source.mapping.get(field) or FIELDS[field].zh

    def _column(self, row: int, at: int, cell: Cell) -> Column | None:
        field = self._fields.get(folded(cell))
        if field is not None:
            return Column(field, str(cell)[:40], _READ.get(field, readings.text))
        if cell == "" or self.source.ignores_columns:
            return None
        near = difflib.get_close_matches(folded(cell), self._fields, n=1, cutoff=0.5)
        like = f"（是不是“{self._title(self._fields[near[0]])}”？）" if near else ""
        raise RecordError(
            f"表格 {address(row, at)}：不认识的标题“{str(cell)[:40]}”{like}，请改正或删去这一列；"
            "这个来源总有别的列，请技术人员在配置里写 other_columns · "
            f"sheet, row {row}: expected {', '.join(map(self._title, REQUIRED + OPTIONAL))}, got {str(cell)[:40]!r}; "
            "correct the heading, or set other_columns for this source"
        )

    def _require_once(self, row: int, columns: Sequence[Column | None]) -> None:
        fields = [column.field for column in columns if column]
        twice = next((one for one in fields if fields.count(one) > 1), None)
        if twice is not None:
            raise RecordError(
                f"表格第 {row} 行：“{self._title(twice)}”有两列，请删去一列 · sheet, row {row}: expected one column of "
                f"{twice}, got two; remove one"
            )
        missing = next((one for one in REQUIRED if one not in fields), None)
        if missing is not None:
            raise RecordError(
                f"表格第 {row} 行没有“{self._title(missing)}”这一列，请补上 · sheet, row {row}: expected a column "
                f"{self._title(missing)!r} ({missing}), got none; add it, or name its heading in the source's mapping"
            )
