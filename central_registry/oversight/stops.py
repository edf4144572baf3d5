"""Lets people stop goods that are out: a suspension or a recall of a firm's lot or style, lifted by two.

What protects works at once and is provisional: a second person confirms or undoes it (`parties/decisions.py`). A recall
has no way back, so until it is confirmed the goods are suspended, which has; agents and consumers hear of both alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.lists import Ask, Found, picked
from central_registry.oversight.notices import notify
from central_registry.parties import decisions
from central_registry.parties.actor import UNASSIGNED, Actor, PartyKind
from central_registry.parties.acts import Act, require_second
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

STOPS = frozenset({Act.SUSPEND, Act.RECALL, Act.LIFT_SUSPENSION})
"""Acts whose questions are decided here."""


@dataclass(frozen=True, slots=True)
class Named:
    """A firm's lot, or its style where there is no lot; `firm` is a party, one of the two numbers is ''."""

    firm: str
    lot_no: str = ""
    style_no: str = ""

    def __str__(self) -> str:
        return f"{self.firm} {self.lot_no or self.style_no}"


@dataclass(frozen=True, slots=True)
class Stopped:
    """`keys`: the quota keys of these goods; `decision`: what a second person has to decide, None if nothing waits."""

    keys: tuple[str, ...]
    decision: str | None


async def suspend(pool: Pool, actor: Actor, goods: Named, reason: str, at: datetime) -> Stopped:
    """Stop issuing and commissioning of goods, at once.

    Raises:
        ProblemError: 403; 404 for goods that are not theirs to stop; 409 if they are stopped already.
        RefusedError: they are recalled, or no reason is given.
    """
    return await _stop(pool, actor, Act.SUSPEND, goods, reason, at)


async def recall(pool: Pool, actor: Actor, goods: Named, reason: str, at: datetime) -> Stopped:
    """Stop goods at once, and recall them when a second person confirms it; where one person decides, at once.

    Raises:
        ProblemError: 403; 404 for goods that are not theirs to stop; 409 if that is asked already.
        RefusedError: they are recalled, or no reason is given.
    """
    return await _stop(pool, actor, Act.RECALL, goods, reason, at)


async def _stop(pool: Pool, actor: Actor, act: Act, goods: Named, reason: str, at: datetime) -> Stopped:
    return await acting(pool, actor, act, lambda connection: stop_within(connection, actor, act, goods, reason, at), at)


async def stop_within(
    connection: Connection, actor: Actor, act: Act, goods: Named, reason: str, at: datetime
) -> tuple[Stopped, Entry]:
    """As `suspend` and `recall`, within a transaction of who has asked already whether the actor may.

    Raises:
        ProblemError: as they do.
    """
    keys, decider = await _stoppable(connection, actor, goods)
    before = await _suspended(connection, keys)
    if act is Act.SUSPEND and before is not None:
        raise ProblemError("refused", f"已经暂停 · {goods}: expected what goes on, got what is suspended: {before}")
    await _require_unasked(connection, act, goods)
    alone = decider == actor.party and not actor.four_eyes
    now = act is Act.RECALL and alone
    await _tell(connection, keys, "recall" if now else "suspension", _provisional(act, reason, alone=alone))
    if alone:
        return Stopped(keys, None), Entry(act, str(goods), reason, goods.firm, "off")
    asked = {**asdict(goods), "reason": reason, "before": before}
    question = decisions.Question(act, str(goods), decider, goods.firm, asked, at + decisions.DUE)
    name = await decisions.ask(connection, actor, question, at)
    return Stopped(keys, name), Entry(act, str(goods), reason, goods.firm)


async def stands_still(connection: Connection, goods: Named) -> bool:
    """Whether all of it is suspended or recalled already; asked under the lock of what is distributed."""
    await items.lock(connection)
    rows = sql.keys_to_stop(connection, firm=goods.firm, lot_no=goods.lot_no, style_no=goods.style_no)
    keys = [row["quota_key"] async for row in rows]
    recalled = [await items.held(connection, "recall", key) is not None for key in keys]
    return bool(keys) and (any(recalled) or await _suspended(connection, keys) is not None)


async def lift(pool: Pool, actor: Actor, goods: Named, reason: str, at: datetime) -> Stopped:
    """Ask for goods to go on, which another person decides; where one person decides, at once.

    Raises:
        ProblemError: 403; 404 for goods that are not theirs; 409 if nothing stopped them, or that is asked already.
        RefusedError: they are recalled, or no reason is given.
    """
    act = Act.SUSPEND if actor.four_eyes else Act.LIFT_SUSPENSION

    async def work(connection: Connection) -> tuple[Stopped, Entry]:
        keys, decider = await _stoppable(connection, actor, goods)
        if await _suspended(connection, keys) is None or await items.held(connection, "recall", keys[0]) is not None:
            raise ProblemError(
                "refused", f"没有暂停或已召回，不能恢复 · {goods}: expected what is suspended, got another"
            )
        await _require_unasked(connection, Act.LIFT_SUSPENSION, goods)
        if decider == actor.party and not actor.four_eyes:
            await _tell(connection, keys, "suspension", reason, suspended=False)
            return Stopped(keys, None), Entry(Act.LIFT_SUSPENSION, str(goods), reason, goods.firm, "off")
        question = decisions.Question(
            Act.LIFT_SUSPENSION, str(goods), decider, goods.firm, {**asdict(goods), "reason": reason}
        )
        name = await decisions.ask(connection, actor, question, at)
        return Stopped(keys, name), Entry("ask_lift_suspension", str(goods), reason, goods.firm)

    return await acting(pool, actor, act, work, at)


