"""Approves code orders: one transaction with the new total of the allotment, its lease, the certificate beside it.

The checks are asked again. Passed checks alone approve nothing: that is another person's word than the asker's; and
more than is free needs an approver's reason, which stays visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from central_registry.agents import epoch
from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.distribution.certificates import put_certificate
from central_registry.distribution.forms import Can
from central_registry.distribution.keys import Goods, key_of, keys_of, old_name, place_of
from central_registry.issuing import leases
from central_registry.issuing.checks import QUANTITY_FREE, Check, check, failed, said
from central_registry.issuing.evidence import Evidence, gather, record_of
from central_registry.issuing.moves import Move, promise, promised
from central_registry.issuing.orders import decide, keep_checks, open_order, row_of
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require, require_second
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError, RefusedError


async def approve(
    pool: Pool, actor: Actor, code_order: str, at: datetime, *, override: str = "", days: int = leases.DAYS
) -> dict[str, Any]:
    """Approve an order: `{code_order, state, quota_key, quantity, until, checks}`; `quantity` is the agent's new total.
    `override`: why there may be more than is free. `days`: of the lease.

    Raises:
        ProblemError: 403 for the asker's own, 404, 409 for one that is decided or does not pass, 422.
    """
    if not leases.LEAST_DAYS <= days <= leases.MOST_DAYS:
        raise ProblemError(
            "unprocessable", f"租期 · days: expected {leases.LEAST_DAYS} to {leases.MOST_DAYS}, got {days}; correct it"
        )

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        await items.lock(connection)
        row = await open_order(connection, actor, code_order)
        eyes = require_second(actor, Act.APPROVE_CODES, row["asked_by"])
        goods = Goods(row["firm"], row["style_no"], row["lot_no"])
        evidence = await gather(connection, goods, row["agent"], row["quantity"], at)
        checks = check(evidence)
        above = _require_passed(actor, checks, override)
        key = await _key(connection, goods, evidence, at)
        given = await _give(
            connection, row, key, Move("override" if above else "order", at, actor.person, code_order, override), days
        )
        if above:
            await _keep_override(connection, given, evidence, actor, override, at)
        await keep_checks(connection, code_order, "approved", checks, at)
        await decide(connection, actor, code_order, "approved", "", at, override=override if above else "", key=key)
        done = {"code_order": code_order, "state": "approved", "checks": [row_of(one) for one in checks], **given}
        told = f"{row['agent']} {key}: +{row['quantity']} = {given['quantity']}" + (f"; {override}" if above else "")
        return done, Entry(Act.APPROVE_CODES, code_order, told, row["firm"], eyes)

    return await acting(pool, actor, Act.APPROVE_CODES, work, at)


def _require_passed(actor: Actor, checks: Sequence[Check], override: str) -> bool:
    """Whether this is above what is free, by `override`. Raises ProblemError for what no word lets be."""
    against = failed(checks)
    hard = [one for one in against if one.rule != QUANTITY_FREE]
    if hard or (against and not override.strip()):
        told = "; ".join(f"{one.rule}: expected {one.expected}, got {one.got}" for one in hard or against)
        help_ = "mend what it names" if hard else "order fewer, or approve it with a reason (override)"
        zh = f"审核未通过：{said(hard or against)}"
        raise ProblemError("refused", f"{zh} · {told}; {help_}", checks=[row_of(one) for one in checks])
    if against:
        require(actor, Act.OVERRIDE_QUANTITY)
    return bool(against)


async def _key(connection: Connection, goods: Goods, evidence: Evidence, at: datetime) -> str:
    """The name under which the agent draws: an old agent builds its own, which must be this firm's.

    Raises:
        ProblemError: 409; another firm has that name.
    """
    try:
        key = await key_of(connection, goods, at)
    except RefusedError as cause:
        raise ProblemError("refused", str(cause)) from cause
    if evidence.printer is not None and not evidence.printer.knows_firms:
        name = await old_name(connection, goods, at)
        if name is None:
            raise ProblemError(
                "refused",
                f"旧版打印端不能区分企业，请升级，新版请先启动 · {goods.what} {goods.number}: expected a number that "
                "no other firm has, got one that another has too; upgrade the agent, or start it once if it is new",
            )
        key = name
    return key


async def _give(connection: Connection, row: Any, key: str, move: Move, days: int) -> dict[str, Any]:
    """The new total, its lease, and the certificate and goods beside it."""
    missing = await epoch.waited_for(connection, key)
    if missing:
        raise ProblemError(
            "refused",
            f"登记中心恢复后尚待核对 · {key}: expected all agents that hold it to have checked in, missing "
            f"{', '.join(missing)}; wait for them or revoke them",
        )
    goods, agent = Goods(row["firm"], row["style_no"], row["lot_no"]), str(row["agent"])
    can = Can.of((await sql.agent(connection, agent=agent))["can"])
    await _put_goods(connection, goods, move.at)
    total = await promised(connection, agent, key) + int(row["quantity"])
    number = await promise(connection, agent, key, total, move, in_parts=not can.leases)
    until = await leases.give(connection, agent, key, days, move.at)
    if goods.lot_no is not None:
        await put_certificate(connection, goods.firm, goods.lot_no)
    return {"agent": agent, "quota_key": key, "quantity": total, "until": leases.text_of(until), "number": number}


async def _put_goods(connection: Connection, goods: Goods, at: datetime) -> None:
    """The lot and its style under all their names, where one of them is new."""
    for one in {goods, Goods(goods.firm, goods.style_no)}:
        record = await record_of(connection, one)
        places = [place_of(key) for key in await keys_of(connection, one)]
        held = [await items.held(connection, one.what, place) for place in places]
        if record and not (held and all(held)):
            item = {"kind": one.what, f"{one.what}_no": one.number, "record": record}
            await items.put_goods(connection, goods.firm, [item], at)


async def _keep_override(
    connection: Connection, given: dict[str, Any], evidence: Evidence, actor: Actor, reason: str, at: datetime
) -> None:
    await sql.note_override(
        connection,
        quota_key=given["quota_key"],
        n=given["number"],
        agent=given["agent"],
        allotted=evidence.taken + evidence.asked,
        inspected=evidence.limit,
        by_whom=actor.person,
        reason=reason.strip(),
        at=at,
    )
