"""Moves certificates: approved by a second person, stopped by one, let go on by a second.

A version never changes but in its state. What hands out waits for a second person first; what protects works at once
and waits for one to confirm or lift it. A newer version that is approved takes the place of the one before it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution.certificates import put_certificate
from central_registry.distribution.items import lock
from central_registry.goods.certificates import Certificate, State, about, version
from central_registry.goods.reach import require_works_for, unknown
from central_registry.goods.reports import require_report
from central_registry.parties import decisions
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require_second
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.parties.people import line
from central_registry.problems import ProblemError

_ENDED = {State.WITHDRAWN, State.REJECTED, State.SUPERSEDED, State.IMPORTED}
Place = tuple[str, str, int]
"""Firm, lot, version."""


async def approve(pool: Pool, actor: Actor, place: Place, *, agreed: bool, reason: str, at: datetime) -> State:
    """Approve a version that was filed by another person, or reject it. Gives its state.

    Raises:
        ProblemError: 403, also for who filed it; 404; 409 for one that waits for nobody, or whose report stands behind
            another lot meanwhile; 422 for a rejection without a reason.
    """

    async def work(connection: Connection) -> tuple[State, Entry]:
        found, row = await _waiting(connection, actor, place, Act.APPROVE_CERTIFICATE)
        four_eyes = require_second(actor, Act.APPROVE_CERTIFICATE, row["maker"])
        said = reason if agreed and not reason.strip() else line("理由 reason", reason)
        if agreed:
            await require_report(connection, *place[:2], found.lab, found.report_no, found.quantity)
            await _supersede(connection, actor, found, at)
        state = State.APPROVED if agreed else State.REJECTED
        await _move(connection, actor, found, state, said, at)
        outcome = decisions.CONFIRMED if agreed else decisions.REJECTED
        await decisions.close(connection, actor, row["decision"], outcome, at, said)
        return state, Entry(f"certificate_{state}", about(*place), said, found.firm, four_eyes)

    return await acting(pool, actor, Act.APPROVE_CERTIFICATE, work, at)


async def stop(pool: Pool, actor: Actor, place: Place, *, withdraw: bool, reason: str, at: datetime) -> str | None:
    """Suspend or withdraw the version that stands: at once, by one person; the decision that waits for a second one.

    Raises:
        ProblemError: 403; 404; 409 for a version that does not stand; 422 without a reason.
    """
    state = State.WITHDRAWN if withdraw else State.SUSPENDED

    async def work(connection: Connection) -> tuple[str | None, Entry]:
        said = line("理由 reason", reason)
        found = await _of_mine(connection, actor, place)
        if found.state not in {State.APPROVED, State.SUSPENDED} or found.state is state:
            raise _not_so(place, found.state, "approved or suspended")
        await _close_earlier(connection, actor, place, at)
        await _move(connection, actor, found, state, said, at, provisional=actor.four_eyes)
        entry = Entry(f"certificate_{state}", about(*place), said, found.firm, "" if actor.four_eyes else "off")
        if not actor.four_eyes:
            return None, entry
        asked = {"firm": place[0], "lot_no": place[1], "version": place[2], "state": state, "reason": said}
        question = decisions.Question(
            Act.STOP_CERTIFICATE, about(*place), actor.party, found.firm, asked, at + decisions.DUE
        )
        return await decisions.ask(connection, actor, question, at), entry

    return await acting(pool, actor, Act.STOP_CERTIFICATE, work, at)


async def confirm(pool: Pool, actor: Actor, place: Place, *, reason: str, at: datetime) -> State:
    """Confirm what another person stopped: from now on it is no longer provisional.

    Raises:
        ProblemError: 403, also for who stopped it; 404; 409 for one that waits for nobody.
    """

    async def work(connection: Connection) -> tuple[State, Entry]:
        found, row = await _waiting(connection, actor, place, Act.STOP_CERTIFICATE)
        four_eyes = require_second(actor, Act.CONFIRM, row["maker"])
        said = reason.strip() or row["asked"]["reason"]
        await _move(connection, actor, found, found.state, said, at)
        await decisions.close(connection, actor, row["decision"], decisions.CONFIRMED, at, said)
        return found.state, Entry("certificate_confirmed", about(*place), said, found.firm, four_eyes)

    return await acting(pool, actor, Act.CONFIRM, work, at)


async def lift(pool: Pool, actor: Actor, place: Place, *, reason: str, at: datetime) -> State:
    """Let a suspended version stand again, by another person than who suspended it; a withdrawn one only as long as
    nobody confirmed that.

    Raises:
        ProblemError: 403, also for who stopped it; 404; 409 for a version that is not stopped, or withdrawn for good,
            or whose place another version has taken; 422 without a reason.
    """

    async def work(connection: Connection) -> tuple[State, Entry]:
        said = line("理由 reason", reason)
        found = await _of_mine(connection, actor, place)
        last = await sql.last_certificate_move(connection, firm=place[0], lot_no=place[1], version=place[2])
        for_good = found.state is State.WITHDRAWN and not last["provisional"]
        if found.state not in {State.SUSPENDED, State.WITHDRAWN} or for_good:
            raise _not_so(place, found.state, "suspended, or withdrawn and not yet confirmed")
        four_eyes = require_second(actor, Act.LIFT_CERTIFICATE, await _stopper(connection, place))
        if await sql.approved_certificate(connection, firm=place[0], lot_no=place[1]) is not None:
            raise _not_so(place, State.SUPERSEDED, "one whose place no other version has taken")
        await _move(connection, actor, found, State.APPROVED, said, at)
        await _close_earlier(connection, actor, place, at)
        return State.APPROVED, Entry("certificate_lifted", about(*place), said, found.firm, four_eyes)

    return await acting(pool, actor, Act.LIFT_CERTIFICATE, work, at)


async def _of_mine(connection: Connection, actor: Actor, place: Place) -> Certificate:
    """The version, of a firm that the actor works for; whoever moves one holds the lock of what is distributed."""
    await lock(connection)
    await require_works_for(connection, actor, place[0])
    found = await version(connection, *place)
    if found is None:
        raise unknown("证书 · certificate", about(*place))
    return found


async def _waiting(connection: Connection, actor: Actor, place: Place, act: Act) -> tuple[Certificate, dict[str, Any]]:
    found = await _of_mine(connection, actor, place)
    name = await decisions.standing_question(connection, act, about(*place))
    if name is None:
        raise _not_so(place, found.state, "one that waits for a second person")
    return found, await decisions.open_decision(connection, actor, name)


async def _stopper(connection: Connection, place: Place) -> str:
    """Who stopped it first: a confirmation has another person's name."""
    return str(await sql.certificate_stopper(connection, firm=place[0], lot_no=place[1], version=place[2]))


