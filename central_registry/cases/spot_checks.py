"""Lets an association or an inspector look at lots by surprise: lots drawn by chance, pieces by their serials, a result
bound to both. What fails stops its lot in the same transaction; a firm hears of a check when it has a result."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from central_registry.cases.numbers import new_number
from central_registry.db import Connection, Pool, sql
from central_registry.issuing.sight import unseen
from central_registry.lists import Ask, Found
from central_registry.oversight import stops
from central_registry.oversight.code_life import serial_in
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require
from central_registry.parties.audit import Entry, write
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

LOTS_MOST = 50
PIECES_MOST = 500


class SpotState(StrEnum):
    """Where a check stands."""

    PLANNED = "planned"
    PASSED = "passed"
    FAILED = "failed"


async def plan(pool: Pool, actor: Actor, firm: str, style_no: str, *, lots: int, pieces: int, at: datetime) -> Any:
    """Draw `lots` lots of the firm, or of one of its styles, `pieces` of each to be looked at: `{spot, lot_no}` each.
    Fewer where there are fewer; a lot that is to be looked at already is not drawn.

    Raises:
        ProblemError: 403; 404, no such lot; 422, numbers out of range.
    """
    for name, value, most in (("lots", lots, LOTS_MOST), ("pieces", pieces, PIECES_MOST)):
        if not 1 <= value <= most:
            raise ProblemError("unprocessable", f"数量不对 · {name}: expected 1 to {most}, got {value}", field=name)

    async def work(connection: Connection) -> tuple[list[dict[str, str]], Entry]:
        await sql.lock_party(connection, party=actor.party)  # two at once would draw one lot twice
        rows = sql.lots_to_check(
            connection, firm=firm, style_no=style_no, lots=lots, party=actor.party, kind=actor.kind.value
        )
        drawn = [dict(row) async for row in rows]
        if not drawn:
            raise unseen("可抽查的批次 · lot to check", f"{firm} {style_no}".strip())
        for row in drawn:
            row["spot"] = new_number()
            await sql.add_spot_check(
                connection, **row, firm=firm, pieces=pieces, state=SpotState.PLANNED.value, at=at, person=actor.person,
                by_party=actor.party,
            )  # fmt: skip
        made = [{"spot": row["spot"], "lot_no": row["lot_no"]} for row in drawn]
        told = ", ".join(row["lot_no"] for row in drawn)
        return made, Entry("spot_check_planned", ", ".join(row["spot"] for row in drawn), told)

    return await acting(pool, actor, Act.SPOT_CHECK, work, at)


async def sample(pool: Pool, actor: Actor, spot: str, code: str, at: datetime) -> dict[str, Any]:
    """Draw a piece: `code` is a serial, or a label's link as a telephone reads it. Gives `{serial, sampled, pieces}`.

    Raises:
        ProblemError: 403; 404, no such check or code; 409 for a code of another lot, drawn already, one too many, or a
            check that is over; 422, no code.
    """
    serial = serial_in(code)

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row, serials = await _planned(connection, actor, spot)
        goods = await sql.spot_code(connection, serial=serial, party=actor.party, kind=actor.kind.value)
        if goods is None:
            raise unseen("这枚码 · code", serial)
        if (goods["firm"], goods["lot_no"]) != (row["firm"], row["lot_no"]):
            raise _refused("这枚码不是该批次的", spot, f"a code of lot {row['lot_no']}", f"one of {goods['lot_no']}")
        if serial in serials or len(serials) >= row["pieces"]:
            raise _refused("已抽过或已抽满", spot, f"{row['pieces']} different codes", f"{len(serials)} and this one")
        await sql.add_spot_sample(connection, spot=spot, serial=serial, at=at, person=actor.person)
        told = {"serial": serial, "sampled": len(serials) + 1, "pieces": row["pieces"]}
        return told, Entry("spot_check_sampled", spot, serial, row["firm"])

    return await acting(pool, actor, Act.SPOT_CHECK, work, at)


async def close(pool: Pool, actor: Actor, spot: str, said: str, *, passed: bool, at: datetime) -> dict[str, Any]:
    """Say what came of it, and what that rests on. Failing suspends the lot in the same transaction, unless it is
    stopped already: `{state, serials, decision}`; `decision`: what waits for a second person, '' if nothing does.

    Raises:
        ProblemError: 403; 404; 409 for a check that is over, or of which not every piece is drawn; 422 without words.
    """
    if not 0 < len(said.strip()) <= 2_000:
        raise ProblemError("unprocessable", "请写明依据 · said: expected 1 to 2000 characters, got another number")
    if not passed:
        require(actor, Act.SUSPEND)
    state = SpotState.PASSED if passed else SpotState.FAILED

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row, serials = await _planned(connection, actor, spot)
        if len(serials) < row["pieces"]:
            raise _refused("还没有抽满", spot, f"{row['pieces']} codes drawn", str(len(serials)))
        await sql.close_spot_check(
            connection, spot=spot, state=state.value, said=said.strip(), at=at, person=actor.person
        )
        entry = Entry(f"spot_check_{state.value}", spot, said.strip(), row["firm"])
        told = {"state": state.value, "serials": serials, "decision": ""}
        goods = stops.Named(row["firm"], row["lot_no"])
        if passed or await stops.stands_still(connection, goods):
            return told, entry
        await write(connection, actor, entry, at)
        stopped, entry = await stops.stop_within(
            connection, actor, Act.SUSPEND, goods, f"抽查不合格 {spot}：{said}", at
        )
        return {**told, "decision": stopped.decision or ""}, entry

    return await acting(pool, actor, Act.SPOT_CHECK, work, at)


async def list_spot_checks(pool: Pool, actor: Actor, ask: Ask, spot: str = "") -> Found:
    """Checks of firms that the actor looks after, open ones first; a firm's own that have a result: `{spot, firm,
    firm_name, lot_no, style_no, pieces, sampled, state, said, made_at, closed_at}`. Filters: `state`, `firm`."""

    async def work(connection: Connection) -> Found:
        filters = {name: ask.filters.get(name, "") for name in ("state", "firm")}
        rows = sql.spot_checks_seen(
            connection, party=actor.party, kind=actor.kind.value, spot=spot, like=ask.like, rows=ask.rows,
            skipped=ask.skipped, **filters,
        )  # fmt: skip
        found = [dict(row) async for row in rows]
        return Found(found, max((row.pop("total") for row in found), default=0))

    return await looking(pool, actor, work)


async def show_spot_check(pool: Pool, actor: Actor, spot: str) -> dict[str, Any]:
    """One, as `list_spot_checks` has it, and its `serials`. Raises ProblemError (404)."""
    found = await list_spot_checks(pool, actor, Ask(rows=1), spot)
    if not found.rows or not spot:
        raise unseen("抽查 · spot check", spot)

    async def work(connection: Connection) -> list[str]:
        return [row["serial"] async for row in sql.spot_serials(connection, spot=spot)]

    return {**found.rows[0], "serials": await looking(pool, actor, work)}


async def _planned(connection: Connection, actor: Actor, spot: str) -> tuple[dict[str, Any], list[str]]:
    row = await sql.spot_check_locked(connection, spot=spot, party=actor.party, kind=actor.kind.value)
    if row is None:
        raise unseen("抽查 · spot check", spot)
    if row["state"] != SpotState.PLANNED:
        raise _refused("抽查已有结果", spot, "one that is open", row["state"])
    return dict(row), [one["serial"] async for one in sql.spot_serials(connection, spot=spot)]


def _refused(zh: str, spot: str, expected: str, got: str) -> ProblemError:
    return ProblemError("refused", f"{zh} · spot check {spot}: expected {expected}, got {got}")
