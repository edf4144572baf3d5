"""The pieces as values: times as people say them, tables by their address, bars that cut nothing off, pills."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from edge_agent.messages.printer import BUSY, DOWN, FAULTS, IDLE, SILENT, UNREAD
from edge_agent.model.printer import Fault
from edge_agent.web.console.pieces.chart import WIDTH, chart
from edge_agent.web.console.pieces.state import ICONS, Look, of_printer
from edge_agent.web.console.pieces.table import Asked, Column, cut, found
from edge_agent.web.console.pieces.times import in_full, spoken
from edge_agent.web.console.pieces.told import HOME, place

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-20T06:05:00.000Z", "今天 14:05"),
        ("2026-11-19T16:00:00Z", "今天 00:00"),
        ("2026-11-19T15:59:59Z", "昨天 23:59"),
        ("2026-03-01T00:00:00Z", "03-01 08:00"),
        ("2025-12-31T16:30:00Z", "01-01 00:30"),
        ("2025-12-31T15:30:00Z", "2025-12-31 23:30"),
        ("unknown", "unknown"),
    ],
)
def test_times_are_said_as_in_the_workshop(at: str, said: str) -> None:
    assert spoken(at, NOW) == said


def test_a_time_in_full_has_its_zone() -> None:
    assert in_full("2026-11-20T06:05:03.120Z", NOW) == "2026-11-20 14:05:03 +0800"


@pytest.mark.parametrize("words", [DOWN, SILENT, UNREAD])
@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("ready", [False, True])
def test_unknown_is_never_green(words: object, busy: bool, ready: bool) -> None:
    assert of_printer(words, ready=ready, busy=busy).look is Look.UNKNOWN  # type: ignore[arg-type]


def test_a_printer_with_a_fault_is_looked_at_and_one_at_work_is_good() -> None:
    assert of_printer(FAULTS[Fault.MEDIA_OUT], ready=False, busy=True).look is Look.ATTENTION
    assert of_printer(BUSY, ready=False, busy=False).look is Look.ATTENTION
    assert of_printer(IDLE, ready=True, busy=True).words.zh == "打印中"
    assert of_printer(IDLE, ready=True, busy=False).words.zh == "就绪"


def test_every_look_has_an_icon_of_its_own() -> None:
    assert len({ICONS[look] for look in Look}) == len(Look)


def test_an_address_asks_for_a_table_and_links_keep_what_they_do_not_change() -> None:
    asked = Asked.of("/x", {"q": " 羽绒 ", "page": "3", "sort": "-count", "chip": "a", "style": "S1"}, ("style",))
    assert (asked.q, asked.page, asked.sort, asked.chip) == ("羽绒", 3, "-count", "a")
    assert asked.link(page=4) == "/x?style=S1&q=%E7%BE%BD%E7%BB%92&chip=a&sort=-count&page=4"
    assert "page" not in asked.link(chip="b")
    count = Column("count", "", "", sortable=True)
    assert (asked.sorted_by(count), "sort=count" in asked.turned(count)) == ("descending", True)


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "٣", "9999999"])
def test_a_page_that_is_none_is_the_first(page: str) -> None:
    assert Asked.of("/x", {"page": page}).page == 1


@pytest.mark.parametrize(
    ("count", "page", "rows", "pages"), [(0, 1, 0, 1), (20, 1, 20, 1), (21, 2, 1, 2), (41, 9, 1, 3)]
)
def test_pages_hold_every_row_once(count: int, page: int, rows: int, pages: int) -> None:
    one = cut(range(count), page)
    assert (len(one.rows), one.pages, one.total) == (rows, pages, count)
    assert [n for k in range(1, one.pages + 1) for n in cut(range(count), k).rows] == list(range(count))


def test_a_search_takes_every_word_whatever_its_case() -> None:
    rows = ["YR2026-0801 男式羽绒服", "YR2026-0802 女式羽绒服"]
    assert found(rows, "0801 羽绒", str) == rows[:1]
    assert found(rows, "yr2026", str) == rows
    assert found(rows, "", str) == rows
    assert found(rows, "0801 女式", str) == []


@pytest.mark.parametrize("values", [[0], [1], [5, 0, 3], [999, 1000, 1001], [7_000_000, 1], []])
def test_a_chart_begins_at_zero_and_cuts_nothing_off(values: list[int]) -> None:
    drawn = chart([(str(n), value) for n, value in enumerate(values)])
    assert drawn.marks[0] == (0, drawn.height)
    assert len(drawn.marks) <= 6
    for bar in drawn.bars:
        assert bar.height == round(drawn.height * bar.value / drawn.top, 1)
        assert 0 <= bar.y <= drawn.height
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH


def test_a_chart_refuses_what_it_cannot_draw() -> None:
    with pytest.raises(ValueError, match="from 0"):
        chart([("a", -1)])


ELSEWHERE = (
    "",
    "/",
    "//evil.example/console/",
    "https://evil.example/console/now",
    "/console/../x\n",
    "/console//evil",
    "/api/v1/jobs",
    "/console/now\r\nSet-Cookie: a=b",
    "/console/<b>",
    "\\\\evil",
    "/console/no\\w",
)


@pytest.mark.parametrize("path", ELSEWHERE)
def test_the_way_back_stays_in_the_console(path: str) -> None:
    assert place(path) == HOME


def test_the_way_back_is_the_page_that_was_left() -> None:
    assert place("/console/print?q=%E7%BE%BD&page=2") == "/console/print?q=%E7%BE%BD&page=2"
