"""This painter lists what is in a carton, as telling as its room allows: each style, colour and size with its name,
then without names, then the sizes of a colour on one line, then styles alone, then one line that says how many styles
are mixed. The count is always whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge_agent.errors import RenderError
from edge_agent.render.box import Box
from edge_agent.render.facts import Facts, value
from edge_agent.render.page import Page
from edge_agent.render.raster import millimetres
from edge_agent.render.templates.stacked import ContentsItem
from edge_agent.render.type.fonts import Face, check_glyphs, face
from edge_agent.render.type.text import pitch_dots

_HEADS = {"style_no": "款号", "name": "品名", "colour": "颜色", "size": "号型"}
_COUNT = "件数"
_MOST_SPREAD = 0.5
"""Paper that a row is given beyond its own, as a share of the character height; beyond it the rows fall apart."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of texts, the count last; `heads` stand above them."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def columns(self) -> list[tuple[str, ...]]:
        """Each with its head."""
        return list(zip(*(self.heads, *self.rows), strict=True))

    def edges(self, face_: Face, width: int) -> list[tuple[int, int]] | None:
        """Left edge and width of each column, the count at the right edge; None: they are too wide together."""
        widths = [max(map(face_.width_dots, column)) for column in self.columns()]
        spare = width - sum(widths) - face_.height_dots * (len(widths) - 1)
        if spare < 0:
            return None
        lefts = [sum(widths[:place]) + place * face_.height_dots for place in range(len(widths))]
        lefts[-1] = width - widths[-1]
        return list(zip(lefts, widths, strict=True))

    def pitch_dots(self, face_: Face, height: int) -> int:
        """From line to line, so that the rows spread over a height, within bounds."""
        spare = (height - self.height_dots(face_)) // len(self.rows)
        return pitch_dots(face_) + min(spare, round(face_.height_dots * _MOST_SPREAD))

    def height_dots(self, face_: Face) -> int:
        """With its lines as near as may be."""
        first, last = "".join(self.heads), "".join(self.rows[-1])
        return face_.rise_dots(first) + len(self.rows) * pitch_dots(face_) + face_.descent_dots(last)


def listings(facts: Facts) -> tuple[Listing, ...]:
    """The carton's contents, the most telling first; empty without facts.

    Raises:
        RenderError: a character that the font lacks.
    """
    lines = value("carton.lines", facts) or ()
    if not lines:
        return ()
    whole = _by(("style_no", "name", "colour", "size"), lines)
    for row in whole.rows:
        check_glyphs("".join(row), "contents")
    return whole, _by(("style_no", "colour", "size"), lines), _sizes(lines), _by(("style_no",), lines), _mixed(lines)


def fitting(listing: Listing, slot: ContentsItem, char: int, width: int) -> int | None:
    """How high it is at a character height; None: it is too wide."""
    face_ = face(char, slot.weight)
    return listing.height_dots(face_) if listing.edges(face_, width) else None


def paint_contents(slot: ContentsItem, page: Page, box: Box) -> None:
    """The most telling list that the box holds. Raises RenderError: it holds none."""
    found = listings(page.facts)
    if not found:
        return
    listing, face_ = _most_telling(found, slot, page, box)
    page.sizes[slot.name] = face_.height_dots
    baseline = box.top_dots + face_.rise_dots("".join(listing.heads))
    edges = listing.edges(face_, box.width_dots) or []
    pitch = listing.pitch_dots(face_, box.height_dots)
    for row in (listing.heads, *listing.rows):
        for place, (text, (left, width)) in enumerate(zip(row, edges, strict=True)):
            right = width - face_.width_dots(text) if place == len(row) - 1 else 0
            if text:
                page.run(slot.name, face_, text, box.left_dots + left + right, baseline)
        baseline += pitch


def _most_telling(found: Sequence[Listing], slot: ContentsItem, page: Page, box: Box) -> tuple[Listing, Face]:
    style = page.style_of(slot)
    for listing in found:
        for char in range(style.height_dots, style.least_dots - 1, -1):
            height = fitting(listing, slot, char, box.width_dots)
            if height is not None and height <= box.height_dots:
                return listing, face(char, slot.weight)
    have = f"{millimetres(box.width_dots, page.dpi):.1f} × {millimetres(box.height_dots, page.dpi):.1f} mm"
    raise RenderError(
        f"部位 {slot.name} 只有 {have}，连一行也放不下，请换大一点的标签 · slot {slot.name}: expected room for one "
        f"line, got {have}; use a larger label"
    )


def _by(fields: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> Listing:
    counts = Counter[tuple[str, ...]]()
    for line in lines:
        counts[tuple(line[name] for name in fields)] += line["count"]
    told = [place for place in range(len(fields)) if any(key[place] for key in counts)]
    heads = tuple(_HEADS[fields[place]] for place in told)
    rows = ((*(key[place] for place in told), str(count)) for key, count in counts.items())
    return Listing((*heads, _COUNT), tuple(rows))


def _sizes(lines: Sequence[Mapping[str, Any]]) -> Listing:
    """A line for each style and colour, with the count of each size."""
    sizes: dict[tuple[str, str], list[str]] = {}
    counts = Counter[tuple[str, str]]()
    for line in lines:
        key = (line["style_no"], line["colour"])
        sizes.setdefault(key, []).append(f"{line['size']}×{line['count']}")
        counts[key] += line["count"]
    rows = tuple((*key, "  ".join(told), str(counts[key])) for key, told in sizes.items())
    return Listing((_HEADS["style_no"], _HEADS["colour"], f"{_HEADS['size']}×{_COUNT}", _COUNT), rows)


def _mixed(lines: Sequence[Mapping[str, Any]]) -> Listing:
    styles = len({line["style_no"] for line in lines})
    return Listing(("混装", _COUNT), ((f"{styles} 款", str(sum(line["count"] for line in lines))),))
