"""Lets people work on complaints: an association or an inspector takes, asks, answers, closes; a firm speaks when it
is asked. An answer to an appeal is another person's than the answer before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.cases.complaints import MOVED
from central_registry.cases.steps import BY, MOVES, By, CaseState, Step, due, forgotten_on
from central_registry.db import Connection, Pool, sql
from central_registry.issuing.sight import unseen
from central_registry.lists import MOST_ROWS, Ask, Found
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act, kept
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

_SAID_MOST = 2_000
_OFFICES = (CaseState.RECEIVED, CaseState.AT_WORK, CaseState.APPEALED)
_CONTACTS = frozenset({PartyKind.ASSOCIATION, PartyKind.INSPECTOR})
"""Who may ring a complainant up; a firm hears of the complaint and not of whom."""


def act_of(step: Step) -> Act:
    """What somebody must be allowed to take that step."""
    return Act.SPEAK_IN_CASE if BY[step] is By.FIRM else Act.HANDLE_CASE


async def list_cases(pool: Pool, actor: Actor, ask: Ask, at: datetime, complaint: str = "") -> Found:
    """Complaints about goods of firms that the actor looks after, the most urgent first: `{complaint, serial,
    quota_key, firm, firm_name, lot_no, style_no, about, words, bought, photos, state, made_at, due_at, late, days,
    taken_by, firm_asked, closed_at, delete_on, deleted_at}`; `days`: since it came, until its closing. Filters:
    `state`, `about`, `firm`, `open` ('true')."""

    async def work(connection: Connection) -> Found:
        filters = {name: ask.filters.get(name, "") for name in ("state", "about", "firm")}
        rows = sql.complaints_seen(
            connection, party=actor.party, kind=actor.kind.value, complaint=complaint, at=at, like=ask.like,
            open=ask.filters.get("open") == "true", rows=ask.rows, skipped=ask.skipped, **filters,
        )  # fmt: skip
        found = [{**row, "days": ((row["closed_at"] or at) - row["made_at"]).days} async for row in rows]
        return Found(found, max((row.pop("total") for row in found), default=0))

    return await looking(pool, actor, work)


@dataclass(frozen=True, slots=True)
class WaitingCases:
    """How many wait for the actor's side, and how many of them longer than they should."""

    number: int
    late: int


async def waiting_cases(pool: Pool, actor: Actor, at: datetime) -> WaitingCases:
    """What waits of complaints: for a firm what it was asked about, for others what is not the complainant's turn."""
    mine = [CaseState.ASKED] if actor.kind is PartyKind.FIRM else [*_OFFICES]
    found = [await list_cases(pool, actor, Ask(filters={"state": one}, rows=MOST_ROWS), at) for one in mine]
    late = sum(bool(row["late"]) for one in found for row in one.rows)
    return WaitingCases(sum(one.total for one in found), late)


async def show_case(pool: Pool, actor: Actor, complaint: str, at: datetime) -> dict[str, Any]:
    """One, as `list_cases` has it, and `contact` (None for who may not know) and `steps` (a firm's without notes).

    Raises:
        ProblemError: 404.
    """
    found = await list_cases(pool, actor, Ask(rows=1), at, complaint)
    if not found.rows or not complaint:
        raise unseen("投诉 · case", complaint)
    row = dict(found.rows[0])

    async def work(connection: Connection) -> dict[str, Any]:
        knows = actor.kind in _CONTACTS
        contact = await sql.complaint_contact_of(connection, complaint=complaint) if knows else None
        steps = [dict(one) async for one in sql.complaint_steps(connection, complaint=complaint)]
        if actor.kind is PartyKind.FIRM:
            steps = [one for one in steps if Step(one["step"]) is not Step.NOTE]  # it may say who complained
        return {**row, "contact": contact, "steps": steps}

    return await looking(pool, actor, work)


