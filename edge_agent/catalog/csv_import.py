"""This file reads a spreadsheet saved as CSV, as a factory fills it in: one row per style and size.

Every cell is plain text. One row per fibre was rejected: nobody keeps five lines of one garment together while sorting
rows. So the composition is one cell as on the label (`面料: 棉 65, 聚酯纤维 35; 里料: 棉 100`), and down has columns of
its own. Headings are Chinese or English; whether garments, lots, printers or operators are meant follows from them.
Excel saves UTF-8 with a mark or GB18030, with commas, semicolons or tabs: all are taken. Errors name the row as the
spreadsheet numbers it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from edge_agent.catalog.documents import KINDS, LOT_GOODS, LOTS, STYLES, Kind
from edge_agent.catalog.goods import goods_of
from garment.composition import half_width, read_composition
from garment.facts import FACTS, INDICATORS_PATH, MEASURED, Fact, wearer_called
from garment.schemes import MEASURES
from garment.strict_json import first_flaw
from label_protocol.errors import RecordError


@dataclass(frozen=True, slots=True)
class Column:
    """One column: English and Chinese heading, which field of which kind it fills, and how its cell is read."""

    name: str
    zh: str
    kind: str
    field: str
    read: Callable[[str], Any] = str

    @property
    def title(self) -> str:
        """The column as an error names it."""
        return f"{self.zh} ({self.name})"


def _whole(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", cell):
        raise ValueError("a whole number")
    return int(cell)


def _gtin(cell: str) -> str:
    if not re.fullmatch(r"[0-9]{8,14}", cell):
        raise ValueError("8 to 14 digits (format the column as text, or the spreadsheet shortens the number)")
    return cell


def _figure(unit: str) -> Callable[[str], Any]:
    """Reads `18`, `18cm` and `18 cm` of a column in `unit`; what else stands there is the record's to refuse."""
    return lambda cell: {"measured": cell.removesuffix(unit).strip(), "unit": unit}


def _codes(cell: str) -> list[str]:
    return re.split(r"[\s,;]+", half_width(cell).strip(" ,;"))


_READ: Mapping[str, Callable[[str], Any]] = {
    "gtin": _gtin,
    "wearer": wearer_called,
    "composition": read_composition,
    "care": _codes,
    "quantity": _whole,
    **{f"grade_{name}_measured": _figure(measure.unit) for name, measure in MEASURES.items()},
}
"""How the cells of a column are read that are not taken as they stand."""


def _column(fact: Fact) -> Column:
    root, _, field = fact.path.partition(".")
    kind = LOTS.name if root == "lot" else STYLES.name
    filled = f"down.{field}" if root == "filling" else field
    if fact.path.startswith(INDICATORS_PATH):
        filled = field.removesuffix(MEASURED) if field.endswith(MEASURED) else f"{field}.level"
    return Column(fact.column, fact.heading, kind, filled, _READ.get(fact.column, str))


