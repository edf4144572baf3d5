"""This file finds the row of headings and says which column each of them is.

People mark headings (`*款号`), remark on them (`款号（必填）`), part them with blanks (`款 号`) and put a title
above. All of that is read over; another word is another heading and is refused by name, with the one it is most like.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from garment.sheets.cells import Cell, address
from garment.sheets.columns import SPREADSHEETS, UNITS, Column
from garment.sheets.sheet import Row
from label_protocol.errors import RecordError
from label_protocol.plain import plain

HowMany = Callable[[Sequence[Row]], int]
"""How many headings of a kind of sheet stand in the first rows; a reader of other sheets brings its own."""

LOOKED_AT = 20
"""Rows in which headings are looked for; what stands above them is title."""

TOTALS = frozenset({"合计", "总计", "小计", "汇总", "总数", "共计", "total", "sum", "subtotal", "grandtotal"})
"""What leads a row of sums; it is no row of facts."""

_REMARKS = (
    r"[(\[【](?:必填|必填项|必须|非必填|选填|可选|可空|可不填|唯一|文本|文本格式|required|optional|text"
    r"|yyyy[-/.]mm[-/.]dd|年[-/.]?月[-/.]?日)[)\]】]"
)
_REMARK = re.compile(f"^{_REMARKS}|{_REMARKS}$")
_MARKS = "*★☆※"


@dataclass(frozen=True, slots=True)
class Headings:
    """`row`: which row they are in; `columns`: what each column is, None where it has no heading."""

    row: int
    columns: tuple[Column | None, ...]

    @property
    def sign(self) -> int:
        """The place of the column that tells what kind of sheet it is."""
        names = [column.name if column else "" for column in self.columns]
        return next(names.index(sign) for sign in SPREADSHEETS if sign in names)


def folded(cell: Cell) -> str:
    """A heading without marks, blanks and remarks.

    >>> folded("*款 号（必填）：")
    '款号'
    """
    word = plain(cell).casefold().replace("_", "") if isinstance(cell, str) else ""
    while True:
        shorter = _REMARK.sub("", word.strip(_MARKS).rstrip(":.。"))
        if shorter == word:
            return word
        word = shorter


def find(rows: Sequence[Row]) -> Headings | None:
    """The headings among the first rows of a sheet; None: no row has any that tells what the sheet is.

    Raises:
        RecordError: the row has a heading that nobody knows, or one twice.
    """
    for number, cells in rows[:LOOKED_AT]:
        words = [folded(cell) for cell in cells]
        sign = next((sign for sign in SPREADSHEETS if any(_is(word, sign) for word in words)), None)
        if sign is not None:
            return Headings(number, tuple(_columns(number, cells, words, sign)))
    return None


def how_many(rows: Sequence[Row]) -> int:
    """How many headings are recognised in the row that has one that tells the sheet; 0: there is no such row."""
    for _, cells in rows[:LOOKED_AT]:
        words = [folded(cell) for cell in cells]
        for sign in SPREADSHEETS:
            if any(_is(word, sign) for word in words):
                return sum(word in _known(sign) for word in words)
    return 0


def required(rows: Sequence[Row]) -> Headings:
    """As `find`. Raises RecordError: there are none either."""
    found = find(rows)
    if found is not None:
        return found
    seen = next((cells for _, cells in rows if any(cells)), [])
    raise RecordError(
        f"表格前 {LOOKED_AT} 行里找不到标题行：要有 款号、批号、地址 或 工号 · "
        f"sheet, row 1: expected headings with 款号 (style_no), 批号 (lot_no), 地址 (url) or 工号 (code), "
        f"got {', '.join(map(str, seen))[:60]!r}{_like(seen)}; see docs/catalogue.md"
    )


@cache
def _known(sign: str) -> Mapping[str, Column]:
    """Every way to write a heading of a sheet, folded."""
    return {folded(word): column for column in SPREADSHEETS[sign] for word in _ways(column)}


def _ways(column: Column) -> list[str]:
    units = [f"{column.zh}{shape}" for unit in UNITS.get(column.name, ()) for shape in (unit, f"({unit})")]
    return [column.name, column.zh, f"{column.zh}{column.name}", column.title, f"{column.zh}/{column.name}", *units]


def _is(word: str, sign: str) -> bool:
    column = _known(sign).get(word)
    return column is not None and column.name == sign


def _columns(row: int, cells: Sequence[Cell], words: Sequence[str], sign: str) -> list[Column | None]:
    known = _known(sign)
    for place, word in enumerate(words):
        if cells[place] and word not in known:
            raise _unknown(row, place, cells, sign)
    found = [known[word] if word else None for word in words]
    for place, column in enumerate(found):
        if column is not None and column in found[:place]:
            first = found.index(column)
            raise RecordError(
                f"表格 {address(row, first)} 和 {address(row, place)}：标题 {column.zh} 写了两次，请删去一列 · "
                f"sheet, row {row}: expected every heading once, got {column.title} twice; remove a column"
            )
    return found


def _unknown(row: int, place: int, cells: Sequence[Cell], sign: str) -> RecordError:
    """The refusal of a heading. One of garments on a sheet of lots says that 款号 is misspelt: lots stand on both."""
    word = str(cells[place])[:40]
    wider = [one for one, columns in SPREADSHEETS.items() if set(columns) > set(SPREADSHEETS[sign])]
    other = next((one for one in wider if folded(cells[place]) in _known(one)), None)
    if other is None:
        return RecordError(
            f"表格 {address(row, place)}：不认识的标题“{word}”{_like([cells[place]], sign)}，请改正或删去这一列 · "
            f"sheet, row {row}: expected {', '.join(column.zh for column in SPREADSHEETS[sign])}; "
            f"got {word!r}; correct the heading"
        )
    wanted = next(column for column in SPREADSHEETS[other] if column.name == other)
    strange = [str(cell) for cell in cells if folded(cell) not in _known(other)]
    near = difflib.get_close_matches(wanted.zh, strange, n=1, cutoff=0.5)
    meant = f"（“{near[0][:40]}”是不是“{wanted.zh}”？）" if near else ""
    return RecordError(
        f"表格第 {row} 行有标题“{word}”，却没有“{wanted.zh}”{meant}，请补上或改正 · "
        f"sheet, row {row}: expected {wanted.title} beside {word!r}, got no such heading; add it or correct it"
    )


def _like(cells: Sequence[Cell], sign: str | None = None) -> str:
    """The heading that a word was probably meant to be."""
    known = _known(sign) if sign else {word: column for one in SPREADSHEETS for word, column in _known(one).items()}
    for cell in cells:
        near = difflib.get_close_matches(folded(cell), known, n=1, cutoff=0.5)
        if near:
            return f"（是不是“{known[near[0]].zh}”？）"
    return ""
