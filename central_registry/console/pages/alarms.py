"""Alarms, one for each cause: taken by somebody, answered in words, closed; nothing is closed without an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.alarms import REGISTRY
from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.alarm_terms import STATES, meaning_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.life import Fact, Moment
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, Undo, good
from central_registry.console.pieces.words import Words
from central_registry.oversight import alarm_work
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

_HERE = "/console/alarms"
_ONE = _HERE + "/{agent}/{alarm}"


def _href(row: Mapping[str, Any]) -> str:
    return f"{_HERE}/{row['agent']}/{row['id']}"


def _kind(row: Mapping[str, Any]) -> Cell:
    return Cell(meaning_of(row["kind"]).words.zh, small=row["about"][:60])


def _whose(row: Mapping[str, Any]) -> Cell:
    return Cell("平台" if row["agent"] == REGISTRY else row["agent_name"] or row["agent"], small=row["owner_name"])


LISTING = Listing(
    caption=Words("警报", "Alarms"),
    columns=(
        Column("kind", "警报", "alarm", _kind),
        Column("state", "处理", "state", lambda row: Cell(None, small=row["taken_name"], state=STATES[row["state"]])),
        Column("agent", "打印端", "agent", _whose),
        Column("times", "次数", "times", sortable=True, number=True),
        Column("first_at", "最早", "first", sortable=True),
        Column("last_at", "最近", "last", sortable=True),
    ),
    chips=(
        Chips(
            "state",
            "处理",
            "state",
            (("standing", Words("未关闭", "standing")), *((name, one.words) for name, one in STATES.items())),
        ),
    ),
    search=Words("序列号、批次、打印端", "serial, lot, agent"),
    empty=Words("没有警报", "no alarms"),
    file="alarms",
    href=_href,
)


class Nothing(BaseModel):
    """Nothing is asked."""


class Answer(BaseModel):
    """What it was, and what was done."""

    answer: str = Field(
        title="处理情况 · what it was, what was done",
        max_length=alarm_work.ANSWER_MOST,
        json_schema_extra={"kind": "area"},
    )


async def alarms(desk: Desk) -> web.Response:
    """All that this party sees."""
    return await show_list(desk, LISTING, lambda ask: alarm_work.list_alarms(desk.pool, desk.actor, ask))


async def alarm(desk: Desk) -> web.Response:
    """One, and what may be done about it."""
    row = await alarm_work.show_alarm(desk.pool, desk.actor, desk.part("agent"), desk.part("alarm"))
    return await show(
        desk,
        "pages/alarm.html",
        meaning=meaning_of(row["kind"]),
        state=STATES[row["state"]],
        facts=_facts(row),
        moments=_moments(row),
        forms=_forms(desk, row) if desk.may(Act.ANSWER_ALARM) else (),
    )


def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    path = _href(row)
    if row["state"] == "closed":
        return [desk.form(f"{path}/reopen", Nothing, Words("重新打开", "Reopen"))]
    said = desk.form(
        f"{path}/answer",
        Answer,
        Words("保存", "Save"),
        title=Words("处理情况", "Answer"),
        values={"answer": row["answer"]},
    )
    take = [desk.form(f"{path}/take", Nothing, Words("我来处理", "I take it"))] if row["state"] == "open" else []
    close = [desk.form(f"{path}/close", Nothing, Words("关闭警报", "Close"))] if row["answer"] else []
    return [*take, said, *close]


def _facts(row: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact("打印端", "agent", str(_whose(row).value)),
        Fact("所属", "owner", row["owner_name"] or ("平台" if row["agent"] == REGISTRY else None)),
        Fact("关于", "about", row["about"]),
        Fact("说明", "detail", row["detail"]),
        Fact("次数", "times", f"{row['times']:,}"),
        Fact("处理人", "taken by", row["taken_name"] or "还没有人"),
    ]


def _moments(row: Mapping[str, Any]) -> list[Moment]:
    said = [
        (row["first_at"], STATES["open"], Words("第一次出现", "first seen"), "", ""),
        (row["last_at"] if row["times"] > 1 else None, STATES["open"], Words("最近一次", "last seen"), "", ""),
        (row["taken_at"], STATES["taken"], Words("接手", "taken"), row["taken_name"], row["answer"]),
        (row["closed_at"], State(Look.REST, Words("已关闭", "closed")), Words("", ""), row["closed_name"], ""),
    ]
    return sorted((Moment(*one) for one in said if one[0] is not None), key=lambda one: one.at)


_Service = Callable[..., Awaitable[None]]


def _step(service: _Service, zh: str, en: str, undo: str = "") -> Callable[[Desk, Any], Awaitable[Told]]:
    """A press without a field: done at once, with the way back beside it."""

    async def handler(desk: Desk, _: Nothing) -> Told:
        agent, name = desk.part("agent"), desk.part("alarm")
        await service(desk.pool, desk.actor, agent, name, desk.at)
        path = f"{_HERE}/{agent}/{name}"
        return good(zh, en, path, Undo(f"{path}/{undo}") if undo else None)

    return handler


async def answer(desk: Desk, form: Answer) -> Told:
    """Say it."""
    agent, name = desk.part("agent"), desk.part("alarm")
    await alarm_work.answer(desk.pool, desk.actor, agent, name, form.answer, desk.at)
    return good("已保存处理情况", "answered", f"{_HERE}/{agent}/{name}")


PAGES = (
    Page(
        _HERE,
        Act.LOOK,
        "警报",
        "Alarms",
        alarms,
        Group.OVERSIGHT,
        "alarm",
        frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM}),
    ),
    Page(_ONE, Act.LOOK, "警报", "Alarm", alarm),
)
ACTIONS = (
    Action(f"{_ONE}/take", Act.ANSWER_ALARM, Nothing, _step(alarm_work.take, "已接手", "taken", "give-back"), alarm),
    Action(f"{_ONE}/give-back", Act.ANSWER_ALARM, Nothing, _step(alarm_work.give_back, "已放回", "given back"), alarm),
    Action(f"{_ONE}/answer", Act.ANSWER_ALARM, Answer, answer, alarm),
    Action(
        f"{_ONE}/close", Act.ANSWER_ALARM, Nothing, _step(alarm_work.close, "警报已关闭", "closed", "reopen"), alarm
    ),
    Action(f"{_ONE}/reopen", Act.ANSWER_ALARM, Nothing, _step(alarm_work.reopen, "已重新打开", "reopened"), alarm),
)
