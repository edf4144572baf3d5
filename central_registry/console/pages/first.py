"""The first page: what waits for this person, the most urgent first. Each number leads to its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from central_registry.console.frame import show
from central_registry.console.page import Desk, Group, Page
from central_registry.console.pages.decisions import place_of
from central_registry.console.pages.stops import KINDS
from central_registry.console.pages.stops import place_of as stop_of
from central_registry.console.pieces.asked import goods_of
from central_registry.console.pieces.life import Count, Todo
from central_registry.console.pieces.state import Look
from central_registry.console.pieces.terms import status_of
from central_registry.console.pieces.times import left, spoken
from central_registry.console.pieces.words import Words
from central_registry.lists import MOST_ROWS, Ask
from central_registry.oversight.stops import list_stops
from central_registry.oversight.waiting import what_waits
from central_registry.parties.actor import PartyKind, PartyStatus, Role
from central_registry.parties.acts import Act
from central_registry.parties.decisions import list_decisions
from central_registry.parties.door import looking
from central_registry.parties.people import list_people
from central_registry.parties.standing import status_of as standing

FLEET = "/console/agents"
_DECISIONS = "/console/decisions?mine=true"
_STOPS = "/console/stops"
_HELD_BACK = frozenset({PartyStatus.SUSPENDED, PartyStatus.BARRED})
_DECIDE = frozenset({Role.OFFICER, Role.APPROVER})
_SHOWN = 10
"""Questions that can be opened from the first page itself."""


async def waiting(desk: Desk) -> web.Response:
    """What waits for me."""
    mine = Ask(filters={"mine": "true"}, rows=MOST_ROWS)
    rows = (await list_decisions(desk.pool, desk.actor, mine, desk.at)).rows
    inspects = desk.actor.kind is PartyKind.INSPECTOR
    stops = await _stopped(desk) if inspects else ()
    counts = [*_decisions(desk, rows), *await _alarms_and_agents(desk), *_counts_of(stops)]
    todo = [_todo(desk, row) for row in rows[:_SHOWN]]
    held, alone = await _held_back(desk), await _alone(desk)
    stopped = [_stop(row) for row in stops[:_SHOWN]]
    return await show(
        desk, "pages/first.html", counts=counts, todo=todo, held=held, alone=alone, inspects=inspects, stopped=stopped
    )


async def _stopped(desk: Desk) -> Sequence[Mapping[str, Any]]:
    """An inspector decides nothing and comes with goods in hand: which are stopped is what waits for them."""
    return (await list_stops(desk.pool, desk.actor, Ask(rows=MOST_ROWS))).rows


def _counts_of(stops: Sequence[Mapping[str, Any]]) -> list[Count]:
    found = Counter(row["kind"] for row in stops)
    rows = (
        Count("召回的货品", "recalled goods", found["recall"], f"{_STOPS}?kind=recall", Look.STOP),
        Count("暂停的货品", "suspended goods", found["suspension"], f"{_STOPS}?kind=suspension", Look.ATTENTION),
    )
    return [one for one in rows if one.number]


def _stop(row: Mapping[str, Any]) -> Todo:
    about = f"{row['firm_name']} · {row['lot_no'] or row['style_no']}"
    return Todo(KINDS[row["kind"]].words, about, row["reason"], stop_of(row["firm"], row["lot_no"], row["style_no"]))


async def _alone(desk: Desk) -> Words | None:
    """That nobody could approve what another asks: told before the first thing waits for nobody."""
    if desk.actor.kind is not PartyKind.ASSOCIATION or not (desk.actor.four_eyes and desk.may(Act.MANAGE_PEOPLE)):
        return None
    rows = (await list_people(desk.pool, desk.actor, Ask(filters={"here": "true"}, rows=MOST_ROWS))).rows
    deciders = [frozenset(row["roles"]) for row in rows if _DECIDE & frozenset(row["roles"])]
    if len(deciders) > 1 and any(Role.APPROVER in one for one in deciders):
        return None
    return Words(
        "还缺第二个人：批准证书、批准赋码、确认暂停，要由提出人以外、有“审批”角色的人来做；只有一人办事的协会可在“本单位”关闭双人复核",
        "a second person with the role approver is needed, or four eyes switched off under My party",
    )


async def _held_back(desk: Desk) -> Words | None:
    """That one's own party is stopped: whoever asks for codes is told before it is refused."""
    found = await looking(
        desk.pool, desk.actor, lambda connection: standing(connection, desk.actor.party, desk.at.date())
    )
    if found not in _HELD_BACK:
        return None
    said = status_of(found).words
    return Words(f"本单位现在的状态：{said.zh}", f"your party is {said.en}")


def _todo(desk: Desk, row: Mapping[str, Any]) -> Todo:
    due = left(row["due_at"], desk.at) if row["due_at"] else ""
    said = " · ".join(text for text in (row["maker_name"], spoken(row["made_at"], desk.at), due) if text)
    about = " · ".join(text for text in (row["concerns_name"] or row["about"], goods_of(row)) if text)
    return Todo(Words(row["act_zh"], row["act_en"]), about, said, place_of(row))


def _decisions(desk: Desk, rows: Sequence[Mapping[str, Any]]) -> list[Count]:
    """One number for each kind of question; rows come the most urgent first."""
    acts = Counter(row["act"] for row in rows)
    first = {act: next(row for row in rows if row["act"] == act) for act in acts}
    return [_decision(desk, first[act], number) for act, number in acts.items()]


def _decision(desk: Desk, row: Mapping[str, Any], number: int) -> Count:
    provisional = row["due_at"] is not None
    zh, en = f"{'待确认：' if provisional else '待办：'}{row['act_zh']}", row["act_en"]
    soon = left(row["due_at"], desk.at) if provisional else f"最早 {spoken(row['made_at'], desk.at)}"
    look = Look.STOP if row["late"] or (provisional and row["hours_left"] < 24) else Look.ATTENTION
    return Count(zh, en, number, f"{_DECISIONS}&act={row['act']}", look, soon)


async def _alarms_and_agents(desk: Desk) -> list[Count]:
    if not desk.may(Act.ANSWER_ALARM):
        return []
    found = await what_waits(desk.pool, desk.actor, desk.at)
    silent = f"最久的自 {spoken(found.silent_since, desk.at)} 没有联系" if found.silent_since else ""
    rows = (
        Count("没人接的警报", "alarms nobody took", found.alarms_open, "/console/alarms?state=open", Look.STOP),
        Count("处理中的警报", "alarms in hand", found.alarms_in_hand, "/console/alarms?state=standing", Look.ATTENTION),
        Count("失联的打印端", "silent agents", found.agents_silent, f"{FLEET}?state=silent", Look.ATTENTION, silent),
    )
    return [one for one in rows if one.number]


PAGES = (Page("/console/", Act.LOOK, "等我处理", "Waiting for me", waiting, Group.WORK, "home"),)
