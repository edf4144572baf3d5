"""Lets a party say who it is: name and telephone by two hands, its address by one.

A name and a telephone stand before consumers, on the scan page and under a recall. Who has taken over one officer's
login must not put another company's name, or another telephone, beside codes that hang on garments: an approver of the
association that admitted the party agrees first. An association asks one of its own. Nobody stands above the operator,
whose name is on no label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.parties import decisions
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act, require, require_second
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.parties.people import line
from central_registry.parties.statuses import require_member
from central_registry.problems import ProblemError

BEFORE_OTHERS = ("name", "short_name", "contact")
"""What others read; a second person agrees to it."""

_ALL = (*BEFORE_OTHERS, "address")


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a party says of itself; None leaves it as it is."""

    name: str | None = None
    short_name: str | None = None
    address: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """`now`: what holds from now on, by name; `waits`: the question that a second person decides, '' if there is
    none."""

    now: tuple[str, ...]
    waits: str = ""


async def set_particulars(pool: Pool, actor: Actor, new: Particulars, at: datetime) -> Changed:
    """Change what the actor's own party says of itself, or ask for it; what was asked before is taken back.

    Raises:
        ProblemError: 403; 409 for a name or telephone that nobody could agree to; 422 for an empty name.
    """
    said = {key: text.strip() for key, text in asdict(new).items() if text is not None}
    if "name" in said:
        line("名称 name", said["name"])

    async def work(connection: Connection) -> tuple[Changed, Entry]:
        await sql.lock_party(connection, party=actor.party)
        before = await sql.party_row(connection, party=actor.party)
        changed = {key: text for key, text in said.items() if before[key] != text}
        waiting = {key: text for key, text in changed.items() if key in BEFORE_OTHERS}
        decider = await _decider(connection, actor) if waiting else ""
        now = {key: text for key, text in changed.items() if not decider or key not in waiting}
        await _put(connection, before, now)
        told = "; ".join(f"{key}: {before[key]} → {text}" for key, text in changed.items())
        if not decider:
            alone = waiting and actor.kind is PartyKind.ASSOCIATION
            return Changed(tuple(now)), Entry("set_party", actor.party, told, actor.party, "off" if alone else "")
        name = await _ask(connection, actor, decider, {key: (before[key], waiting[key]) for key in waiting}, at)
        return Changed(tuple(now), name), Entry("ask_name", actor.party, told, actor.party)

    return await acting(pool, actor, Act.SET_PARTY, work, at)


async def _decider(connection: Connection, actor: Actor) -> str:
    """Whose approver decides; '' where one person may alone."""
    if actor.kind is PartyKind.OPERATOR:
        return ""
    if actor.kind is PartyKind.ASSOCIATION:
        if not actor.four_eyes:
            require(actor, Act.SET_NAME)
        return actor.party if actor.four_eyes else ""
    async for row in sql.associations_of(connection, party=actor.party):
        return str(row["association"])  # the one that has known it longest
    raise ProblemError(
        "refused",
        "没有协会可以核准名称、电话的变更 · name, contact: expected an association that admitted you, got none; ask "
        "one to admit you again",
    )


async def _ask(
    connection: Connection, actor: Actor, decider: str, changed: Mapping[str, tuple[str, str]], at: datetime
) -> str:
    standing = await decisions.standing_question(connection, Act.SET_NAME, actor.party)
    if standing:
        await decisions.close(connection, actor, standing, decisions.TAKEN_BACK, at)
    asked = {"changes": {key: list(pair) for key, pair in changed.items()}}
    return await decisions.ask(
        connection, actor, decisions.Question(Act.SET_NAME, actor.party, decider, actor.party, asked), at
    )


async def decide(pool: Pool, actor: Actor, name: str, *, agreed: bool, reason: str, at: datetime) -> None:
    """Agree that a party changes its name or telephone, or not.

    Raises:
        ProblemError: 403, also for who asked; 404 for no question of the actor's association, or for a party that it
            has no longer; 409 if it was decided; 422 without a reason.
    """
    said = line("理由 reason", reason)

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await decisions.open_decision(connection, actor, name)
        if row["act"] != Act.SET_NAME:
            raise ProblemError(
                "refused", f"请在提出它的页面办理 · decision: expected one about a name, got {row['act']}"
            )
        four_eyes, party = require_second(actor, Act.SET_NAME, row["maker"]), row["concerns"]
        if party != actor.party:
            await require_member(connection, actor, party)
        if agreed:
            await sql.lock_party(connection, party=party)
            after = {key: pair[1] for key, pair in row["asked"]["changes"].items()}
            await _put(connection, await sql.party_row(connection, party=party), after)
        outcome = decisions.CONFIRMED if agreed else decisions.REJECTED
        await decisions.close(connection, actor, name, outcome, at, said)
        return None, Entry(f"set_name_{outcome}", party, said, party, four_eyes)

    await acting(pool, actor, Act.SET_NAME, work, at)


async def _put(connection: Connection, before: Mapping[str, Any], changed: Mapping[str, str]) -> None:
    if changed:
        kept = {key: changed.get(key, before[key]) for key in _ALL}
        await sql.set_particulars(connection, party=before["party"], **kept)
