"""This file makes documents of the catalogue from the rows of a sheet, and says of every wrong cell what is wrong.

A factory fills in one row per style and size. One row per fibre was rejected: nobody keeps five lines of one garment
together while sorting rows. So the composition is one cell as on the label, and down has columns of its own. Nothing
comes of a sheet with a flaw in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from edge_agent.catalog.documents import KINDS, LOTS, STYLES, Kind
from garment.record import Product
from garment.sheets import headings
from garment.sheets.cells import Cell, address
from garment.sheets.flaws import Flaws
from garment.sheets.headings import Headings
from garment.sheets.row_values import REMEMBERED, RowValues, as_product
from garment.sheets.sheet import Sheet
from garment.strict_json import first_flaw
from label_protocol.errors import InputError, RecordError

Watch = Callable[[int, int], None]
"""Told how many rows are done, of about how many."""

WATCHED_ROWS = 500
SHARED = frozenset({"composition", "maker", "carbon_mark", "grade"})
"""Parts of a document that many rows have alike."""
MAX_SHARED = 2000


@dataclass(slots=True)
class Intake:
    """What a file brings: `documents` by kind and key with the `place` where each stands in the file; `pairs`: which
    garment stood beside which lot number; `told`: what whoever imports it should know."""

    documents: dict[str, dict[tuple[Any, ...], tuple[str, Any]]] = field(default_factory=dict)
    pairs: list[tuple[str, Product, str | None]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def put(self, place: str, kind: Kind[Any], document: Any) -> None:
        """Take one in; a later one with its key stands for it."""
        self.documents.setdefault(kind.name, {})[kind.key_of(document)] = place, document

    def keep(self, place: str, kind: Kind[Any], document: Any) -> str | None:
        """Take one in; a lot may stand in many places, if they say the same of it. Returns where it stands already,
        if it may not stand here too."""
        earlier = self.documents.setdefault(kind.name, {}).setdefault(kind.key_of(document), (place, document))
        alone = earlier[1] is document or (kind.name == LOTS.name and earlier[1] == document)
        return None if alone else earlier[0]


def intake(sheet: Sheet, watch: Watch | None = None) -> Intake:
    """The documents of a sheet.

    Raises:
        RecordError: no headings; the flaws of its cells, each with address and column.
    """
    rows = iter(sheet.rows)
    first = list(islice(rows, headings.LOOKED_AT))
    found = headings.required(first)
    reader = _Reader(sheet, found)
    if found.row > 1 and any(any(cells) for number, cells in first if number < found.row):
        reader.found.told.append(
            f"第 {found.row} 行是标题，上面的不导入 · headings in row {found.row}, rows above left out"
        )
    for number, cells in chain((row for row in first if row[0] > found.row), rows):
        reader.take(number, cells)
        if watch is not None and number % WATCHED_ROWS == 0:
            watch(number, max(sheet.count, number))
    return reader.end()


class _Reader:
    """Goes through the rows below the headings once."""

    def __init__(self, sheet: Sheet, found: Headings) -> None:
        self._sheet, self._columns, self._sign = sheet, found.columns, found.sign
        self._words = {column.zh for column in found.columns if column}
        self._totals: int | None = None
        self._rows = 0
        self._flaws = Flaws()
        self._values = RowValues(found.columns, self._flaws, typed=sheet.typed)
        self._shared: dict[tuple[str, str], Any] = {}
        self.found = Intake(told=list(sheet.told))

    def take(self, number: int, cells: Sequence[Cell]) -> None:
        """One row; an empty one is none."""
        if not self._sheet.typed and len(cells) > len(self._columns):
            self._flaws.add(
                f"第 {number} 行",
                f"标题有 {len(self._columns)} 格，这一行有 {len(cells)} 格，多了分隔符，请核对",
                f"row {number}: expected {len(self._columns)} cells, got {len(cells)}; remove the separator too many",
            )
        elif any(cell != "" for cell in cells):
            self._filled(number, cells)

    def end(self) -> Intake:
        """Everything, once the rows have ended. Raises RecordError."""
        if not self._rows and not self._flaws.count:
            raise RecordError(
                "表格标题下面没有内容，什么也没有导入 · sheet: expected at least one row below the headings, got none; "
                "nothing was imported"
            )
        self._flaws.require_none()
        if self._totals is not None:
            self.found.told.append(f"第 {self._totals} 行是合计，不导入 · row {self._totals} is a total, left out")
        return self.found

    def _filled(self, number: int, cells: Sequence[Cell]) -> None:
        if self._totals is not None:
            self._flaws.add(
                f"第 {self._totals} 行",
                "合计下面还有内容，请把中间的合计行删去",
                f"row {self._totals}: expected totals only in the last row, got row {number} below them; delete them",
            )
            self._totals = None
        first = next(cell for cell in cells if cell != "")
        if _word(first) in headings.TOTALS:
            self._totals = number
            return
        self._rows += 1
        if self._is_layout(number, cells):
            return
        row = dict(self._documents(number, cells))
        for kind, document in row.items():
            self._keep(number, kind, document)
        if STYLES in row:
            self.found.pairs.append(
                (f"第 {number} 行 · row {number}", row[STYLES], lot.lot_no if (lot := row.get(LOTS)) else None)
            )

    def _is_layout(self, number: int, cells: Sequence[Cell]) -> bool:
        """Whether the row is none of facts: it is told as a flaw."""
        if number in self._sheet.flat:
            self._flaws.add(
                f"第 {number} 行",
                "有横向合并的单元格，请取消合并再填写每一格",
                f"row {number}: expected cells of their own, got some merged sideways; unmerge them and fill in each",
            )
            return True
        sign = self._columns[self._sign]
        if (
            sign is not None
            and self._sign < len(cells)
            and _word(cells[self._sign]) in {headings.folded(sign.zh), headings.folded(sign.name)}
        ):
            self._flaws.add(
                f"第 {number} 行",
                "又是标题行，请删去",
                f"row {number}: expected facts, got the headings again; delete it",
            )
            return True
        return False

    def _documents(self, number: int, cells: Sequence[Cell]) -> Iterator[tuple[Kind[Any], Any]]:
        before = self._flaws.count
        values = self._values.read(number, cells)
        if self._flaws.count > before:
            return  # what is missing now would be told a second time
        for name, value in values.items():
            document = self._validated(number, KINDS[name], as_product(value) if name == STYLES.name else value)
            if document is not None:
                yield KINDS[name], document

    def _validated(self, number: int, kind: Kind[Any], value: Mapping[str, Any]) -> Any:
        try:
            return kind.require(self._model(kind, value))
        except ValidationError as cause:
            where = self._place_of(number, kind, [str(step) for step in cause.errors(include_url=False)[0]["loc"]])
            self._flaws.add(where, "缺少内容或写法不对", f"row {number}, {first_flaw(cause)}")
        except InputError as cause:
            self._flaws.add(f"第 {number} 行", "姓名不对", str(cause))
        return None

    def _model(self, kind: Kind[Any], value: Mapping[str, Any]) -> Any:
        """Raises ValidationError. What an earlier row had too is one object for both: it is neither checked nor kept a
        hundred thousand times."""
        keys = {name: (name, repr(value[name])) for name in SHARED & value.keys()}
        same = {name: self._shared[key] for name, key in keys.items() if key in self._shared}
        document = kind.model.model_validate({**value, **same})
        if len(self._shared) > MAX_SHARED:
            self._shared.clear()
        for name, key in keys.items():
            self._shared.setdefault(key, getattr(document, name))
        return document

    def _place_of(self, number: int, kind: Kind[Any], path: list[str]) -> str:
        """The cell behind a wrong field; the row, if the sheet lacks its column."""
        dotted = ".".join(path)
        if path[:1] == ["composition"] and "down" in path:
            dotted = f"down.{path[-1]}"
        fits = [
            (len(column.field), f"{address(number, place)} {column.title}")
            for place, column in enumerate(self._columns)
            if column and column.kind == kind.name and f"{dotted}.".startswith(f"{column.field}.")
        ]
        return max(fits)[1] if fits else f"第 {number} 行 {dotted}"

    def _keep(self, number: int, kind: Kind[Any], document: Any) -> None:
        place = f"第 {number} 行 · row {number}"
        earlier = self.found.keep(place, kind, document)
        if earlier is not None:
            key = " / ".join(map(str, kind.key_of(document)))
            self._flaws.add(
                f"第 {number} 行",
                f"{key} 在 {earlier} 已有，内容不同或重复，请只留一行",
                f"row {number}: expected {key} only once (or the same lot facts), got it in {earlier} too",
            )


@lru_cache(REMEMBERED)
def _word(cell: Cell) -> str:
    """As headings are compared."""
    return headings.folded(cell)
