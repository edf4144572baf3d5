"""Lets people stop labels one by one where their neighbours in the lot go on: what one printer spoiled in an hour.

As for a whole lot (`stops.py`), what protects works at once and is provisional until a second person confirms or undoes
it; a recall has no way back once it is confirmed. Nothing is erased: a stop that is lifted stays as one that was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.oversight.chosen import MOST, Chosen, Label, label_of, require_choice, require_found, shown
from central_registry.oversight.stops import STOPS, decider_of
from central_registry.parties import decisions
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require_second
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

PROVISIONAL, STANDING, LIFTED = "provisional", "standing", "lifted"
_KIND = {Act.SUSPEND: "suspension", Act.RECALL: "recall"}


async def preview(pool: Pool, actor: Actor, chosen: Chosen) -> dict[str, Any]:
    """What a stop would touch, as `chosen.shown` has it, and `firm`; nothing is changed.

    Raises:
        ProblemError: 403; 404 for labels that are unknown, another firm's, or a firm that is not theirs; 422.
    """

    async def work(connection: Connection) -> dict[str, Any]:
        await _require_theirs(connection, actor, chosen.firm)
        return {"firm": chosen.firm, **shown(await _found(connection, chosen))}

    return await looking(pool, actor, work, Act.SUSPEND)


async def stop_labels(
    pool: Pool, actor: Actor, act: Act, chosen: Chosen, reason: str, labels: int, at: datetime
) -> dict[str, Any]:
    """Stop them at once (`act`: `SUSPEND` or `RECALL`): `{stop, labels, state, decision}`. `labels`: how many the
    preview showed, so that nobody stops what they have not seen.

    Raises:
        ProblemError: 403; 404 as `preview`; 409 if it is another number by now; 422, also without a reason.
    """
    said = _said(reason)

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        decider = await _require_theirs(connection, actor, chosen.firm)
        found = await _found(connection, chosen)
        if len(found) != labels:
            raise ProblemError(
                "refused",
                f"选中的已变：预览 {labels} 枚，现在 {len(found)} 枚 · labels: expected {labels} as shown before, got "
                f"{len(found)}; look again",
            )
        alone = decider == actor.party and not actor.four_eyes
        stop = await _write(connection, actor, act, chosen, found, said, STANDING if alone else PROVISIONAL, at)
        decision = None
        if not alone:
            asked = {"label_stop": stop, "firm": chosen.firm, "labels": labels, "reason": said}
            question = decisions.Question(act, stop, decider, chosen.firm, asked, at + decisions.DUE)
            decision = await decisions.ask(connection, actor, question, at)
        entry = Entry(f"{act}_labels", stop, f"{labels}: {said}", chosen.firm, "off" if alone else "")
        return {
            "stop": stop,
            "labels": labels,
            "state": STANDING if alone else PROVISIONAL,
            "decision": decision,
        }, entry

    return await acting(pool, actor, act, work, at)


async def lift(pool: Pool, actor: Actor, stop: str, reason: str, at: datetime) -> str | None:
    """Ask for labels to go on, which another person decides; the question's name, None where one person decides.

    Raises:
        ProblemError: 403; 404 for a stop that is not theirs; 409 for a recall, one that is lifted, or asked already.
    """
    said = _said(reason)

    async def work(connection: Connection) -> tuple[str | None, Entry]:
        row = await _locked(connection, actor, stop)
        if row["kind"] == "recall" or row["state"] != STANDING:
            raise ProblemError(
                "refused",
                f"不能恢复 · stop {stop}: expected a confirmed suspension that stands, got a {row['kind']} that is "
                f"{row['state']}",
            )
        decider = await _require_theirs(connection, actor, row["firm"])
        if decider == actor.party and not actor.four_eyes:
            await sql.move_label_stop(connection, stop=stop, kind=row["kind"], state=LIFTED, at=at)
            return None, Entry("lift_suspension_labels", stop, said, row["firm"], "off")
        if await decisions.standing_question(connection, Act.LIFT_SUSPENSION, stop):
            raise ProblemError("refused", f"已有人申请 · stop {stop}: expected no open question, got one; decide it")
        asked = {"label_stop": stop, "firm": row["firm"], "labels": row["labels"], "reason": said}
        question = decisions.Question(Act.LIFT_SUSPENSION, stop, decider, row["firm"], asked)
        name = await decisions.ask(connection, actor, question, at)
        return name, Entry("ask_lift_suspension_labels", stop, said, row["firm"])

    return await acting(pool, actor, Act.SUSPEND, work, at)


async def decide(pool: Pool, actor: Actor, name: str, *, agreed: bool, reason: str, at: datetime) -> None:
    """Confirm or undo a stop of labels, or grant or refuse a lifting.

    Raises:
        ProblemError: 403, also for who asked; 404, 409 for no open question of these; 422 without a reason.
    """
    said = _said(reason)
    row = await looking(pool, actor, lambda connection: decisions.open_decision(connection, actor, name))
    act = decisions.deciding(row["act"])

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await decisions.open_decision(connection, actor, name)
        four_eyes = require_second(actor, act, row["maker"])
        stop = await _locked(connection, actor, row["about"])
        lifts = row["act"] == Act.LIFT_SUSPENSION
        if agreed or not lifts:
            state = LIFTED if lifts is agreed else STANDING
            await sql.move_label_stop(connection, stop=row["about"], kind=stop["kind"], state=state, at=at)
        outcome = decisions.CONFIRMED if agreed else decisions.REJECTED
        await decisions.close(connection, actor, name, outcome, at, said)
        return None, Entry(f"{row['act']}_labels_{outcome}", row["about"], said, row["concerns"], four_eyes)

    await acting(pool, actor, act, work, at)


def is_about_labels(row: Mapping[str, Any]) -> bool:
    """Whether a question of `STOPS` is about labels and not about a lot or a style."""
    return row["act"] in STOPS and "label_stop" in row["asked"]


async def _found(connection: Connection, chosen: Chosen) -> list[Label]:
    require_choice(chosen)
    if chosen.serials:
        serials = sorted(set(chosen.serials))
        rows = sql.labels_listed(connection, issuers=[one[:3] for one in serials], serials=serials)
    else:
        rows = sql.labels_chosen(
            connection, agent=chosen.agent, windows=list(chosen.windows) or None, printer=chosen.printer,
            since=chosen.since, until=chosen.until, lot_no=chosen.lot_no, firm=chosen.firm, most=MOST + 1,
        )  # fmt: skip
    found = [label_of(row) async for row in rows]
    require_found(chosen, found)
    return found


async def _write(
    connection: Connection, actor: Actor, act: Act, chosen: Chosen, found: Sequence[Label], said: str, state: str,
    at: datetime,
) -> str:  # fmt: skip
    stop = "s" + secrets.token_hex(8)
    await sql.add_label_stop(
        connection, stop=stop, firm=chosen.firm, kind=_KIND[act], chosen=json.dumps(chosen.kept(), ensure_ascii=False),
        reason=said, labels=len(found), state=state, at=at, person=actor.person,
    )  # fmt: skip
    serials = [label.serial for label in found]
    await sql.add_stopped_labels(connection, stop=stop, issuers=[one[:3] for one in serials], serials=serials)
    return stop


async def _require_theirs(connection: Connection, actor: Actor, firm: str) -> str:
    """The association whose person decides about a firm's labels. Raises ProblemError (404)."""
    decider = await decider_of(connection, actor, firm)
    if decider is None:
        raise ProblemError(
            "not-found", f"没有这家企业 · firm {firm[:30]!r}: expected one that you look after, got none; correct it"
        )
    return decider


async def _locked(connection: Connection, actor: Actor, stop: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = await sql.lock_label_stop(connection, stop=stop)
    if row is None or await decider_of(connection, actor, row["firm"]) is None:
        raise unknown(stop)
    return row


def unknown(stop: str) -> ProblemError:
    """The answer about a stop that is another's, or does not exist (404)."""
    return ProblemError(
        "not-found", f"没有这次停用 · stop {stop[:40]!r}: expected one of yours, got none; see the list"
    )


def _said(reason: str) -> str:
    if not reason.strip():
        raise ProblemError("unprocessable", "请写明理由 · reason: expected one that can be read later, got none")
    return reason.strip()