async def decide(pool: Pool, actor: Actor, name: str, *, agreed: bool, reason: str, at: datetime) -> None:
    """Confirm or undo a stop, or grant or refuse a lifting.

    Raises:
        ProblemError: 403, also for who asked; 404, 409 for no open question of this kind.
        RefusedError: no reason is given, or the goods were recalled meanwhile.
    """
    row = await looking(pool, actor, lambda connection: decisions.open_decision(connection, actor, name))
    if row["act"] not in STOPS:
        raise ProblemError("refused", f"请在提出它的页面办理 · decision: expected one about a stop, got {row['act']}")
    act = decisions.deciding(row["act"])

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await decisions.open_decision(connection, actor, name)
        four_eyes = require_second(actor, act, row["maker"])
        goods = Named(row["asked"]["firm"], row["asked"]["lot_no"], row["asked"]["style_no"])
        keys, _ = await _stoppable(connection, actor, goods)
        await _carry_out(connection, row, keys, agreed, reason)
        outcome = decisions.CONFIRMED if agreed else decisions.REJECTED
        await decisions.close(connection, actor, name, outcome, at, reason)
        return None, Entry(f"{row['act']}_{outcome}", row["about"], reason, row["concerns"], four_eyes)

    await acting(pool, actor, act, work, at)


async def _carry_out(
    connection: Connection, row: dict[str, Any], keys: Sequence[str], agreed: bool, reason: str
) -> None:
    """What a decision changes: a confirmed suspension stands as it is, and a refused lifting changes nothing."""
    asked = row["asked"]
    if row["act"] == Act.RECALL and agreed:
        await _tell(connection, keys, "recall", asked["reason"])
    elif row["act"] == Act.LIFT_SUSPENSION and agreed:
        await _tell(connection, keys, "suspension", f"{asked['reason']}；{reason}", suspended=False)
    elif row["act"] != Act.LIFT_SUSPENSION and not agreed:
        before = asked["before"]
        await _tell(connection, keys, "suspension", before or reason, suspended=before is not None)


async def list_stops(pool: Pool, actor: Actor, wanted: Ask) -> Found:
    """What is suspended or recalled of the goods that the actor sees: `{firm, firm_name, lot_no, style_no, quota_key,
    kind, reason, decision, act, due_at}`; `kind`: 'suspension' or 'recall'; the last three are of what waits for a
    second person. Filters: `firm`, `kind`."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = sql.stops_of(connection, own=actor.party, kind=actor.kind.value, acts=sorted(STOPS))
        return [
            {**dict(row), "body": "", "reason": item["reason"]}
            async for row in rows
            if (item := items.body_of(row)).get("suspended", True)
        ]

    rows = await looking(pool, actor, work)
    return picked(rows, wanted, searched=("lot_no", "style_no", "firm_name", "reason"), filtered=("firm", "kind"))


async def _stoppable(connection: Connection, actor: Actor, goods: Named) -> tuple[tuple[str, ...], str]:
    """The quota keys of the goods, and the association whose person decides."""
    decider = await decider_of(connection, actor, goods.firm)
    rows = sql.keys_to_stop(connection, firm=goods.firm, lot_no=goods.lot_no, style_no=goods.style_no)
    keys = tuple([row["quota_key"] async for row in rows])
    if decider is None or not keys or bool(goods.lot_no) == bool(goods.style_no):
        raise ProblemError(
            "not-found",
            f"没有此企业的批次或款号 · {goods}: expected a lot or a style of a firm that you look after, got none; "
            "correct the number",
        )
    await items.lock(connection)
    return keys, decider


async def decider_of(connection: Connection, actor: Actor, firm: str) -> str | None:
    """The association that decides about stops of a firm's goods, None if the actor does not look after that firm. An
    association decides about its own firms, and about what was here before there were any; an inspector's act is
    decided by an association that admitted both."""
    if actor.kind is PartyKind.ASSOCIATION and firm == UNASSIGNED:
        return actor.party
    found: str | None = await sql.association_of_both(connection, firm=firm, own=actor.party)
    return found


async def _suspended(connection: Connection, keys: Sequence[str]) -> str | None:
    """The reason of the suspension that stands; None: there is none."""
    standing = [await items.held(connection, "suspension", key) or {} for key in keys]
    return next((str(one["reason"]) for one in standing if one.get("suspended")), None)


async def _require_unasked(connection: Connection, act: Act, goods: Named) -> None:
    if await decisions.standing_question(connection, act, str(goods)):
        raise ProblemError(
            "refused", f"已有人提出，等待另一人办理 · {goods}: expected no open question, got one; decide it"
        )


def _provisional(act: Act, reason: str, *, alone: bool) -> str:
    return reason if alone or act is Act.SUSPEND or not reason.strip() else f"召回待确认：{reason}"


async def _tell(connection: Connection, keys: Sequence[str], kind: str, reason: str, *, suspended: bool = True) -> None:
    state = {"suspended": suspended} if kind == "suspension" else {}
    for key in keys:
        await notify(connection, {"kind": kind, "quota_key": key, **state}, reason)
