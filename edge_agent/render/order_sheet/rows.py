"""This file breaks the words of an order sheet's cells to the width of their columns.

A row is as high as its highest cell. All rows are set in one size, because a trader compares them; only a row that no
page could hold is set smaller, down to the slot's least size, and refused after that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from edge_agent.errors import RenderError
from edge_agent.render.facts import Facts, fill, value
from edge_agent.render.page import box_of, style_of
from edge_agent.render.painters.tables import part_words
from edge_agent.render.raster import dots, millimetres
from edge_agent.render.templates.slots import Column, OrderLinesSlot
from edge_agent.render.type.fonts import Face, Weight, check_glyphs, face
from edge_agent.render.type.lines import tokens, wrap_evenly
from edge_agent.render.type.text import Align, Box, hopeless

ABSENT = "—"
"""Stands in a cell without facts: nothing can be written in after the order sheet was signed."""

_LEADING = 1.4
"""Baseline to baseline, as a multiple of the character height: airier than a label's, since rows are read across."""

_MAX_LABEL = 0.4
"""A part's name stands beside its fibres up to this share of the column, else above them."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words on one line of a cell; `left_dots` from the inside of the cell."""

    left_dots: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of a cell that begin a line; the name of a part before its fibres is their `label`."""

    words: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in the columns `first` to `last`: paragraphs, and once they are broken their lines of runs. What is
    `whole` is never broken: a number cut in two would be read as another."""

    first: int
    last: int
    paragraphs: tuple[Paragraph, ...]
    align: Align
    whole: bool = False
    lines: tuple[tuple[Run, ...], ...] = ()

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(one.label + "".join(one.words) for one in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Grid:
    """The table's geometry in dots; `edges_dots` are the left edges of the rules before, between and after columns,
    `last_dots` is its height on the last page."""

    slot: OrderLinesSlot
    dpi: int
    box: Box
    edges_dots: tuple[int, ...]
    rule_dots: int
    pad_dots: int
    last_dots: int

    def inside(self, cell: Cell) -> tuple[int, int]:
        """Left edge and width of the words in a cell."""
        left, right = self.edges_dots[cell.first], self.edges_dots[cell.last + 1]
        return left + self.rule_dots + self.pad_dots, right - left - self.rule_dots - 2 * self.pad_dots


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row, ready to be painted. All its lines have room for the highest and the deepest character of the row;
    `height_dots` is the whole row with its padding and the rule above it."""

    face: Face
    cells: tuple[Cell, ...]
    rise_dots: int
    drop_dots: int
    pitch_dots: int
    height_dots: int = 0

    def block_dots(self, cell: Cell) -> int:
        """Height of a cell's lines."""
        return self.rise_dots + max(0, len(cell.lines) - 1) * self.pitch_dots + self.drop_dots


def grid_of(slot: OrderLinesSlot, dpi: int) -> Grid:
    """The table at a resolution. Edges are rounded, not widths, so that the columns add up."""
    box, rule = box_of(slot.at_mm, slot.size_mm, dpi), max(1, dots(slot.rule_mm, dpi))
    ends_mm = accumulate((column.width_mm for column in slot.columns), initial=slot.at_mm[0])
    edges = [dots(end, dpi) for end in ends_mm]
    edges[-1] = box.right_dots - rule
    last = dots(slot.at_mm[1] + slot.last_height_mm, dpi) - box.top_dots
    return Grid(slot, dpi, box, tuple(edges), rule, dots(slot.pad_mm, dpi), last)


def heading_row(grid: Grid) -> GridRow:
    """The row of column headings; raises RenderError as `line_row`."""
    cells = [
        Cell(at, at, tuple(Paragraph(tokens(line)) for line in column.label.split("\n")), "center")
        for at, column in enumerate(grid.slot.columns)
    ]
    return _fitted(grid, cells, "bold", grid.slot.name, grid.last_dots)


def total_row(grid: Grid, facts: Facts) -> GridRow:
    """The row below the last line: the slot's `total` over the first columns, then the columns' own; raises as
    `line_row`."""
    columns, where = grid.slot.columns, grid.slot.name
    first = next((at for at, column in enumerate(columns) if column.total is not None), len(columns))
    texts = [(0, first - 1, grid.slot.total), *((at, at, columns[at].total or "") for at in range(first, len(columns)))]
    cells = [
        Cell(start, end, (Paragraph(tokens(fill(text, facts, where) or "")),), columns[start].align, whole=start > 0)
        for start, end, text in texts
    ]
    cells[0] = replace(cells[0], align="left")
    return _fitted(grid, cells, "bold", where, grid.last_dots)


def line_row(grid: Grid, facts: Facts, number: int, room_dots: int) -> GridRow:
    """The row of a line, in at most `room_dots`.

    Raises:
        RenderError: names slot and line: a character that the font lacks, or a row that no page holds.
    """
    where = f"{grid.slot.name}, line {number}"
    cells = [
        Cell(at, at, tuple(_content(column, facts, where)), column.align, column.total is not None)
        for at, column in enumerate(grid.slot.columns)
    ]
    return _fitted(grid, cells, grid.slot.weight, where, room_dots)


def _fitted(grid: Grid, cells: Sequence[Cell], weight: Weight, where: str, room_dots: int) -> GridRow:
    style = style_of(grid.slot, grid.dpi)
    for cell in cells:
        check_glyphs(cell.text, where)
        if hopeless(cell.text, Box(0, 0, grid.inside(cell)[1], room_dots), style):
            raise _too_long(grid, cell, where, room_dots)
    for height in range(style.height_dots, style.least_dots - 1, -1):
        row = _row(grid, cells, height, weight)
        tight = [cell for cell in row.cells if not _holds(grid, row, cell)]
        if not tight and row.height_dots <= room_dots:
            return row
    raise _too_long(grid, tight[0] if tight else max(row.cells, key=row.block_dots), where, room_dots)


def _too_long(grid: Grid, cell: Cell, where: str, room_dots: int) -> RenderError:
    least, width = style_of(grid.slot, grid.dpi).least_dots, grid.inside(cell)[1]
    page_mm, char_mm, width_mm = (millimetres(one, grid.dpi) for one in (room_dots, least, width))
    return RenderError(
        f"{where}：“{cell.text[:16]}”太长，一页放不下这一行，请缩短或加宽这一栏 · "
        f"slot {where}: expected a row that fits a page's {page_mm:.1f} mm at {char_mm:.2f} mm characters, got "
        f"{cell.text[:16]!r} too long for {width_mm:.1f} mm; shorten it or widen its column"
    )


def _holds(grid: Grid, row: GridRow, cell: Cell) -> bool:
    """Whether no line is wider than its cell, as one of a single wide character can be, and what is whole is so."""
    _, width = grid.inside(cell)
    ends = [run.left_dots + row.face.width_dots(run.text) for line in cell.lines for run in line]
    return max(ends, default=0) <= width and not (cell.whole and len(cell.lines) > 1)


def _content(column: Column, facts: Facts, where: str) -> Iterator[Paragraph]:
    if column.composition:
        for part in value("product.composition", facts) or ():
            yield Paragraph(part_words(part), part["part"])
        return
    texts = [found for text in column.texts if (found := fill(text, facts, where)) is not None]
    yield from (Paragraph(tokens(text)) for text in texts or (ABSENT,))


def _row(grid: Grid, cells: Sequence[Cell], height: int, weight: Weight) -> GridRow:
    face_ = face(height, weight)
    broken = tuple(replace(cell, lines=tuple(_lines(cell, face_, grid.inside(cell)[1]))) for cell in cells)
    used = "".join({sign for cell in broken for line in cell.lines for run in line for sign in run.text})
    rise, drop = face_.rise_dots(used), face_.descent_dots(used)
    row = GridRow(face_, broken, rise, drop, max(round(height * _LEADING), rise + drop + 1))
    return replace(row, height_dots=grid.rule_dots + 2 * grid.pad_dots + max(map(row.block_dots, broken)))


def _lines(cell: Cell, face_: Face, width_dots: int) -> Iterator[tuple[Run, ...]]:
    widths = {one.label: face_.width_dots(one.label + " ") for one in cell.paragraphs if one.label}
    beside = [width for width in widths.values() if width <= _MAX_LABEL * width_dots]
    indent = max(beside, default=face_.height_dots if widths else 0)
    for one in cell.paragraphs:
        above = widths.get(one.label, 0) > indent
        if above:
            yield from ((Run(0, line),) for line in wrap_evenly(tokens(one.label), face_, width_dots))
        for at, line in enumerate(wrap_evenly(one.words, face_, width_dots - indent)):
            room = width_dots - indent - face_.width_dots(line)
            run = Run(indent + {"left": 0, "center": room // 2, "right": room}[cell.align], line)
            yield (Run(0, one.label), run) if one.label and not above and at == 0 else (run,)
