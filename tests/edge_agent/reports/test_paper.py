"""The report on paper: every row whole on one page, headings with what they head, ink inside the margins."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pypdfium2
import pytest
from PIL import ImageChops

from edge_agent.model.goods import Goods
from edge_agent.model.shown import Shown
from edge_agent.render.raster import dots, to_image
from edge_agent.reports.paper import MARGIN_MM, PAGE_MM, ROWS_MOST, paged, paper, paper_pdf, rows_of
from edge_agent.reports.report import Counts, Moved, Printed, ShiftReport

DPI = 100
GOODS = Goods("YR2026-0801", "175/92A", "男式连帽羽绒服")
EMPTY = ShiftReport(
    since="2026-11-20T00:00:00.000Z",
    until="2026-11-20T12:00:00.000Z",
    as_of="2026-11-20T11:00:00.000Z",
    printed=(),
    moved=(),
    packed=(),
    copies=(),
    stood=(),
    in_doubt=0,
)
ODD = "碳带皱\u200b 🧵 \x07 ＝1 " + "很长的原因" * 40


def of(lots: int) -> ShiftReport:
    """So many lots, and as many notes, one longer than a line and of characters that no font has."""
    printed = tuple(
        Printed("A01", "p1", f"L{n:04d}", GOODS, "2026-11-20 08", Counts(drawn=9, printed=9)) for n in range(lots)
    )
    moved = tuple(Moved("B02", "p1", f"L{n:04d}", GOODS, "scrapped", ODD, 1) for n in range(lots))
    return replace(EMPTY, printed=printed, moved=moved)


@pytest.mark.parametrize("lots", [0, 1, 30, ROWS_MOST + 1])
def test_every_row_stands_whole_on_one_page(lots: int) -> None:
    rows = list(rows_of(of(lots), Shown(), "示例服饰"))
    pages = paged(rows, DPI)
    assert [row for page in pages for row in page] == rows
    assert all(sum(row.height_mm(DPI) for row in page) <= PAGE_MM[1] - 2 * MARGIN_MM - 8 for page in pages)
    assert "签字" in rows[-1].cells[0]


def test_no_heading_ends_a_page() -> None:
    """Wherever on a page the next table begins."""
    for lots in range(1, 24):
        short = replace(of(lots), moved=())
        pages = paged(list(rows_of(short, Shown(), "示例服饰")), DPI)
        assert not [lots for page in pages if page[-1].room_mm]


def test_what_is_not_printed_is_counted() -> None:
    cells = [row.cells[0] for row in rows_of(of(ROWS_MOST + 7), Shown(), "示例服饰")]
    assert len([cell for cell in cells if cell.startswith("L0")]) == ROWS_MOST
    assert cells.count("还有 7 行，见 Excel · 7 more rows, in the workbook") == 2, "of lots and of notes"


def test_ink_stays_inside_the_margins_whatever_somebody_typed() -> None:
    for page in paper(of(30), Shown({"B02": "示例" * 30}), "示例服饰" * 10, DPI):
        image = to_image(page)
        assert (image.width, image.height) == (dots(PAGE_MM[0], DPI), dots(PAGE_MM[1], DPI))
        left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
        margin = dots(MARGIN_MM, DPI) - 1
        assert left >= margin and right <= image.width - margin
        assert top >= margin and bottom <= image.height - margin


def test_the_pdf_is_of_a4_and_the_same_for_the_same() -> None:
    data = paper_pdf(of(1), Shown(), "示例服饰")
    assert data == paper_pdf(of(1), Shown(), "示例服饰")
    pdf = pypdfium2.PdfDocument(BytesIO(data))
    sizes = {tuple(round(points * 25.4 / 72) for points in pdf[n].get_size()) for n in range(len(pdf))}
    assert sizes == {(210, 297)}


def test_a_name_and_a_number_are_on_it() -> None:
    """Another number, or another name, is another picture."""
    plain, named, counted = (
        paper(report, Shown(names), "示例服饰", DPI)[0]
        for report, names in ((of(1), {}), (of(1), {"B02": "示例乙"}), (replace(of(1), in_doubt=3), {}))
    )
    for other in (named, counted):
        assert ImageChops.difference(to_image(plain), to_image(other)).getbbox()
