"""This painter puts care symbols into a slot: in the standard's order, in even rows, with what each means below it.

With words the symbols stand in equal columns, so that 30℃缓和洗涤 belongs to one tub at a glance; a list, one line for
each symbol, makes a 30 mm label half as long again. What does not fit is made smaller, words first, down to the least
the slot allows and `LEAST_SYMBOL_MM`, then refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge_agent.errors import RenderError
from edge_agent.render.facts import value
from edge_agent.render.page import Page, Piece, style_of
from edge_agent.render.painters.care_symbols import SYMBOLS, CareSymbol, symbol
from edge_agent.render.raster import INK, dots, dots_at_least, millimetres, to_image
from edge_agent.render.templates.slots import LEAST_SYMBOL_MM, AnyCare
from edge_agent.render.type.fonts import Face, face
from edge_agent.render.type.lines import wrap
from edge_agent.render.type.text import Box, Style, block_dots

_ROW_GAP_MM = 1.2
_WORDS_GAP_MM = 0.6
_GAP = 0.16
"""Paper between two symbols, as a share of the body's height."""
_COLUMN_GAP = 1 / 3
"""Paper between the words of two columns, as a share of the character height."""

WORDS: Mapping[str, tuple[str, ...]] = {
    **{
        f"wash_{degrees}{mild}": (f"{degrees}℃", f"{word}洗涤")
        for degrees in (95, 70, 60, 50, 40, 30)
        for mild, word in (("", "常规"), ("_mild", "缓和"))
    },
    **{f"wash_{degrees}_very_mild": (f"{degrees}℃", "非常缓和", "洗涤") for degrees in (95, 70, 60, 50, 40, 30)},
    "wash_hand": ("手洗",),
    "wash_no": ("不可水洗",),
    "bleach_any": ("可用任何", "漂白剂"),
    "bleach_oxygen": ("仅可氧漂",),
    "bleach_no": ("不可漂白",),
    "dry_line": ("悬挂晾干",),
    "dry_drip": ("悬挂滴干",),
    "dry_flat": ("平摊晾干",),
    "dry_drip_flat": ("平摊滴干",),
    "dry_line_shade": ("阴凉处", "悬挂晾干"),
    "dry_drip_shade": ("阴凉处", "悬挂滴干"),
    "dry_flat_shade": ("阴凉处", "平摊晾干"),
    "dry_drip_flat_shade": ("阴凉处", "平摊滴干"),
    "tumble_normal": ("常规温度", "翻转干燥"),
    "tumble_low": ("较低温度", "翻转干燥"),
    "tumble_no": ("不可", "翻转干燥"),
    "iron_200": ("200℃", "高温熨烫"),
    "iron_150": ("150℃", "中温熨烫"),
    "iron_110": ("110℃", "低温熨烫"),
    "iron_no": ("不可熨烫",),
    "dryclean_p": ("常规干洗",),
    "dryclean_p_mild": ("缓和干洗",),
    "dryclean_f": ("烃类溶剂", "干洗"),
    "dryclean_f_mild": ("烃类溶剂", "缓和干洗"),
    "dryclean_no": ("不可干洗",),
    "wetclean": ("专业湿洗",),
    "wetclean_mild": ("缓和", "专业湿洗"),
    "wetclean_very_mild": ("非常缓和", "专业湿洗"),
    "wetclean_no": ("不可", "专业湿洗"),
}
"""What each symbol means, in our own short words; a line may end between two of them."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One symbol and the lines below it."""

    code: str
    symbol: CareSymbol
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Grid:
    """Symbols in rows, as they would be painted; `column_dots` is 0 where each symbol is as wide as it is."""

    rows: tuple[tuple[_Cell, ...], ...]
    face: Face | None
    gap_dots: int
    row_gap_dots: int
    words_gap_dots: int
    column_dots: int = 0

    @property
    def height_dots(self) -> int:
        return sum(map(self.row_height_dots, self.rows)) + (len(self.rows) - 1) * self.row_gap_dots

    def row_height_dots(self, row: Sequence[_Cell]) -> int:
        return _above(row) + _below(row) + self.words_height_dots(row)

    def words_height_dots(self, row: Sequence[_Cell]) -> int:
        blocks = [block_dots(cell.lines, self.face) for cell in row] if self.face else []
        return self.words_gap_dots + max(blocks) if blocks else 0


def in_order(codes: Iterable[str], slot: str) -> tuple[str, ...]:
    """The codes in the order of GB/T 8685, each once.

    Raises:
        RenderError: a code without a symbol.
    """
    given = set(codes)
    if strange := sorted(given - set(SYMBOLS)):
        raise RenderError(
            f"slot {slot}: expected care codes such as wash_30_mild, got {strange[0][:40]!r}; correct the record"
        )
    return tuple(code for code in SYMBOLS if code in given)


def paint_care(slot: AnyCare, page: Page, box: Box) -> None:
    """The record's care symbols; nothing if it has none.

    Raises:
        RenderError: a code without a symbol, or more symbols than the slot holds at their least size.
    """
    codes = in_order(value("product.care", page.facts) or (), slot.name)
    if not codes:
        return
    grid = next((grid for grid in _grids(codes, slot, box, page.dpi) if grid.height_dots <= box.height_dots), None)
    if grid is None:
        raise _too_many(codes, slot, box, page.dpi)
    if grid.face:
        page.sizes[slot.name] = grid.face.height_dots
    top = box.top_dots
    for row in grid.rows:
        _paint_row(row, grid, box, top, slot.name, page)
        top += grid.row_height_dots(row) + grid.row_gap_dots


