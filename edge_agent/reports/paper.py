"""The report on paper: A4 pages for an office printer, with a line to sign. Pure.

A PDF, and no page that a browser lays out: every browser shows and prints one, its pages are numbered and break between
rows, and the same file can be kept or sent. Whoever signs it signs what the page says it is of, so each page says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from edge_agent.errors import RenderError
from edge_agent.messages.report import BY, COLUMNS, PAPER, more
from edge_agent.messages.text import Words
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.shown import Shown
from edge_agent.render.page import box_of
from edge_agent.render.preview import pages_as_pdf
from edge_agent.render.raster import INK, blank, dots, to_bitmap
from edge_agent.render.type.fonts import Weight, check_glyphs, face
from edge_agent.render.type.lines import tokens, wrap
from edge_agent.render.type.text import Align, Style, block_dots, paint_lines
from edge_agent.reports.report import By, Counts, ShiftReport
from edge_agent.reports.sheets import clock, sheet_of

PAGE_MM = (210.0, 297.0)
MARGIN_MM = 14.0
FOOT_MM = 8.0
OFFICE_DPI = 300
ROWS_MOST = 100
"""Of one table on paper; what more there is, is counted, and stands in the workbook."""
CHAR_MM, GAP_MM, LEAST_MM = 2.6, 1.2, 14.0
"""Height of a character, room around it, and the narrowest column."""
COUNTED = ("drawn", "printed", "commissioned", "in_doubt", "sending", "scrapped", "invalid", "replacing")


@dataclass(frozen=True, slots=True)
class PaperRow:
    """Cells side by side, each in its share of the width; numbers stand at the right. `room_mm`: what has to be left on
    the page beneath its top, else it begins the next."""

    cells: tuple[str, ...]
    shares: tuple[float, ...] = (1.0,)
    numbers: frozenset[int] = frozenset()
    char_mm: float = CHAR_MM
    weight: Weight = "regular"
    ruled: bool = False
    before_mm: float = 0.0
    room_mm: float = 0.0

    def lines(self, dpi: int) -> list[tuple[float, list[str]]]:
        """Of each cell: where it begins, mm from the left margin, and its lines."""
        face_, width, left = face(dots(self.char_mm, dpi), self.weight), PAGE_MM[0] - 2 * MARGIN_MM, 0.0
        found = []
        for cell, share in zip(self.cells, self.shares, strict=True):
            inside = dots(width * share - GAP_MM, dpi)
            found.append((left, wrap(tokens(_printable(cell)), face_, inside)))
            left += width * share
        return found

    def height_mm(self, dpi: int) -> float:
        """With the room before it."""
        face_ = face(dots(self.char_mm, dpi), self.weight)
        highest = max((block_dots(lines, face_) for _, lines in self.lines(dpi)), default=0)
        return self.before_mm + 2 * GAP_MM + max(highest, face_.height_dots) * 25.4 / dpi


def paper(report: ShiftReport, shown: Shown, site: str, dpi: int = OFFICE_DPI) -> list[Bitmap]:
    """The pages."""
    pages = paged(list(rows_of(report, shown, site)), dpi)
    said = f"{site} · {_time(report)}"
    return [_page(rows, f"{said} · {number} / {len(pages)}", dpi) for number, rows in enumerate(pages, 1)]


def paper_pdf(report: ShiftReport, shown: Shown, site: str) -> bytes:
    """The same as a PDF."""
    return pages_as_pdf(paper(report, shown, site), OFFICE_DPI, f"班次报表 shift report {_time(report)}")


def _time(report: ShiftReport) -> str:
    return f"{clock(report.since)} – {clock(report.until)}"


def paged(rows: Sequence[PaperRow], dpi: int) -> list[list[PaperRow]]:
    """Rows in order, none cut; a heading goes with what it heads."""
    pages: list[list[PaperRow]] = [[]]
    room = full = PAGE_MM[1] - 2 * MARGIN_MM - FOOT_MM
    for row in rows:
        height = row.height_mm(dpi)
        if pages[-1] and max(height, row.room_mm) > room:
            pages.append([])
            room = full
        pages[-1].append(row)
        room -= height
    return pages


def _page(rows: Sequence[PaperRow], foot: str, dpi: int) -> Bitmap:
    image = blank(dots(PAGE_MM[0], dpi), dots(PAGE_MM[1], dpi))
    top_mm = MARGIN_MM
    for row in rows:
        _paint(image, row, top_mm, dpi)
        top_mm += row.height_mm(dpi)
    _paint(image, PaperRow((foot,), char_mm=2.2), PAGE_MM[1] - MARGIN_MM - FOOT_MM / 2, dpi)
    return to_bitmap(image)


def _paint(image: Image.Image, row: PaperRow, top_mm: float, dpi: int) -> None:
    face_, top_mm = face(dots(row.char_mm, dpi), row.weight), top_mm + row.before_mm
    for place, (left_mm, lines) in enumerate(row.lines(dpi)):
        width_mm = (PAGE_MM[0] - 2 * MARGIN_MM) * row.shares[place] - GAP_MM
        box = box_of((MARGIN_MM + left_mm, top_mm + GAP_MM), (width_mm, PAGE_MM[1]), dpi)
        align: Align = "right" if place in row.numbers else "left"
        paint_lines(image, face_, lines, box, Style(face_.height_dots, face_.height_dots, row.weight, align))
    if row.ruled:
        at = dots(top_mm, dpi)
        image.paste(INK, (dots(MARGIN_MM, dpi), at, dots(PAGE_MM[0] - MARGIN_MM, dpi), at + max(1, dots(0.1, dpi))))


def rows_of(report: ShiftReport, shown: Shown, site: str) -> Iterator[PaperRow]:
    """All that is printed, from the title to the line that is signed."""
    yield PaperRow((f"{site}  {PAPER['title']}",), char_mm=5.0, weight="bold")
    yield PaperRow((_time(report),), char_mm=4.0, weight="bold")
    yield PaperRow((f"{PAPER['as_of']} {clock(report.as_of)}",))
    yield from _table(PAPER["total"], ("", *COUNTED), [("", *_numbers(report.total))])
    yield PaperRow((f"{PAPER['in_doubt']}: {report.in_doubt}",), weight="bold", before_mm=1.0)
    for by in By:
        rows = [(_key(key, by, shown), *_numbers(counts)) for key, counts in report.by(by).items()]
        yield from _table(BY[by], (by.value, *COUNTED), rows)
    for name, columns in _WHOLE.items():
        sheet, kept = sheet_of(name, report, shown), [COLUMNS[one] for one in columns]
        places = [sheet.columns.index(one) for one in kept]
        cells = [tuple(str(row[place]) for place in places) for row in sheet.rows]
        yield from _table(PAPER[name], columns, cells)
    yield PaperRow((f"{PAPER['sign']} {'_' * 24}    {PAPER['date']} {'_' * 16}",), before_mm=12.0, char_mm=3.2)


_WHOLE = {
    "moved": ("who", "became", "reason", "lot", "style", "labels"),
    "packed": ("who", "garments", "cartons"),
    "copies": ("ordered_by", "printer", "style", "template", "ordered", "proven", "unproven"),
    "stood": ("printer", "reason", "times", "minutes"),
}
"""Tables of the workbook, and which of their columns have room on paper."""

_TEXTS = frozenset({"", "who", "became", "reason", "lot", "style", "ordered_by", "printer", "template", *By})


def _table(title: Words, columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[PaperRow]:
    """Nothing, where there are no rows."""
    if not rows:
        return
    wide = [3.0 if one == "reason" else 1.6 if one in _TEXTS else 1.0 for one in columns]
    shares = tuple(one / sum(wide) for one in wide)
    numbers = frozenset(place for place, one in enumerate(columns) if one not in _TEXTS)
    yield PaperRow((str(title),), char_mm=3.4, weight="bold", before_mm=4.0, room_mm=30.0)
    heads = tuple(_head(one) for one in columns)
    yield PaperRow(heads, shares, numbers, char_mm=2.2, weight="bold", ruled=True, room_mm=20.0)
    for row in rows[:ROWS_MOST]:
        yield PaperRow(row, shares, numbers, ruled=True)
    if len(rows) > ROWS_MOST:
        yield PaperRow((str(more(len(rows) - ROWS_MOST)),), ruled=True)


def _head(column: str) -> str:
    words = COLUMNS.get(column) or BY.get(column)
    return f"{words.zh} {words.en}" if words else ""


def _numbers(counts: Counts) -> tuple[str, ...]:
    return tuple(f"{getattr(counts, one):,}" for one in COUNTED)


def _key(key: str, by: By, shown: Shown) -> str:
    said = {By.OPERATOR: shown.person(key), By.PRINTER: shown.printer(key), By.HOUR: f"{key}:00"}
    return said.get(by, key) or "—"


def _printable(text: str) -> str:
    return "".join(map(_shape, text))


@lru_cache(maxsize=2048)
def _shape(character: str) -> str:
    """A box, for what the font has no picture of: a report is not refused for a note that somebody typed."""
    try:
        check_glyphs(character, "report")
    except RenderError:
        return "□"
    return character
