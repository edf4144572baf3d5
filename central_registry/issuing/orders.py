"""Takes in code orders, with the answers of their checks: asked by a firm or its association; rejected, or taken back.

Each waits for another person of the association (`decision`); `issuing/approving.py` approves.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution import items
from central_registry.distribution.keys import Goods
from central_registry.issuing.checks import Check, check
from central_registry.issuing.evidence import gather, goods_asked
from central_registry.issuing.sight import require_works_for, unseen
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError

_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody orders: of a lot, or of a style where `lot_no` is None. `code_order`: the asker's own id, by which
    a repeated tap is known; '' for one made here. `association`: '' where the firm has one only."""

    firm: str
    agent: str
    quantity: int
    lot_no: str | None = None
    style_no: str = ""
    note: str = ""
    association: str = ""
    code_order: str = ""


async def ask(pool: Pool, actor: Actor, asked: Asked, at: datetime) -> dict[str, Any]:
    """Take in an order with the answers of its checks: `{code_order, state, checks: [{rule, passed, expected, got}]}`.
    One that does not pass is kept too: what it lacks may still come.

    Raises:
        ProblemError: 403; 404, a firm that is not theirs; 409, no such lot or style, no association; 422, a number out
            of bounds, or an id that is none.
    """
    _require_bounds(asked)

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        await require_works_for(connection, actor, asked.firm)
        known = await sql.code_order(connection, code_order=asked.code_order) if asked.code_order else None
        if known is not None:
            return _same(known, asked), Entry(Act.ORDER_CODES, asked.code_order, "asked again, nothing new", asked.firm)
        goods = await goods_asked(connection, asked.firm, asked.lot_no, asked.style_no)
        association = await _association(connection, actor, asked)
        order = asked.code_order or secrets.token_hex(8)
        checks = check(await gather(connection, goods, asked.agent, asked.quantity, at))
        await _keep(connection, order, goods, association, asked, actor, at)
        await keep_checks(connection, order, "asked", checks, at)
        done = {"code_order": order, "state": "asked", "checks": [row_of(one) for one in checks]}
        return done, Entry(Act.ORDER_CODES, order, _said(asked, goods), asked.firm)

    return await acting(pool, actor, Act.ORDER_CODES, work, at)


async def reject(pool: Pool, actor: Actor, code_order: str, reason: str, at: datetime) -> dict[str, Any]:
    """Reject an order, with a reason that the asker reads. Raises ProblemError, as `approve`."""
    if not reason.strip():
        raise ProblemError("refused", "驳回原因 · reason: expected words for the asker, got none; say why")

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await open_order(connection, actor, code_order)
        await decide(connection, actor, code_order, "rejected", reason.strip(), at)
        done = {"code_order": code_order, "state": "rejected"}
        return done, Entry(Act.APPROVE_CODES, code_order, f"rejected: {reason.strip()}", row["firm"])

    return await acting(pool, actor, Act.APPROVE_CODES, work, at)


async def take_back(pool: Pool, actor: Actor, code_order: str, at: datetime) -> dict[str, Any]:
    """Take an order back that nobody decided yet: by whoever's party asked. Raises ProblemError, as `approve`."""

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await open_order(connection, actor, code_order, own=True)
        await decide(connection, actor, code_order, "taken_back", "", at)
        done = {"code_order": code_order, "state": "taken_back"}
        return done, Entry(Act.ORDER_CODES, code_order, "taken back", row["firm"])

    return await acting(pool, actor, Act.ORDER_CODES, work, at)


def row_of(one: Check) -> dict[str, Any]:
    """A check's answer as programs and pages read it."""
    return {"rule": one.rule, "passed": one.passed, "expected": one.expected, "got": one.got}


def _require_bounds(asked: Asked) -> None:
    if not 1 <= asked.quantity <= items.MOST:
        raise ProblemError(
            "unprocessable", f"数量 · quantity: expected 1 to {items.MOST}, got {asked.quantity}; correct it"
        )
    if asked.code_order and not _ID.fullmatch(asked.code_order):
        raise ProblemError("unprocessable", "code_order: expected 8 to 64 letters, digits, '-' or '_', got others")
    if (asked.lot_no is None) == (not asked.style_no):
        raise ProblemError(
            "unprocessable", "批次或款号 · expected exactly one of lot_no and style_no, got both or none"
        )