def care_height(codes: Sequence[str], slot: AnyCare, width_dots: int, body_dots: int, dpi: int) -> int | None:
    """How high the symbols become at a width, their bodies so high, with the largest words that go there; None: they
    cannot be so narrow."""
    style = style_of(slot, dpi)
    sizes = range(style.height_dots, style.least_dots - 1, -1) if slot.words else (0,)
    faces = (face(height, slot.weight) if height else None for height in sizes)
    grids = (grid for face_ in faces for grid in _grid(codes, width_dots, body_dots, face_, dpi))
    return next((grid.height_dots for grid in grids), None)


def care_width(codes: Sequence[str], body_dots: int) -> int:
    """The width at which the symbols stand in one row."""
    cells = [_Cell(code, symbol(code, body_dots)) for code in codes]
    return _width(cells, max(2, round(body_dots * _GAP)))


def _grids(codes: Sequence[str], slot: AnyCare, box: Box, dpi: int) -> Iterator[_Grid]:
    """From as large as the slot asks for down to the least, those narrow enough for the slot."""
    style = style_of(slot, dpi)
    heights = range(style.height_dots, style.least_dots - 1, -1)
    least = dots_at_least(LEAST_SYMBOL_MM, dpi)
    for body_dots in range(max(least, dots(slot.symbol_mm, dpi)), least - 1, -1):
        faces = [face(height, slot.weight) for height in heights] if slot.words else [None]
        for face_ in faces:
            yield from _grid(codes, box.width_dots, body_dots, face_, dpi)


def _grid(codes: Sequence[str], width_dots: int, body_dots: int, face_: Face | None, dpi: int) -> Iterator[_Grid]:
    """The grid with the fewest rows, its rows as even as can be; none if a symbol or a word is too wide."""
    cells = [_Cell(code, symbol(code, body_dots)) for code in codes]
    gap = max(2, round(face_.height_dots * _COLUMN_GAP if face_ else body_dots * _GAP))
    spaces = (gap, dots(_ROW_GAP_MM, dpi), dots(_WORDS_GAP_MM, dpi))
    for count in range(1, len(cells) + 1):
        a_row = -(-len(cells) // count)
        rows = [tuple(cells[start : start + a_row]) for start in range(0, len(cells), a_row)]
        column = (width_dots + gap) // a_row - gap
        if face_ is None and all(_width(row, gap) <= width_dots for row in rows):
            yield _Grid(tuple(rows), None, *spaces)
            return
        if face_ is not None and all(_fits(cell, column, face_) for cell in cells):
            worded = (tuple(_with_words(cell, column, face_) for cell in row) for row in rows)
            yield _Grid(tuple(worded), face_, *spaces, column)
            return


def _width(row: Sequence[_Cell], gap: int) -> int:
    return sum(cell.symbol.bitmap.width_dots for cell in row) + (len(row) - 1) * gap


def _fits(cell: _Cell, column: int, face_: Face) -> bool:
    return max(cell.symbol.bitmap.width_dots, *map(face_.width_dots, WORDS[cell.code])) <= column


def _with_words(cell: _Cell, column: int, face_: Face) -> _Cell:
    return _Cell(cell.code, cell.symbol, tuple(wrap(WORDS[cell.code], face_, column)))


def _above(row: Sequence[_Cell]) -> int:
    """What reaches above the bodies of a row."""
    return max(0, *(-cell.symbol.top_dots for cell in row))


def _below(row: Sequence[_Cell]) -> int:
    """From the bodies' top to the lowest ink of a row's symbols."""
    return max(cell.symbol.top_dots + cell.symbol.bitmap.height_dots for cell in row)


def _paint_row(row: Sequence[_Cell], grid: _Grid, box: Box, top: int, slot: str, page: Page) -> None:
    left, bodies = box.left_dots, top + _above(row)
    words = bodies + _below(row) + grid.words_gap_dots
    for cell in row:
        picture = cell.symbol.bitmap
        column = grid.column_dots or picture.width_dots
        x, y = left + (column - picture.width_dots) // 2, bodies + cell.symbol.top_dots
        page.image.paste(INK, (x, y), to_image(picture))
        page.note(slot, Piece.SYMBOL, cell.code, Box(x, y, x + picture.width_dots, y + picture.height_dots))
        if grid.face:
            room = Box(left, words, left + column, words + block_dots(cell.lines, grid.face))
            style = Style(grid.face.height_dots, grid.face.height_dots, align="center")
            page.lines(slot, grid.face, list(cell.lines), room, style)
        left += column + grid.gap_dots


def _too_many(codes: Sequence[str], slot: AnyCare, box: Box, dpi: int) -> RenderError:
    have = f"{millimetres(box.width_dots, dpi):.1f} × {millimetres(box.height_dots, dpi):.1f} mm"
    words = f" with words of {slot.min_char_mm:g} mm" if slot.words else ""
    some = ", ".join(codes[:7]) + (" …" if len(codes) > 7 else "")
    return RenderError(
        f"部位 {slot.name} 只有 {have}，放不下 {len(codes)} 个维护符号，请放大部位 · "
        f"slot {slot.name}: expected care symbols{words} that fit {have} at {LEAST_SYMBOL_MM:g} mm each, "
        f"got {len(codes)} ({some}); make the slot larger{' or leave the words out' if words else ''}"
    )
