"""Stops labels one by one: what was stopped so, a choice looked at before it is acted upon, one stop with its progress.

The choice travels with the second form, as an imported file does: nothing is kept of what nobody carries out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.goods_firms import firms_of
from central_registry.console.pages.stops import waits_for
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.label_stop import STATES, chosen_in_words, progress_of, state_of
from central_registry.console.pieces.life import Fact, fact_at
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.times import BEIJING, left
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.lists import Ask, Found, picked
from central_registry.oversight import label_stop_lists, label_stops
from central_registry.oversight.chosen import Chosen
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.decisions import deciding
from central_registry.problems import ProblemError

HERE = "/console/label-stops"
_ONE = HERE + "/{stop}"
_SEEN = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})
_MOST_BYTES = 4_000_000

LISTING = Listing(
    caption=Words("停用的标签", "Labels that are stopped"),
    columns=(
        Column("made_at", "时间", "when", sortable=True),
        Column("firm_name", "企业", "firm"),
        Column("kind", "状态", "state", lambda row: Cell(None, state=state_of(row))),
        Column("labels", "枚数", "labels", number=True),
        Column("chosen", "选的是", "chosen", lambda row: Cell(chosen_in_words(row["chosen"]))),
        Column("reason", "原因", "reason"),
        Column("closed_at", "结案", "closed"),
    ),
    chips=(Chips("state", "状态", "state", STATES),),
    search=Words("企业、原因、编号", "firm, reason, number"),
    empty=Words("没有逐枚停用的标签", "no labels are stopped one by one"),
    file="label-stops",
    href=lambda row: place_of(row["stop"]),
)
_LABELS = Listing(
    caption=Words("逐枚清单", "Each label"),
    columns=(
        Column("serial", "序列号", "serial", lambda row: Cell(row["serial"])),
        Column("state", "标签", "label"),
        Column("lot_no", "批次", "lot"),
        Column("agent", "打印端", "agent"),
        Column("window_id", "窗口", "window"),
        Column("sent_at", "打印时间", "sent"),
        Column("scans", "扫码次数", "scans", number=True),
    ),
    search=Words("序列号、批次", "serial, lot"),
    empty=Words("没有标签", "no labels"),
    file="stopped-labels",
)


def place_of(stop: str) -> str:
    """The page of one."""
    return f"{HERE}/{quote(stop, safe='')}"


class Choose(BaseModel):
    """Which labels: a list, or those of an agent."""

    firm: str = Field(title="企业 · firm", max_length=30)
    serials: str = Field(
        "", title="序列号，一行一个；或填下面各项 · serials, one a line; or what follows",
        max_length=2_000_000, json_schema_extra={"kind": "area"},
    )  # fmt: skip
    agent: str = Field("", title="打印端 · agent", max_length=100)
    printer: str = Field("", title="打印机，不填为全部 · printer, empty for all", max_length=100)
    since: str = Field("", title="从（北京时间，如 2026-12-20 16:00） · from, Beijing time", max_length=30)
    until: str = Field("", title="到（不含） · until, not included", max_length=30)
    lot_no: str = Field("", title="批号，不填为全部 · lot, empty for all", max_length=100)
    windows: str = Field(
        "", title="窗口，一行一个，不填为全部 · windows, one a line",
        max_length=200_000, json_schema_extra={"kind": "area"},
    )  # fmt: skip


class Carry(BaseModel):
    """The choice that was shown, and what is done with it."""

    kind: Literal["suspend", "recall"] = Field(title="怎么停 · how")
    reason: str = Field(title="理由 · reason", max_length=2_000, json_schema_extra={"kind": "area"})
    chosen: str = Field(json_schema_extra={"kind": "hidden"}, max_length=2_500_000)
    labels: int = Field(json_schema_extra={"kind": "hidden"})


class Why(BaseModel):
    """Why it may go on, or what came of it."""

    reason: str = Field(title="理由 · reason", max_length=10_000, json_schema_extra={"kind": "area"})


class Report(BaseModel):
    """What ends the work."""

    reason: str = Field(title="结案报告 · report", max_length=10_000, json_schema_extra={"kind": "area"})


_HOW = (
    ("suspend", Words("暂停，以后可以恢复", "suspend, may go on later")),
    ("recall", Words("召回，另一人确认后不能恢复", "recall, for good once another confirms")),
)


async def stops_page(desk: Desk) -> web.Response:
    """All of them, and the way to look at labels that are to be stopped."""
    form = None
    if desk.may(Act.SUSPEND):
        title = Words("按窗口、打印机、时间或清单停用标签", "Stop labels by window, printer, time or list")
        firms = await firms_of(desk)
        form = desk.form(f"{HERE}/look", Choose, Words("查看影响", "Show what it touches"), options={"firm": firms},
                         title=title)  # fmt: skip
    return await show_list(
        desk, LISTING, lambda ask: label_stop_lists.list_label_stops(desk.pool, desk.actor, ask), "pages/told.html",
        form=form,
    )  # fmt: skip


async def look(desk: Desk, form: Choose) -> web.Response:
    """What the choice touches, and the form that stops it; nothing is stopped yet."""
    chosen = Chosen(
        firm=form.firm, serials=_lines(form.serials), agent=form.agent.strip(), windows=_lines(form.windows),
        printer=form.printer.strip(), since=_moment("since", form.since), until=_moment("until", form.until),
        lot_no=form.lot_no.strip(),
    )  # fmt: skip
    found = await label_stops.preview(desk.pool, desk.actor, chosen)
    packed = json.dumps(asdict(chosen), ensure_ascii=False)
    how = [one for one in _HOW if one[0] == "suspend" or desk.may(Act.RECALL)]
    title = Words("停用这些标签", "Stop these labels")
    said = Words(
        f"{found['labels']:,} 枚立即停用，同批其他标签不变；另一人 72 小时内确认或撤销",
        f"{found['labels']:,} labels at once, none beside them; another person confirms or undoes within 72 h",
    )
    carry = desk.form(
        HERE, Carry, title, options={"kind": how}, values={"chosen": packed, "labels": str(found["labels"])},
        title=title, consequence=said, danger=True, back=HERE,
    )  # fmt: skip
    return await show(
        desk, "pages/label_stop.html", name="选中的标签", state=state_of({"state": "", "kind": ""}), waits=None,
        facts=_previewed(found), labels="", forms=[carry],
    )  # fmt: skip


def _previewed(found: Mapping[str, Any]) -> list[Fact]:
    lots = "、".join(f"{one['lot_no'] or '—'}（{one['labels']:,}）" for one in found["lots"])
    return [
        Fact("枚数", "labels", f"{found['labels']:,}"),
        *progress_of(found),
        Fact("批次", "lots", lots),
        Fact("打印端", "agents", "、".join(found["agents"])),
        Fact("例如", "such as", " ".join(found["sample"])),
    ]


async def carry_out(desk: Desk, form: Carry) -> Told:
    """Stop what was shown. Raises ProblemError: it is another number by now."""
    act = Act.RECALL if form.kind == "recall" else Act.SUSPEND
    done = await label_stops.stop_labels(
        desk.pool, desk.actor, act, _unpacked(form.chosen), form.reason, form.labels, desk.at
    )
    waits = ("，等另一人确认", "; another person confirms") if done["decision"] else ("", "")
    return good(
        f"已停用 {done['labels']:,} 枚{waits[0]}", f"{done['labels']:,} stopped{waits[1]}", place_of(done["stop"])
    )


async def stop_page(desk: Desk) -> web.Response:
    """One: how it stands, what came back, and what may be done."""
    row = await label_stop_lists.show_label_stop(desk.pool, desk.actor, desk.part("stop"))
    facts = [
        Fact("企业", "firm", row["firm_name"]),
        Fact("枚数", "labels", f"{row['labels']:,}"),
        Fact("选的是", "chosen", chosen_in_words(row["chosen"])),
        Fact("原因", "reason", row["reason"]),
        fact_at("停用", "stopped", row["made_at"], desk.at),
        *progress_of(row),
        fact_at("结案", "closed", row["closed_at"], desk.at, "—"),
        Fact("结案报告", "report", row["report"] or None),
    ]
    return await show(
        desk, "pages/label_stop.html", name=f"{row['labels']:,} 枚标签", state=state_of(row),
        waits=None if row["decision"] is None else waits_for(row["act"]), decision=row["decision"],
        decides=deciding(row["act"]) if row["act"] else "", due=left(row["due_at"], desk.at) if row["due_at"] else "",
        facts=facts, labels=f"{place_of(row['stop'])}/labels", forms=_forms(desk, row),
    )  # fmt: skip


def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    here, found = place_of(row["stop"]), list[Form]()
    if row["decision"] is not None or not desk.may(Act.SUSPEND):
        return found
    if row["kind"] == "suspension" and row["state"] == label_stops.STANDING:
        words = Words("申请恢复", "Ask to go on")
        found.append(desk.form(f"{here}/lift", Why, words, title=words))
    if row["closed_at"] is None:
        words = Words("结案", "Close")
        found.append(desk.form(f"{here}/close", Report, words, title=words))
    return found


async def labels_page(desk: Desk) -> web.Response:
    """Its labels as a list, to be kept as CSV or XLSX."""

    async def lister(ask: Ask) -> Found:
        rows = await label_stop_lists.labels_of_stop(desk.pool, desk.actor, desk.part("stop"))
        return picked(rows, ask, searched=("serial", "lot_no"), filtered=())

    return await show_list(desk, _LABELS, lister)


async def lift(desk: Desk, form: Why) -> Told:
    """Ask for it to go on."""
    stop = desk.part("stop")
    waits = await label_stops.lift(desk.pool, desk.actor, stop, form.reason, desk.at)
    words = ("已申请恢复，等另一人办理", "asked for; another person decides") if waits else ("已恢复", "lifted")
    return good(*words, place_of(stop))


async def close(desk: Desk, form: Report) -> Told:
    """End the work with a report."""
    stop = desk.part("stop")
    await label_stop_lists.close_label_stop(desk.pool, desk.actor, stop, form.reason, desk.at)
    return good("已结案", "closed", place_of(stop))


def _unpacked(text: str) -> Chosen:
    """The choice as the form before wrote it. Raises ProblemError (422): it did not come whole."""
    try:
        found = json.loads(text)
        lists = {name: tuple(found[name]) for name in ("serials", "windows")}
        return Chosen(**{one.name: lists.get(one.name, found[one.name]) for one in fields(Chosen)})
    except (ValueError, KeyError, TypeError) as cause:
        raise ProblemError(
            "unprocessable", "没有传完整，请重选 · chosen: expected the choice that was shown; choose again"
        ) from cause


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _moment(name: str, text: str) -> str:
    """Beijing's time as it is typed, in UTC as agents write it; '' stays ''. Raises ProblemError (422)."""
    if not text.strip():
        return ""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as cause:
        raise ProblemError(
            "unprocessable", f"时间写成 2026-12-20 16:00 · {name}: expected such a time, got {text[:30]!r}", field=name
        ) from cause
    return (at if at.tzinfo else at.replace(tzinfo=BEIJING)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


PAGES = (
    Page(HERE, Act.LOOK, "停用标签", "Stopped labels", stops_page, Group.OVERSIGHT, "stop", _SEEN),
    Page(_ONE, Act.LOOK, "停用的标签", "Labels that are stopped", stop_page, kinds=_SEEN),
    Page(f"{_ONE}/labels", Act.LOOK, "逐枚清单", "Each label", labels_page, kinds=_SEEN),
)
ACTIONS = (
    Action(f"{HERE}/look", Act.SUSPEND, Choose, look, stops_page, body_most=_MOST_BYTES),
    Action(HERE, Act.SUSPEND, Carry, carry_out, stops_page, body_most=_MOST_BYTES),
    Action(f"{_ONE}/lift", Act.SUSPEND, Why, lift, stop_page),
    Action(f"{_ONE}/close", Act.SUSPEND, Report, close, stop_page),
)