async def _close_earlier(connection: Connection, actor: Actor, place: Place, at: datetime) -> None:
    name = await decisions.standing_question(connection, Act.STOP_CERTIFICATE, about(*place))
    if name is not None:
        await decisions.close(connection, actor, name, decisions.REJECTED, at, "decided otherwise")


async def _supersede(connection: Connection, actor: Actor, newer: Certificate, at: datetime) -> None:
    rows = sql.versions_before(connection, firm=newer.firm, lot_no=newer.lot_no, version=newer.version)
    for number in [row["version"] async for row in rows]:
        found = await version(connection, newer.firm, newer.lot_no, number)
        if found is not None and found.state not in _ENDED:
            await _close_earlier(connection, actor, (found.firm, found.lot_no, number), at)
            await _move(connection, actor, found, State.SUPERSEDED, f"version {newer.version}", at)


async def _move(
    connection: Connection, actor: Actor, found: Certificate, state: State, reason: str, at: datetime,
    provisional: bool = False,
) -> None:  # fmt: skip
    place = {"firm": found.firm, "lot_no": found.lot_no, "version": found.version}
    await sql.set_certificate_state(connection, **place, state=state, at=at, person=actor.person)
    await sql.add_certificate_move(
        connection, **place, state=state, reason=reason, provisional=provisional, at=at, person=actor.person
    )
    await put_certificate(connection, found.firm, found.lot_no)


def _not_so(place: tuple[str, str, int], got: str, expected: str) -> ProblemError:
    return ProblemError(
        "refused", f"证书当前状态不能这样办 · {about(*place)}: expected {expected}, got {got}; see its history"
    )
