"""Finds and lists codes of a former platform, and the imports that brought them, for people."""

from __future__ import annotations

import json
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.former.code_text import place_of
from central_registry.former.on_label import facts_of
from central_registry.goods.reach import require_seen, unknown
from central_registry.lists import Ask, Found
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.door import looking
from central_registry.problems import ProblemError
from label_protocol.errors import CodeError


async def find_former(pool: Pool, actor: Actor, text: str) -> dict[str, Any]:
    """The code in `text`, as a scanner reads it: `{code, firm, firm_name, lot_no, style_no, state, label_name, facts,
    platform, exported_on, sha256, imported_at, imported_by}`.

    Raises:
        ProblemError: 403; 422, no code; 404, none of theirs.
    """
    try:
        place = place_of(text)
    except CodeError as cause:
        raise ProblemError("unprocessable", str(cause)) from cause
    asked = {**place._asdict(), "party": actor.party, "kind": actor.kind.value}
    row = await looking(pool, actor, lambda connection: sql.former_code_seen(connection, **asked))
    if row is None:
        raise unknown("码 · code", text)
    found = dict(row)
    return {**found, "facts": facts_of(found.pop("label")), "label": found["label_name"]}


async def list_codes(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """Codes that the actor's firms had: `{code, firm, firm_name, lot_no, style_no, state, label, platform,
    imported_at}`. Filters: `firm`, `lot_no`, `state`."""
    named = {name: ask.filters.get(name) or None for name in ("firm", "lot_no", "state")}
    asked: dict[str, Any] = {"party": actor.party, "kind": actor.kind.value, "like": ask.like, **named}

    async def work(connection: Connection) -> Found:
        rows = sql.former_codes_listed(connection, **asked, skipped=ask.skipped, most=ask.rows)
        return Found([dict(row) async for row in rows], await sql.former_codes_counted(connection, **asked))

    return await looking(pool, actor, work)


async def list_imports(pool: Pool, actor: Actor) -> list[dict[str, Any]]:
    """What the actor's association brought, the newest first: `{import_id, association, association_name, platform,
    exported_on, sha256, lines, counts, at, person_name}`."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = sql.former_imports_listed(connection, party=actor.party, kind=actor.kind.value)
        return [_listed(dict(row)) async for row in rows]

    return await looking(pool, actor, work, Act.LOOK)


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    counts = _read(row.pop("told"))
    return {**row, "import_id": str(row["import_id"]), "counts": counts}


def _read(text: str) -> dict[str, Any]:
    """Counts as they are kept; {} for what is none, so that the rest of the list is seen."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def former_lot(pool: Pool, actor: Actor, firm: str, lot_no: str) -> dict[str, Any]:
    """How many codes of a lot are the former platform's, and by which import the lot came: `{serials, void, platform,
    sha256, at, person_name}`; platform is None of a lot that was not brought. Raises ProblemError (404)."""

    async def work(connection: Connection) -> dict[str, Any]:
        await require_seen(connection, actor, firm)
        return dict(await sql.former_of_lot(connection, firm=firm, lot_no=lot_no))

    return await looking(pool, actor, work)
