"""This file paints the table of an order sheet on one page: rules, headings, rows, and on the last page totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge_agent.render.order_sheet.rows import Grid, GridRow
from edge_agent.render.page import Page, style_of
from edge_agent.render.type.lines import tokens
from edge_agent.render.type.text import Box, fit


@dataclass(frozen=True, slots=True)
class Body:
    """What a page's table holds: headings, rows by the number of their line, and totals on the last page."""

    heading: GridRow
    lines: Sequence[tuple[int, GridRow]]
    total: GridRow | None = None


def paint_table(page: Page, grid: Grid, body: Body, room: Box) -> dict[int, Box]:
    """Paint the table into `room`; gives the room of each line on the page."""
    bottom = _paint_row(page, grid, body.heading, room.top_dots).bottom_dots
    rows = {}
    for number, row in body.lines:
        rows[number] = _paint_row(page, grid, row, bottom)
        bottom = rows[number].bottom_dots
    if body.total is not None:
        bottom = _paint_row(page, grid, body.total, bottom).bottom_dots
    _rule(page, grid, bottom)
    if body.total is not None and grid.slot.end:
        _paint_end(page, grid, Box(room.left_dots, bottom + grid.rule_dots, room.right_dots, room.bottom_dots))
    page.sizes[grid.slot.name] = min(row.face.height_dots for row in (body.heading, *(row for _, row in body.lines)))
    return rows


def _paint_row(page: Page, grid: Grid, row: GridRow, top: int) -> Box:
    """Words in the middle of their cells' height, so that a style number stands beside the fibres it belongs to."""
    room = Box(grid.box.left_dots, top, grid.box.right_dots, top + row.height_dots)
    _rule(page, grid, top)
    inside = row.height_dots - grid.rule_dots
    for cell in row.cells:
        left, _ = grid.inside(cell)
        baseline = top + grid.rule_dots + (inside - row.block_dots(cell)) // 2 + row.rise_dots
        for line in cell.lines:
            for run in line:
                page.run(grid.slot.name, row.face, run.text, left + run.left_dots, baseline)
            baseline += row.pitch_dots
    edges = {grid.edges_dots[cell.first] for cell in row.cells} | {grid.edges_dots[-1]}
    for edge in edges:
        page.fill(Box(edge, top, edge + grid.rule_dots, room.bottom_dots))
    return room


def _rule(page: Page, grid: Grid, top: int) -> None:
    page.fill(Box(grid.box.left_dots, top, grid.box.right_dots, top + grid.rule_dots))


def _paint_end(page: Page, grid: Grid, room: Box) -> None:
    """Where a line would still have room, it is said that there is none."""
    slot = grid.slot
    style = replace(style_of(slot, grid.dpi), align="center", valign="top")
    if room.height_dots < 2 * style.height_dots:
        return
    inner = Box(room.left_dots, room.top_dots + style.height_dots // 2, room.right_dots, room.bottom_dots)
    face_, lines = fit(tokens(slot.end), inner, style, slot.name, grid.dpi)
    page.lines(slot.name, face_, lines, inner, style)