LOT = tuple(_column(fact) for fact in FACTS if fact.path.startswith("lot."))
GARMENT = tuple(_column(fact) for fact in FACTS if not fact.path.startswith("lot."))
PRINTER = (
    Column("id", "打印机编号", "printers", "id"),
    Column("name", "名称", "printers", "name"),
    Column("url", "地址", "printers", "url"),
    Column("profile", "型号", "printers", "profile"),
    Column("dpi", "分辨率", "printers", "dpi", _whole),
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


def read(data: bytes) -> dict[str, list[Any]]:
    """The documents of a spreadsheet, by kind.

    Raises:
        RecordError: names row and column, expected and got; nothing is returned then.
    """
    rows = _rows(_text(data))
    columns = _columns(next(rows, (1, []))[1])
    found: dict[str, dict[tuple[Any, ...], tuple[int, Any]]] = {
        kind: {} for kind in dict.fromkeys(column.kind for column in columns)
    }
    pairs = []
    for number, cells in rows:
        row = dict(_documents(number, columns, cells))
        for kind, document in row.items():
            _keep(found[kind.name], number, kind, document)
        if STYLES in row:
            pairs.append((row[STYLES], row.get(LOTS)))
    if not any(found.values()):
        raise RecordError("sheet: expected at least one row below the headings, got none; nothing was imported")
    goods = {LOT_GOODS.name: goods_of(pairs)} if pairs else {}
    return {name: [document for _, document in rows.values()] for name, rows in found.items()} | goods


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RecordError("sheet: expected UTF-8 or GB18030, got another encoding; save it as “CSV UTF-8”")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number the spreadsheet shows; rows without any text are left out."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if any(cell.strip() for cell in cells):
                yield number, [cell.strip() for cell in cells]
    except csv.Error as cause:
        raise RecordError(f"sheet, row {number + 1}: expected CSV, got a flaw ({cause}); save it again") from cause


def _columns(headings: list[str]) -> list[Column]:
    for sign, columns in SPREADSHEETS.items():
        known = {word: column for column in columns for word in (column.name, column.zh)}
        if not any(word in known and known[word].name == sign for word in headings):
            continue
        unknown = next((word for word in headings if word not in known), None)
        if unknown is not None:
            raise RecordError(f"sheet, row 1: expected {', '.join(known)}; got {unknown[:40]!r}; correct the heading")
        chosen = [known[word] for word in headings]
        if len(set(chosen)) < len(chosen):
            raise RecordError("sheet, row 1: expected every heading once, got one twice; remove a column")
        return chosen
    raise RecordError(
        f"sheet, row 1: expected headings with 款号 (style_no), 批号 (lot_no), 地址 (url) or 工号 (code), "
        f"got {', '.join(headings)[:60]!r}; see docs/catalogue.md"
    )


def _documents(number: int, columns: list[Column], cells: list[str]) -> Iterator[tuple[Kind[Any], Any]]:
    if len(cells) > len(columns):
        raise RecordError(f"sheet, row {number}: expected {len(columns)} cells, got {len(cells)}; remove the rest")
    values: dict[str, dict[str, Any]] = {}
    for column, cell in zip(columns, cells, strict=False):
        if cell:
            _set(values.setdefault(column.kind, {}), column.field, _cell(number, column, cell))
    for name, value in values.items():
        shape = _garment(value) if name == "styles" else value
        yield KINDS[name], _validated(number, columns, KINDS[name], shape)


def _cell(number: int, column: Column, cell: str) -> Any:
    try:
        return column.read(cell)
    except ValueError as cause:
        raise RecordError(
            f"sheet, row {number}, column {column.title}: expected {cause}, got {cell[:40]!r}; nothing was imported"
        ) from cause


def _set(target: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        target = target.setdefault(step, {})
    target[last] = {**target.get(last, {}), **value} if isinstance(value, dict) else value


def _garment(value: dict[str, Any]) -> dict[str, Any]:
    """Columns that are not fields of the record: the down becomes the last part, the weight that of this size."""
    down, weight = value.pop("down", None), value.pop("fill_weight_g", None)
    if down is not None:
        value["composition"] = [*value.get("composition", []), {"part": "填充物", "down": down}]
    if weight is not None:
        value["fill_weight_g"] = {value.get("size", ""): weight}
    return value


def _validated(number: int, columns: list[Column], kind: Kind[Any], value: dict[str, Any]) -> Any:
    try:
        return kind.require(kind.model.model_validate(value))
    except ValidationError as cause:
        where = _column_of(columns, kind, [str(step) for step in cause.errors(include_url=False)[0]["loc"]])
        raise RecordError(f"sheet, row {number}, column {where}: {first_flaw(cause)}; nothing was imported") from cause


def _column_of(columns: list[Column], kind: Kind[Any], path: list[str]) -> str:
    """The column behind a wrong field; the field itself if the spreadsheet lacks the column."""
    dotted = ".".join(path)
    if path[:1] == ["composition"] and "down" in path:
        dotted = f"down.{path[-1]}"
    fits = [one for one in columns if one.kind == kind.name and f"{dotted}.".startswith(f"{one.field}.")]
    return max(fits, key=lambda one: len(one.field)).title if fits else f"{dotted} (missing)"


def _keep(rows: dict[tuple[Any, ...], tuple[int, Any]], number: int, kind: Kind[Any], document: Any) -> None:
    """A lot may stand on many rows, if they say the same of it; anything else stands once."""
    key = kind.key_of(document)
    earlier = rows.setdefault(key, (number, document))
    if earlier[0] != number and (kind.name != "lots" or earlier[1] != document):
        raise RecordError(
            f"sheet, row {number}: expected {' / '.join(map(str, key))} only once (or the same lot facts), "
            f"got it in row {earlier[0]} too; nothing was imported"
        )
