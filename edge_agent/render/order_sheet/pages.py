"""This file lays an order sheet out in pages: head on each, rows that are never cut, totals and signatures on the last.

Facts of a line are `product`, `lot` and `filling` of its snapshot, the same that tag and wash label are made from, and
`line`; facts of the order sheet are `order`, `totals` and, for each page, `page`. Totals are counted here, from the
lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.media import Media
from edge_agent.render.facts import RECORD_ROOTS, Facts, check_required, facts_of, value
from edge_agent.render.order_sheet.rows import Grid, grid_of, heading_row, line_row, total_row
from edge_agent.render.order_sheet.table import Body, paint_table
from edge_agent.render.page import Page, Painted, box_of
from edge_agent.render.painters.paint import PAINTERS
from edge_agent.render.raster import blank, checked_dpi, dots, to_bitmap
from edge_agent.render.templates.slots import OrderLinesSlot
from edge_agent.render.templates.template import Template
from edge_agent.render.type.text import Box


@dataclass(frozen=True, slots=True)
class OrderLine:
    """So many pieces of what a snapshot holds; `basis` is what its fibre content rests on besides a test report."""

    snapshot: Mapping[str, Any]
    quantity: int
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """`order` is `{order_no, date, seller: {name, …}, buyer: {name, …}, remarks?}`."""

    order: Facts
    lines: tuple[OrderLine, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Lines, styles (by 款号) and pieces, counted."""
        styles = {line.snapshot["product"]["style_no"] for line in self.lines}
        return {"lines": len(self.lines), "styles": len(styles), "pieces": sum(line.quantity for line in self.lines)}


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page, in the words of `plan.Layout`; `rows` is the room of each line on it, by its number from 1."""

    media: Media
    bare: Bitmap
    boxes: Mapping[str, Box]
    painted: tuple[Painted, ...]
    sizes: Mapping[str, int]
    rows: Mapping[int, Box]


def order_pages(template: Template, order_sheet: OrderSheet, dpi: int) -> list[OrderPage]:
    """The pages of an order sheet at a resolution; the last one has the totals.

    Raises:
        RenderError: a template that is no order sheet's, a snapshot made for another template, a required fact that is
            absent, a text that does not fit its slot, a row that fits no page (with slot and line), a character the
            font lacks.
    """
    _check(template, order_sheet, checked_dpi(dpi))
    grid = grid_of(template.lines, dpi)
    facts = {"order": order_sheet.order, "totals": order_sheet.totals}
    head, total = heading_row(grid), total_row(grid, facts)
    taken = head.height_dots + grid.rule_dots
    room, last_room = grid.box.height_dots - taken, grid.last_dots - taken - total.height_dots
    if last_room < 0:
        raise RenderError(
            f"slot {template.lines.name}: expected room for headings and totals on the last page, got "
            f"{template.lines.last_height_mm:g} mm; raise last_height_mm"
        )
    rows = [line_row(grid, _line_facts(facts, line, at), at, room) for at, line in enumerate(order_sheet.lines, 1)]
    spans = paged([row.height_dots for row in rows], room, last_room)
    pages = []
    for number, span in enumerate(spans, 1):
        page_facts = {**facts, "page": {"number": number, "count": len(spans)}}
        body = Body(head, [(at + 1, rows[at]) for at in span], total if number == len(spans) else None)
        pages.append(_page(template, grid, page_facts, body))
    return pages


def paged(heights: Sequence[int], room: int, last_room: int) -> list[range]:
    """Rows on pages, in order, none cut: as many as fit, and on the last page at least one beside the totals, so that
    nobody signs a page without goods; only if the last row is too high for that do the totals stand alone."""
    starts, used = [0], 0
    for at, height in enumerate(heights):
        if used + height > room:
            starts.append(at)
            used = 0
        used += height
    count = len(heights)
    if used > last_room:
        starts.append(count - 1 if heights[-1] <= last_room and count - 1 > starts[-1] else count)
    return [range(start, end) for start, end in zip(starts, [*starts[1:], count], strict=True)]


def _check(template: Template, order_sheet: OrderSheet, dpi: int) -> None:
    if not template.of_order:
        raise RenderError(
            f"template {template.name}: expected one of kind order_sheet, got {template.kind}; choose another"
        )
    for path in template.required:
        if path.partition(".")[0] == "order" and value(path, {"order": order_sheet.order}) in (None, ""):
            raise RenderError(f"template {template.name}: expected {path}, got nothing; complete the order")
    of_record = [path for path in template.required if path.partition(".")[0] in RECORD_ROOTS]
    for number, line in enumerate(order_sheet.lines, 1):
        where, made_for = f"{template.name}, line {number}", line.snapshot["template"]
        if (made_for["name"], made_for["version"]) != (template.name, template.version):
            raise RenderError(
                f"template {where}: expected a snapshot made for {template.name} {template.version}, got one for "
                f"{made_for['name']} {made_for['version']}; make it with the present template"
            )
        check_required(of_record, facts_of(line.snapshot), where)


def _line_facts(facts: Facts, line: OrderLine, number: int) -> dict[str, Any]:
    own = {"number": number, "quantity": line.quantity, "basis": line.basis}
    return {**facts, **facts_of(line.snapshot), "line": own}


def _page(template: Template, grid: Grid, facts: Facts, body: Body) -> OrderPage:
    width_mm, height_mm = template.size_mm
    page = Page(blank(dots(width_mm, grid.dpi), dots(height_mm, grid.dpi)), grid.dpi, facts)
    on_page = [slot for slot in template.placed if body.total is not None or slot.pages == "every"]
    boxes = {slot.name: box_of(slot.at_mm, slot.size_mm, grid.dpi) for slot in on_page}
    if body.total is not None:
        boxes[grid.slot.name] = replace(grid.box, bottom_dots=grid.box.top_dots + grid.last_dots)
    for slot in sorted(on_page, key=lambda slot: slot.kind != "box"):  # a frame clears what it encloses
        if not isinstance(slot, OrderLinesSlot):
            PAINTERS[slot.kind](slot, page, boxes[slot.name])
    rows = paint_table(page, grid, body, boxes[grid.slot.name])
    media = Media(grid.dpi, page.image.width, page.image.height)
    return OrderPage(media, to_bitmap(page.image), boxes, tuple(page.painted), page.sizes, rows)
