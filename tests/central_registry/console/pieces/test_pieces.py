"""The pieces as values: lists by their address, sheets that calculate nothing, forms of models, charts, times."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from pydantic import BaseModel, Field, ValidationError

from central_registry.console.pieces.act_terms import act_of
from central_registry.console.pieces.alarm_terms import ALARMS, meaning_of
from central_registry.console.pieces.chart import HEIGHT, WIDTH, chart
from central_registry.console.pieces.form import Upload, entries_of, errors_of, read, sentence_of
from central_registry.console.pieces.life import steps
from central_registry.console.pieces.sheet import as_file
from central_registry.console.pieces.state import ICONS, Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing, Table, table_of, values
from central_registry.console.pieces.terms import KINDS, ROLES, STATUS, status_of
from central_registry.console.pieces.times import in_full, left, spoken
from central_registry.console.pieces.told import Told, Undo, good, loads, place
from central_registry.console.pieces.words import Words, of_sentence
from central_registry.lists import Ask, Found
from central_registry.parties.actor import PartyKind, PartyStatus, Role
from central_registry.parties.acts import Act
from tests.kits.registry_kit import AT

WORDS = Words("示例", "sample")
GOOD = State(Look.GOOD, Words("正常", "good"))
LISTING = Listing(
    caption=WORDS,
    columns=(
        Column("name", "名称", "name", sortable=True),
        Column("state", "状态", "state", lambda row: Cell(None, state=GOOD)),
        Column("n", "件数", "n", number=True),
        Column("at", "时间", "at"),
    ),
    chips=(Chips("state", "状态", "state", (("good", Words("正常", "good")),)),),
    days=True,
    empty=WORDS,
    file="x",
    href=lambda row: f"/console/x/{row['name']}",
)
ROW = {"name": "=1+1", "state": "good", "n": 12, "at": AT}


def a_table(total: int = 120, **asked: Any) -> Table:
    return table_of(LISTING, "/console/x", Ask(**asked), Found([ROW], total))


def test_a_link_keeps_what_it_does_not_change_and_begins_at_the_first_page() -> None:
    table = a_table(search="羽绒", filters={"state": "good", "odd": "x"}, sort="name", descending=True, page=3)
    kept = "state=good&q=%E7%BE%BD%E7%BB%92&sort=-name"
    assert table.link() == f"/console/x?{kept}"
    assert table.link(page=2) == f"/console/x?{kept}&page=2"
    assert table.turned(LISTING.columns[0]) == "/console/x?state=good&q=%E7%BE%BD%E7%BB%92&sort=name"
    assert [(chip.chosen, "state" in chip.href) for chip in table.chips(LISTING.chips[0])] == [
        (False, False),
        (True, True),
    ]


def test_days_are_filters_and_asked_by_the_search_itself() -> None:
    table = a_table(filters={"since": "2026-11-01", "state": "good"})
    assert table.link(page=2) == "/console/x?since=2026-11-01&state=good&page=2"
    assert table.others == {"state": "good"}


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (50, 1), (51, 2), (20_000, 400)])
def test_pages_are_counted(total: int, pages: int) -> None:
    assert a_table(total).pages == pages


def test_a_row_leads_through_its_first_cell() -> None:
    first, second, *_ = a_table().rows[0]
    assert (first.href, second.href) == ("/console/x/=1+1", "")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "＝1", " =1", "\t1", "=cmd|' /C calc'!A1"])
def test_no_cell_of_an_export_is_calculated(cell: str) -> None:
    body = as_file("csv", [WORDS], [[cell]], AT).decode("utf-8-sig")
    assert next(row for n, row in enumerate(csv.reader(io.StringIO(body))) if n == 1)[0] == f"'{cell}"
    book = openpyxl.load_workbook(io.BytesIO(as_file("xlsx", [WORDS], [[cell]], AT)))
    assert (book.active["A2"].value, book.active["A2"].data_type) == (cell, "s")


def test_an_export_has_words_for_pills_times_in_full_and_codes_as_text() -> None:
    rows = [*values(LISTING, [ROW]), ["007", None, 5, date(2026, 11, 1)]]
    assert rows[0] == ["=1+1", "正常", 12, AT]
    body = as_file("csv", [WORDS] * 4, rows, AT).decode("utf-8-sig").splitlines()
    assert body[1:] == ["'=1+1,正常,12,2026-11-20 17:15:03 +0800", "007,,5,2026-11-01"]
    book = openpyxl.load_workbook(io.BytesIO(as_file("xlsx", [WORDS] * 4, rows, AT)))
    assert [cell.value for cell in book.active[3]] == ["007", "", 5, "2026-11-01"]


class Sample(BaseModel):
    name: str = Field(title="名称 · name", max_length=10, description="全称 · in full")
    kind: PartyKind = Field(title="类型 · kind")
    roles: list[Role] = Field(title="角色 · roles", min_length=1)
    pieces: int | None = Field(None, title="件数 · pieces", ge=1)
    on: date | None = None
    sure: bool = False
    paper: Upload | None = None
    once: str = ""


def test_a_form_is_its_model() -> None:
    found = {one.name: one for one in entries_of(Sample, {"roles": ["it"]}, {"name": "错"})}
    assert {name: one.kind for name, one in found.items()} == {
        "name": "text", "kind": "select", "roles": "checks", "pieces": "number", "on": "date", "sure": "tick",
        "paper": "file",
    }  # fmt: skip
    name = found["name"]
    assert (name.words, name.help, name.error) == (Words("名称", "name"), Words("全称", "in full"), "错")
    assert (name.required, name.most, found["pieces"].required) == (True, 10, False)
    assert found["roles"].values == ("it",)
    assert ("it", ROLES[Role.IT]) in found["roles"].options


def test_what_was_left_empty_was_not_sent_and_names_may_come_more_than_once() -> None:
    typed = {"name": [" 示例 "], "kind": ["firm"], "roles": ["it", "viewer"], "pieces": [""], "on": ["2026-11-01"]}
    found = read(Sample, typed, {})
    assert found == Sample(name="示例", kind=PartyKind.FIRM, roles=[Role.IT, Role.VIEWER], on=date(2026, 11, 1))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "", "请填写"),
        ("name", "十一个字的名称实在太长了", "最多 10 个字"),
        ("kind", "king", "请在列表里选"),
        ("pieces", "x", "请填整数"),
        ("pieces", "0", "至少 1"),
        ("on", "soon", "请填日期"),
    ],
)
def test_each_refusal_is_a_sentence_of_its_field(name: str, value: str, said: str) -> None:
    right = {"name": ["示例"], "kind": ["firm"], "roles": ["it"]}
    with pytest.raises(ValidationError) as caught:
        read(Sample, {**right, name: [value]}, {})
    assert set(errors_of(caught.value)) == {name}
    assert said in errors_of(caught.value)[name]
    assert sentence_of(caught.value) == ""


def test_a_chart_cuts_nothing_off_and_has_zero_at_its_foot() -> None:
    drawn = chart([("a", 0), ("b", 730), ("c", 1001)])
    assert all(bar.y >= 0 and bar.y + bar.height == pytest.approx(HEIGHT, abs=0.2) for bar in drawn.bars)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in drawn.bars)
    assert (drawn.marks[0], drawn.marks[-1][0] >= 1001) == ((0, float(HEIGHT)), True)
    assert sum(bar.shown for bar in chart([(str(n), n) for n in range(365)]).bars) <= 16
    with pytest.raises(ValueError, match="from 0"):
        chart([("a", -1)])


NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 20, 6, 5, tzinfo=UTC), "今天 14:05"),
        (datetime(2026, 11, 19, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "明天 00:00"),
        (datetime(2025, 12, 31, 16, 30, tzinfo=UTC), "01-01 00:30"),
        (datetime(2025, 12, 31, 15, 30, tzinfo=UTC), "2025-12-31 23:30"),
        (None, "—"),
    ],
)
def test_times_are_said_in_beijing(at: datetime | None, said: str) -> None:
    assert spoken(at, NOW) == said


def test_what_is_left_is_said_in_hours_and_never_less_than_nothing() -> None:
    hours = [(-1, "已过期"), (0.5, "还剩 30 分钟"), (5, "还剩 5 小时"), (72, "还剩 3 天")]
    assert [left(NOW + timedelta(hours=n), NOW) for n, _ in hours] == [said for _, said in hours]
    assert in_full(NOW) == "2026-11-20 14:30:00 +0800"


def test_what_was_told_is_the_same_after_its_way() -> None:
    for told in (good("已做", "done"), Told(Look.STOP, WORDS, "/console/x", Undo("/console/y", (("a", "b"),)))):
        assert loads(told.dumps()) == told


@pytest.mark.parametrize(
    "path", ["", "/", "//x/console/", "/console//x", "https://x/console/", "/console/\n", "/consolex"]
)
def test_nobody_is_led_out_of_the_console(path: str) -> None:
    assert place(path) == "/console/"


def test_every_word_of_the_registry_has_words_for_a_person() -> None:
    assert set(KINDS) == set(PartyKind)
    assert set(ROLES) == set(Role)
    assert set(STATUS) == set(PartyStatus)
    assert len({ICONS[look] for look in Look}) == len(Look)
    assert status_of("new").look is Look.UNKNOWN
    assert all(meaning.words.zh and meaning.todo for meaning in ALARMS.values())
    assert "new_kind" in meaning_of("new_kind").words.zh
    assert not [act for act in Act if not act_of(act.value) or act_of(act.value) == act.value]


def test_steps_stand_behind_at_and_ahead() -> None:
    rows = [(WORDS, None)] * 3
    assert [one.done for one in steps(rows, 1)] == [True, None, False]
    assert [one.done for one in steps(rows, 3)] == [True] * 3


def test_a_sentence_has_two_languages_or_one() -> None:
    assert of_sentence("中文 · English · more") == ("中文", "English · more")
    assert of_sentence("only English") == ("only English", "")