def _same(known: Any, asked: Asked) -> dict[str, Any]:
    """An order that came twice is one order; another one under its id is refused."""
    of = known["style_no"] if known["lot_no"] is None else known["lot_no"]
    mine = (known["firm"], known["agent"], known["quantity"], of)
    if mine != (asked.firm, asked.agent, asked.quantity, asked.style_no if asked.lot_no is None else asked.lot_no):
        raise ProblemError("refused", f"order {asked.code_order}: expected a new id, got that of another order")
    return {"code_order": known["code_order"], "state": known["state"], "checks": []}


async def _association(connection: Connection, actor: Actor, asked: Asked) -> str:
    """Who decides: the asker's own association, else the firm's, to be named where it has several."""
    if actor.kind is PartyKind.ASSOCIATION:
        return actor.party
    found = [row["association"] async for row in sql.associations_of(connection, party=asked.firm)]
    if asked.association in found or (len(found) == 1 and not asked.association):
        return asked.association or found[0]
    raise ProblemError(
        "refused",
        f"协会 · association: expected one of {', '.join(found) or 'none'}, got {asked.association or 'none'}",
    )


async def _keep(
    connection: Connection, order: str, goods: Goods, association: str, asked: Asked, actor: Actor, at: datetime
) -> None:
    lot_no = None if goods.lot_no is None else goods.number
    of = {"code_order": order, "firm": goods.firm, "association": association, "person": actor.person, "at": at}
    await sql.add_order(
        connection,
        **of,
        agent=asked.agent,
        lot_no=lot_no,
        style_no=goods.style_no,
        quantity=asked.quantity,
        note=asked.note[:500],
    )
    await sql.put_order_decision(connection, **of, asked=_facts(asked, goods))


def _said(asked: Asked, goods: Goods) -> str:
    return f"{asked.quantity} × {goods.what} {goods.number} → {asked.agent}"


def _facts(asked: Asked, goods: Goods) -> str:
    """What waits, for whoever decides it: `words` as it was said before there were facts."""
    named = {f"{goods.what}_no": goods.number, "quantity": asked.quantity, "agent": asked.agent}
    return json.dumps({"words": _said(asked, goods), **named}, ensure_ascii=False)


async def keep_checks(connection: Connection, order: str, moment: str, checks: Sequence[Check], at: datetime) -> None:
    """Keep every rule's answer of that moment, 'asked' or 'approved'."""
    await sql.add_order_checks(
        connection,
        code_order=order,
        moment=moment,
        rules=[one.rule for one in checks],
        passed=[one.passed for one in checks],
        expected=[one.expected for one in checks],
        got=[one.got for one in checks],
        at=at,
    )


async def open_order(connection: Connection, actor: Actor, code_order: str, *, own: bool = False) -> Any:
    """An order that nobody decided, locked until it is; `own`: of the firm as well as of its association.

    Raises:
        ProblemError: 404, one of another association or none; 409, one that is decided.
    """
    await sql.lock_order(connection, code_order=code_order)
    row = await sql.code_order(connection, code_order=code_order)
    if row is None or not (row["association"] == actor.party or (own and row["firm"] == actor.party)):
        raise unseen("申请 · order", code_order)
    if row["state"] != "asked":
        raise ProblemError(
            "refused", f"申请已处理 · order {code_order}: expected one that waits, got one that is {row['state']}"
        )
    return row


async def decide(
    connection: Connection,
    actor: Actor,
    code_order: str,
    state: str,
    reason: str,
    at: datetime,
    *,
    override: str = "",
    key: str | None = None,
) -> None:
    """Write down what became of an order; nobody waits for it any more."""
    of = {"code_order": code_order, "person": actor.person, "reason": reason, "at": at}
    await sql.decide_order(connection, **of, state=state, override=override, quota_key=key)
    await sql.end_order_decision(connection, **of, outcome=state)