async def photo_of(pool: Pool, actor: Actor, complaint: str, n: int, at: datetime) -> bytes:
    """A photo of a case that the actor sees, as a JPEG. Raises ProblemError (404)."""
    await show_case(pool, actor, complaint, at)
    body = await looking(pool, actor, lambda connection: sql.complaint_photo_of(connection, complaint=complaint, n=n))
    if body is None:
        raise unseen("照片 · photo", f"{complaint} {n}")
    return bytes(body)


async def step(pool: Pool, actor: Actor, complaint: str, taken: Step, said: str, at: datetime) -> dict[str, Any]:
    """Take a step in a case: `{complaint, state, due_at}`. What is said with `ANSWER` and `CLOSE` who complained reads.

    Raises:
        ProblemError: 403, also for an answer to an appeal by who answered before; 404 for another's case; 409 for a
            step that its state does not allow; 422 where nothing is said, or too much.
    """
    _require_said(taken, said)
    act = act_of(taken)

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await _locked(connection, actor, complaint)
        after = MOVES.get((CaseState(row["state"]), taken))
        if after is None or BY[taken] is By.COMPLAINANT:
            raise ProblemError(
                "refused",
                f"现在不能这样办 · case {complaint}: expected a state from which {taken} leads on, got {row['state']}; "
                "read what was done meanwhile",
            )
        four_eyes = _require_another(actor, row, taken)
        moved = _moved(row, actor, taken, after, at)
        await sql.move_complaint(connection, **{name: moved[name] for name in MOVED})
        await sql.add_complaint_step(
            connection, complaint=complaint, step=taken.value, said=said.strip(), at=at, person=actor.person,
            by_party=actor.party,
        )  # fmt: skip
        # the audit stays when the case's words are deleted: it says what was done, and nothing of what was said
        entry = Entry(f"case_{taken.value}", complaint, row["quota_key"], row["firm"], four_eyes)
        return {"complaint": complaint, "state": after.value, "due_at": moved["due_at"]}, entry

    return await acting(pool, actor, act, work, at)


async def _locked(connection: Connection, actor: Actor, complaint: str) -> dict[str, Any]:
    row = await sql.complaint_locked(connection, complaint=complaint)
    seen = {one["firm"] async for one in sql.firms_seen_by(connection, party=actor.party, kind=actor.kind.value)}
    theirs = row is not None and row["firm"] in seen and (actor.kind is not PartyKind.FIRM or row["firm_asked"])
    if not theirs:
        raise unseen("投诉 · case", complaint)
    return dict(row)


def _moved(row: Mapping[str, Any], actor: Actor, taken: Step, after: CaseState, at: datetime) -> dict[str, Any]:
    found = {**row, "state": after.value}
    if row["state"] != after.value:
        found["due_at"] = due(after, at)
    if taken is Step.TAKE:
        found["taken_by"] = actor.person
    if taken is Step.ASK_FIRM:
        found["firm_asked"] = True
    if taken is Step.ANSWER:
        found["answered_by"] = actor.person
    if after is CaseState.CLOSED:
        found["closed_at"] = at
    return {**found, "delete_on": forgotten_on(at)}


def _require_another(actor: Actor, row: Mapping[str, Any], taken: Step) -> str:
    """What the audit says of four eyes; only a second answer needs them."""
    if taken is not Step.ANSWER or not row["answered_by"]:
        return ""
    if row["answered_by"] != actor.person:
        return kept(actor, row["answered_by"])
    if not actor.four_eyes:
        return "off"
    raise ProblemError(
        "forbidden",
        "申诉要由另一人答复 · answer: expected another person than who answered before, got the same; ask a second one",
    )


def _require_said(taken: Step, said: str) -> None:
    if taken is not Step.TAKE and not 0 < len(said.strip()) <= _SAID_MOST:
        raise ProblemError(
            "unprocessable",
            f"请写明内容，最多 {_SAID_MOST} 字 · said: expected 1 to {_SAID_MOST} characters, got {len(said.strip())}",
            field="said",
        )
