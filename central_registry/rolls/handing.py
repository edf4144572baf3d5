"""Hands a printed roll to the firm whose labels it holds, and takes note of what came back or was lost."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.distribution.keys import goods_of
from central_registry.issuing.sight import require_vouched, unseen
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError
from central_registry.rolls.labels import Became, serial_in
from central_registry.rolls.notices import require_going
from central_registry.rolls.stretch import Stretch, stretch


@dataclass(frozen=True, slots=True)
class Handed:
    """`roll` is '' as long as nothing was handed over."""

    roll: str
    firm: str
    firm_name: str
    quota_key: str
    agent: str
    labels: int


async def preview(pool: Pool, actor: Actor, first: str, last: str) -> Handed:
    """What lies between two scans, and whose it is; nothing is handed over.

    Raises:
        ProblemError: as `hand_over`.
    """

    async def work(connection: Connection) -> Handed:
        found, firm = await _handable(connection, actor, first, last)
        name = await sql.party_name(connection, party=firm)
        return Handed("", firm, name, found.quota_key, found.agent, len(found.serials))

    return await looking(pool, actor, work, Act.HAND_ROLL)


async def hand_over(
    pool: Pool, actor: Actor, first: str, last: str, at: datetime, *, labels: int | None = None, once: str = ""
) -> Handed:
    """Hand over the labels from `first` to `last`, serials or links, to the firm of their quota key. `labels`: as many
    as were shown before; `once`: an id of the asker's own, by which the same order sent twice is one roll.

    Raises:
        ProblemError: 403; 422 for what is no label; 404 for labels of others; 409 as `stretch` says, for goods that are
            stopped, and for another number than `labels`.
    """
    roll = once or secrets.token_hex(16)

    async def work(connection: Connection) -> tuple[Handed, Entry]:
        await items.lock(connection)
        if once and (before := await sql.roll_locked(connection, roll=roll)):
            if before["association"] != actor.party:
                raise unseen("成卷标签 · roll", roll)
            name = await sql.party_name(connection, party=before["firm"])
            given = Handed(roll, before["firm"], name, before["quota_key"], before["agent"], before["labels"])
            return given, Entry(Act.HAND_ROLL, roll, "sent again", before["firm"])
        found, firm = await _handable(connection, actor, first, last)
        if labels is not None and labels != len(found.serials):
            raise ProblemError(
                "refused", f"枚数变了，请重新核对 · labels: expected {labels} as shown, got {len(found.serials)}"
            )
        await _keep(connection, actor, roll, firm, found, at)
        said = f"{len(found.serials)} labels {found.serials[0]} … {found.serials[-1]} of {found.agent}"
        name = await sql.party_name(connection, party=firm)
        given = Handed(roll, firm, name, found.quota_key, found.agent, len(found.serials))
        return given, Entry(Act.HAND_ROLL, f"{roll} {found.quota_key}", said, firm)

    return await acting(pool, actor, Act.HAND_ROLL, work, at)


async def _handable(connection: Connection, actor: Actor, first: str, last: str) -> tuple[Stretch, str]:
    ends = serial_in(first), serial_in(last)
    for serial in ends:
        row = await sql.label_placed(connection, serial=serial)
        if row is None or await sql.printing_agent(connection, agent=row["agent"], party=actor.party) is None:
            raise unseen("标签 · label", serial)
    found = await stretch(connection, *ends)
    goods = await goods_of(connection, found.quota_key)
    firm = "" if goods is None else goods.firm
    await require_vouched(connection, actor, firm)
    await require_going(connection, found.quota_key)
    return found, firm


async def _keep(connection: Connection, actor: Actor, roll: str, firm: str, found: Stretch, at: datetime) -> None:
    await sql.add_roll(
        connection, roll=roll, agent=found.agent, firm=firm, association=actor.party, quota_key=found.quota_key,
        first_serial=found.serials[0], last_serial=found.serials[-1], labels=len(found.serials), at=at,
        person=actor.person,
    )  # fmt: skip
    await sql.add_roll_parts(
        connection, roll=roll, draws=[part.draw for part in found.parts],
        firsts=[part.first for part in found.parts], lasts=[part.last for part in found.parts],
    )  # fmt: skip


async def settle(
    pool: Pool, actor: Actor, roll: str, became: Became, at: datetime, *, labels: Sequence[str] = (), reason: str = ""
) -> dict[str, Any]:
    """Note that labels of a roll came back or are lost: those named, or all that are still on it. `{roll, became,
    labels}`, `labels` as many.

    Raises:
        ProblemError: 403; 404 for another's roll; 409 for a label that is not on it any more, and if none is; 422 for
            `COMMISSIONED`, which only a scan of the firm's does.
    """
    if became is Became.COMMISSIONED:
        raise ProblemError("unprocessable", "只能退回或报丢失 · became: expected returned or lost, got commissioned")
    named = [serial_in(text) for text in labels]

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await sql.roll_locked(connection, roll=roll)
        if row is None or row["association"] != actor.party:
            raise unseen("成卷标签 · roll", roll)
        still = [one["serial"] async for one in sql.labels_left(connection, roll=roll)]
        chosen = list(dict.fromkeys(named)) or still
        gone = next((serial for serial in chosen if serial not in set(still)), None)
        if gone or not chosen:
            raise ProblemError(
                "refused", f"不在这卷上了 · {gone or roll}: expected a label still on the roll, got none; see its list"
            )
        await mark(connection, actor, roll, chosen, became, at)
        detail = f"{len(chosen)} labels {became}; {reason.strip()}"
        return {"roll": roll, "became": became.value, "labels": len(chosen)}, Entry(
            f"roll_{became}", roll, detail, row["firm"]
        )

    return await acting(pool, actor, Act.HAND_ROLL, work, at)


async def mark(
    connection: Connection, actor: Actor, roll: str, serials: Sequence[str], became: Became, at: datetime
) -> None:
    """Say what became of labels of a roll that is locked; nothing is left of it when all are told of."""
    await sql.mark_labels(connection, roll=roll, serials=serials, became=became, at=at, person=actor.person)
    await sql.close_empty_roll(connection, roll=roll, at=at)
