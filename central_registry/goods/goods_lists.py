"""Lists styles, lots, certificates, what is not given to a firm yet; and tells one lot's story."""

from __future__ import annotations

import json
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.goods.certificates import needs_certificate
from central_registry.goods.for_labs import lot_for, whole_lot_for
from central_registry.goods.reach import require_seen, unknown
from central_registry.lists import MOST_ROWS, Ask, Found
from central_registry.parties.actor import Actor
from central_registry.parties.door import looking


async def list_lots(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Lots that the actor sees: `{firm, firm_name, lot_no, style_no, quantity, source, changed_at, version, scheme,
    state, valid_to, certified}`; the newest version of its certificate. A lab finds a lot by its numbers, and reads
    None for the rest. Filters: `firm`, `state` ('none': no certificate)."""
    found = await _listed(
        pool, actor, ask, sql.lots_listed, firm=ask.filters.get("firm"), state=ask.filters.get("state")
    )
    return Found([lot_for(actor, row) for row in found.rows], found.total)


async def list_styles(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Styles that the actor sees: `{firm, firm_name, style_no, sizes, lots, source, changed_at}`. Filter: `firm`."""
    return await _listed(pool, actor, ask, sql.styles_listed, firm=ask.filters.get("firm"))


async def list_certificates(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Versions that the actor sees, a lab those that it stands behind: `{firm, firm_name, lot_no, version, scheme,
    quantity, valid_from, valid_to, lab, lab_name, report_no, state, filed_at, provisional}`. Filters: `firm`, `state`,
    `lot_no`."""
    named = {name: ask.filters.get(name) for name in ("firm", "state", "lot_no")}
    return await _listed(pool, actor, ask, sql.certificates_listed, **named)


async def list_unassigned(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Styles of before firms, each with what may help to give it away: `{style_no, lots, lot_nos, maker, maker_uscc,
    gtins, doubts}`. The maker is the one that its record names."""
    return await _listed(pool, actor, ask, sql.unassigned_listed)


async def show_unassigned(pool: Pool, actor: Actor, style_no: str) -> dict[str, Any]:
    """One of `list_unassigned`. Raises ProblemError (404)."""
    found = await list_unassigned(pool, actor, Ask(style_no, rows=MOST_ROWS))
    row = next((one for one in found.rows if one["style_no"] == style_no), None)
    if row is None:
        raise unknown("未归属的款号 · unassigned style", style_no)
    return dict(row)


async def show_lot(pool: Pool, actor: Actor, firm: str, lot_no: str) -> dict[str, Any]:
    """One lot: its row, `record`, `needs_certificate`, `certificates` (newest first), `reports`, `samples`, `limit`,
    `keys`, and `story`: what happened to it, `{at, what, detail, name}`, the newest first. A lab reads what its form
    asks for and what it filed itself (`for_labs.py`).

    Raises:
        ProblemError: 404.
    """

    async def work(connection: Connection) -> dict[str, Any]:
        await require_seen(connection, actor, firm)
        row = await sql.lot(connection, firm=firm, lot_no=lot_no)
        if row is None:
            raise unknown("批次 · lot", lot_no)
        own = {"firm": firm, "lot_no": lot_no}
        record = _read(row["record"])
        versions = [dict(one) async for one in sql.certificates_of_lot(connection, **own)]
        shown = {
            **dict(row),
            "record": record,
            "firm_name": await sql.party_name(connection, party=firm) or firm,
            "needs_certificate": needs_certificate(record),
            "certificates": [{**one, "facts": _read(one["facts"])} for one in versions],
            "reports": [dict(one) async for one in sql.reports_of_lot(connection, **own)],
            "samples": [dict(one) async for one in sql.samples_of_lot(connection, **own)],
            "limit": await sql.limit_of(connection, firm=firm, what="lot", number=lot_no),
            "keys": [one["quota_key"] async for one in sql.keys_of_lot(connection, **own)],
            "story": [dict(one) async for one in sql.story_of_lot(connection, **own)],
        }
        return whole_lot_for(actor, shown)

    return await looking(pool, actor, work)


def _read(text: str) -> dict[str, Any]:
    """A record as it is kept; {} for what is none, so that the rest of its page is seen."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def _listed(pool: Pool, actor: Actor, ask: Ask, statement: Any, **filters: str | None) -> Found:
    asked: dict[str, Any] = {
        "party": actor.party, "kind": actor.kind.value, "like": ask.like, "sort": ask.sort,
        "descending": ask.descending, "skipped": ask.skipped, "most": ask.rows,
    }  # fmt: skip
    named = {name: value or None for name, value in filters.items()}

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row) async for row in statement(connection, **asked, **named)]

    rows = await looking(pool, actor, work)
    total = int(rows[0]["total"]) if rows else 0
    return Found(
        [{name: value for name, value in row.items() if name not in {"total", "sort_key"}} for row in rows], total
    )
