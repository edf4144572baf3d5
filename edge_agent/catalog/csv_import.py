"""A spreadsheet saved as CSV, as a factory fills it in: one row per style and size, every cell plain text.

One row per fibre was rejected: nobody keeps five lines of one garment together while sorting a sheet. So the
composition is one cell as on the label (`面料: 棉 65, 聚酯纤维 35; 里料: 棉 100`), and down has columns of its own.
Headings are Chinese or English; which sheet it is (garments, lots, printers, operators) follows from them. Excel saves
UTF-8 with a mark or GB18030, with commas, semicolons or tabs: all are taken. Errors name the row as the spreadsheet
numbers it.
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
from garment.strict_json import first_flaw
from label_protocol.errors import RecordError
from label_protocol.plain import POLYAMIDE, more_than_a_name, plain

_WIDE = str.maketrans("：；，、％（）０１２３４５６７８９．", ":;,,%()0123456789.")
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_FIBRES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<percent>{_NUMBER})\s*%?\s*(?P<name>(?:\S.*)?(?:{POLYAMIDE}|[^0-9.%\s]))",
        rf"(?P<name>(?:.*[^0-9.%\s])??)\s*(?P<percent>{_NUMBER})\s*%?",
        rf"(?P<name>{POLYAMIDE})\s+(?P<percent>{_NUMBER})\s*%?",
    )
)
"""A percent before the name, behind it, and behind a name that ends in a number; a cell's fibre is one of them."""
_WEARERS = {"成人": "adult", "儿童": "child", "婴幼儿": "infant"}


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


def _wearer(cell: str) -> str:
    return _WEARERS.get(plain(cell), cell)


def _codes(cell: str) -> list[str]:
    return re.split(r"[\s,;]+", cell.translate(_WIDE).strip(" ,;"))


def composition(cell: str) -> list[dict[str, Any]]:
    """`面料: 棉 65, 聚酯纤维 35; 里料: 棉 100`; a percent may stand before or after the name.

    Every sign of the cell is a part, a colon, a fibre with its percent, or a separator; what is left over is refused,
    so that no fibre is ever swallowed by the name of another one.
    """
    parts = [part for part in re.split(r"[;\n]", cell.translate(_WIDE)) if part.strip()]
    return [_part(*part.partition(":")) for part in parts]


def _part(part: str, colon: str, fibres: str) -> dict[str, Any]:
    name = part.strip()
    if not colon or not name or more_than_a_name(name):
        raise _left_over(part)
    return {"part": name, "fibres": [_fibre(fibre.strip()) for fibre in fibres.split(",")]}


def _fibre(text: str) -> dict[str, Any]:
    for found in (pattern.fullmatch(text) for pattern in _FIBRES):
        if found and found["name"] and not more_than_a_name(found["name"]):
            return {"name": found["name"], "percent": found["percent"]}
    raise _left_over(text)


def _left_over(text: str) -> ValueError:
    return ValueError(
        "parts such as 面料: 棉 65, 聚酯纤维 35; 里料: 棉 100 — 部位用分号分开，纤维用逗号分开，不能用空格或句号代替；"
        f"读不懂“{text.strip()[:40]}” · parts end with a semicolon and fibres with a comma, {text.strip()[:40]!r} is "
        "neither a part nor one fibre with its percent"
    )


GARMENT = (
    Column("brand", "品牌", "styles", "brand"),
    Column("name", "品名", "styles", "name"),
    Column("style_no", "款号", "styles", "style_no"),
    Column("colour", "颜色", "styles", "colour"),
    Column("size", "号型", "styles", "size"),
    Column("standard", "执行标准", "styles", "standard"),
    Column("quality_class", "质量等级", "styles", "quality_class"),
    Column("safety", "安全类别", "styles", "safety"),
    Column("gtin", "商品条码", "styles", "gtin", _gtin),
    Column("wearer", "适用人群", "styles", "wearer", _wearer),
    Column("composition", "成分", "styles", "composition", composition),
    Column("down_species", "羽绒种类", "styles", "down.species"),
    Column("down_cluster_percent", "绒子含量", "styles", "down.cluster_percent"),
    Column("fill_weight_g", "充绒量", "styles", "fill_weight_g"),
    Column("care", "维护符号", "styles", "care", _codes),
    Column("maker_name", "制造者", "styles", "maker.name"),
    Column("maker_address", "制造者地址", "styles", "maker.address"),
    Column("maker_uscc", "统一社会信用代码", "styles", "maker.uscc"),
    Column("carbon_certificate_no", "碳足迹证书号", "styles", "carbon_mark.certificate_no"),
    Column("carbon_body", "碳足迹认证机构", "styles", "carbon_mark.body"),
    Column("carbon_value", "碳足迹数值", "styles", "carbon_mark.value"),
    Column("carbon_declared_unit", "碳足迹声明单位", "styles", "carbon_mark.declared_unit"),
    Column("carbon_valid_to", "碳足迹证书有效期至", "styles", "carbon_mark.valid_to"),
    Column("carbon_artwork_sha256", "碳足迹图案指纹", "styles", "carbon_mark.artwork_sha256"),
)
LOT = (
    Column("lot_no", "批号", "lots", "lot_no"),
    Column("report_no", "报告编号", "lots", "report_no"),
    Column("lab", "检验机构", "lots", "lab"),
    Column("inspected_on", "检验日期", "lots", "inspected_on"),
    Column("quantity", "批量", "lots", "quantity", _whole),
    Column("grade_scheme", "分级方案", "lots", "grade.scheme"),
    Column("grade_overall", "总等级", "lots", "grade.overall"),
    Column("grade_cluster_content", "绒子含量等级", "lots", "grade.indicators.cluster_content"),
    Column("grade_fill_power", "蓬松度等级", "lots", "grade.indicators.fill_power"),
    Column("grade_turbidity", "浊度等级", "lots", "grade.indicators.turbidity"),
    Column("grade_down_leakage", "钻绒值等级", "lots", "grade.indicators.down_leakage"),
    Column("grade_colour_fastness", "色牢度等级", "lots", "grade.indicators.colour_fastness"),
)
PRINTER = (
    Column("id", "打印机编号", "printers", "id"),
    Column("name", "名称", "printers", "name"),
    Column("url", "地址", "printers", "url"),
    Column("profile", "型号", "printers", "profile"),
    Column("dpi", "分辨率", "printers", "dpi", _whole),
    Column("group", "分组", "printers", "group"),
)
OPERATOR = (Column("code", "工号", "operators", "code"), Column("name", "姓名", "operators", "name"))

SHEETS: Mapping[str, Sequence[Column]] = {
    "style_no": GARMENT + LOT,
    "lot_no": LOT,
    "url": PRINTER,
    "code": OPERATOR,
}
"""By the column that tells the sheet, tried in this order."""


def read(data: bytes) -> dict[str, list[Any]]:
    """The documents of a sheet, by kind.

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
    for sign, columns in SHEETS.items():
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
    target[last] = value


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
    """The column behind a wrong field; the field itself if the sheet lacks the column."""
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
