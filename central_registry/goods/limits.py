"""Sets and lists how many labels a lot or a style without certificate may have: the association's own word, with its
reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution.items import MOST
from central_registry.goods.reach import require_works_for
from central_registry.lists import Ask, Found, picked
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.parties.people import line
from central_registry.problems import ProblemError


async def list_limits(pool: Pool, actor: Actor, wanted: Ask) -> Found:
    """Limits of firms that the actor sees: `{firm, firm_name, what, number, quantity, taken, reason, at}`; `taken`:
    allotted already. Filter: `what`."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row) async for row in sql.limits_listed(connection, party=actor.party, kind=actor.kind.value)]

    rows = await looking(pool, actor, work)
    return picked(rows, wanted, searched=("number", "firm_name", "reason"), filtered=("what",))


async def set_limit(
    pool: Pool, actor: Actor, goods: tuple[str, str, str], quantity: int, *, reason: str, at: datetime
) -> None:
    """Set the limit of `goods`: firm, 'lot' or 'style', number. It replaces the one before.

    Raises:
        ProblemError: 403; 404 for goods that are not theirs to see; 422 for a quantity out of bounds or no reason.
    """
    firm, what, number = goods
    if what not in {"lot", "style"} or not 0 <= quantity <= MOST:
        raise ProblemError(
            "unprocessable",
            f"限量不对 · limit: expected 0 to {MOST} of a lot or a style, got {quantity} of {what[:20]!r}",
        )

    async def work(connection: Connection) -> tuple[None, Entry]:
        said = line("理由 reason", reason)
        await require_works_for(connection, actor, firm)
        known = sql.lot(connection, firm=firm, lot_no=number) if what == "lot" else sql.style(
            connection, firm=firm, style_no=number
        )  # fmt: skip
        if await known is None:
            raise ProblemError(
                "not-found",
                f"没有这个编号 · {what} {number[:60]!r}: expected one of that firm, got an unknown one; see the list",
                field="number",
            )
        await sql.put_limit(
            connection, firm=firm, what=what, number=number, quantity=quantity, association=actor.party,
            reason=said, at=at, person=actor.person,
        )  # fmt: skip
        return None, Entry("set_limit", f"{what} {number}", f"{quantity}: {said}", firm)

    await acting(pool, actor, Act.SET_LIMIT, work, at)
