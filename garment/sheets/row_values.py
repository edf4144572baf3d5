"""This file reads the cells of a row, each by its column, and remembers what repeats: of the two million cells of a
large sheet most say what the row above them said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from garment.sheets import readings
from garment.sheets.cells import Cell, UnreadableError, address
from garment.sheets.columns import Column
from garment.sheets.flaws import Flaws
from garment.sheets.spoiled import require_code, require_value

REMEMBERED = 2000
"""Cells that are remembered of one column: a season's composition, makers and sizes; a column of GTINs repeats none."""

Values = dict[str, dict[str, Any]]
"""By kind of document: what stands in its fields."""


class RowValues:
    """Reads rows under one row of headings. `typed` as in `Sheet`."""

    def __init__(self, columns: Sequence[Column | None], flaws: Flaws, *, typed: bool) -> None:
        self._columns, self._flaws, self._typed = columns, flaws, typed
        self._known: list[dict[Cell, Any]] = [{} for _ in columns]

    def read(self, number: int, cells: Sequence[Cell]) -> Values:
        """What the row says; a wrong cell is told as a flaw and left out."""
        values: Values = {}
        for place, cell in enumerate(cells):
            if cell == "":
                continue
            column = self._columns[place] if place < len(self._columns) else None
            if column is None:
                self._tell_alone(address(number, place))
            elif cell in self._known[place] or self._learnt(number, place, column, cell):
                _set(values.setdefault(column.kind, {}), column.field, self._known[place][cell])
        return values

    def _learnt(self, number: int, place: int, column: Column, cell: Cell) -> bool:
        known = self._known[place]
        if len(known) >= REMEMBERED:
            known.clear()
        try:
            known[cell] = self._value(column, cell)
        except ValueError as cause:
            zh, en = (cause.zh, cause.en) if isinstance(cause, UnreadableError) else _told(cause)
            self._flaws.add(f"{address(number, place)} {column.title}", zh, f"{en}, got {str(cell)[:40]!r}")
        return cell in known

    def _value(self, column: Column, cell: Cell) -> Any:
        """Raises ValueError: the column does not take the cell."""
        if isinstance(cell, str):
            require_value(cell)
        value = column.read(cell)
        if column.read is readings.text:
            require_code(value, typed=self._typed)
        return value

    def _tell_alone(self, where: str) -> None:
        self._flaws.add(
            where,
            "上面没有标题，请写上标题或删去内容",
            f"{where}: expected a heading above it, got none; add it or clear the cell",
        )


def _told(cause: ValueError) -> tuple[str, str]:
    """A sentence of another room in Chinese and English; one that has no Chinese gets some."""
    zh, _, en = str(cause).rpartition(" · ")
    return zh or "写法不对", en


def _set(target: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        target = target.setdefault(step, {})
    target[last] = {**target.get(last, {}), **value} if isinstance(value, dict) else value


def as_product(value: dict[str, Any]) -> dict[str, Any]:
    """A garment as the record has it: down in columns of its own is its last part, the weight that of this size."""
    down, weight = value.pop("down", None), value.pop("fill_weight_g", None)
    if down is not None:
        value["composition"] = [*value.get("composition", []), {"part": "填充物", "down": down}]
    if weight is not None:
        value["fill_weight_g"] = {value.get("size", ""): weight}
    return value
