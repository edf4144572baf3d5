"""docs/privacy.md is held against the schema, and what it says is deleted is."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from central_registry.cases.forgetting import forget_due
from central_registry.db import in_transaction, sql
from central_registry.exchange.deliveries import KEPT_DAYS, forget_old
from central_registry.parties.door import fence_out
from tests.kits.fence_kit import Fenced, made
from tests.kits.registry_kit import AT

_ROW = re.compile(r"^\| `(\w+)\.(\w+)` \| [^|]+ \| [^|]+ \| ([^|]+) \| ([\w-]+) \|$", re.MULTILINE)
_PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text("utf-8")
ROWS = {(table, column): (how_long, how) for table, column, how_long, how in _ROW.findall(_PAGE)}

_NUMBERS = frozenset({
    "act", "action", "agent", "agents", "answered_by", "asked_by", "association", "became", "before", "behaviour",
    "biz_location", "biz_step", "by_party", "by_right", "by_whom", "can", "capture", "carton", "cause",
    "certificate", "checked_epoch", "chosen", "claimed_incarnation", "closed_by", "code", "code_order", "colour",
    "complaint", "concerns", "decided_by", "decision", "declares", "differs", "digest", "disposition", "draw",
    "event_id", "event_type", "expected", "facts", "file_hash", "filed_by", "fingerprint", "firm", "first_serial",
    "four_eyes", "got", "gtin", "gtins", "hash", "held_by", "held_draw", "host", "how", "id", "incarnation",
    "issuer", "job", "key", "key_id", "kind", "lab", "last_serial", "line", "lot_no", "made_by", "maker",
    "media_type", "message", "moment", "next_secret_hash", "number", "old_secret_hash", "outcome", "own", "owner",
    "parent", "party", "person", "platform", "printer", "quota_key", "read_point", "rest", "revoked_why", "rights",
    "role", "roles", "roll", "rule", "sample", "sample_no", "scheme", "secret", "secret_hash", "sent_at", "serial",
    "serials", "sha256", "sheet", "short_name", "signature", "size", "snapshot", "source", "spot", "state",
    "status", "step", "stop", "style_no", "taken_back_by", "taken_by", "text", "to_party", "token_hash", "told",
    "trade_item", "unit", "url", "value", "verify_key", "version", "waybill", "webhook", "what", "why",
    "window_id", "word_by",
})  # fmt: skip
"""Names of columns that hold numbers, hashes, kinds and names of goods: nobody stands in them."""
_TYPED = frozenset({
    "about", "answer", "asked", "body", "detail", "doubt", "errors", "evidence", "label", "note",
    "override", "reason", "record", "report", "report_no", "revoked_reason", "said", "source",
})  # fmt: skip
"""Names of columns that people at work type, or that hold goods: told of in one sentence below the table."""
_OF_THINGS = frozenset({("agent", "name"), ("migration", "name"), ("party", "name")})


@pytest.fixture
async def registry() -> Fenced:
    return await made()


async def test_each_column_in_which_somebody_may_stand_is_on_the_page(registry: Fenced) -> None:
    free = {
        (table, column)
        for table, columns in registry.columns.items()
        for column, kind in columns.items()
        if kind in ("text", "bytea", "ARRAY", "jsonb") and column not in _NUMBERS | _TYPED
    } - _OF_THINGS
    assert free - ROWS.keys() == set(), "say on the page whose they are, or here that nobody stands in them"
    there = {(table, column) for table, columns in registry.columns.items() for column in columns}
    assert ROWS.keys() - there == set(), "the page names what is not there"


async def _left(registry: Fenced, how: str) -> set[tuple[str, str]]:
    """Columns that go so and still hold something."""
    found = set()
    connection = await asyncpg.connect(registry.logins.owner)
    try:
        for (table, column), (_, goes) in ROWS.items():
            if goes == how:
                asked = f"SELECT count(*) FROM {table} WHERE octet_length({column}) > 0"
                found |= {(table, column)} if await connection.fetchval(asked) else set()
    finally:
        await connection.close()
    return found


async def test_what_consumers_said_is_gone_after_two_years(registry: Fenced) -> None:
    said = {row for row, (_, goes) in ROWS.items() if goes == "forget_due"}
    assert await _left(registry, "forget_due") == said, "it was there"
    async with asyncpg.create_pool(registry.logins.owner, min_size=1, max_size=2) as pool:
        await pool.execute("UPDATE complaint SET deleted_at = NULL")
        await forget_due(pool, AT + timedelta(days=365 * 4))
    assert await _left(registry, "forget_due") == set()
    assert all("24" in ROWS[row][0] for row in said)


async def test_what_was_sent_is_gone_when_the_page_says(registry: Fenced) -> None:
    said = {row for row, (_, goes) in ROWS.items() if goes == "forget_old"}
    async with asyncpg.create_pool(registry.logins.owner, min_size=1, max_size=2) as pool:
        await pool.execute("UPDATE webhook_message SET done_at = $1, made_at = $1", AT)
        await forget_old(pool, AT + timedelta(days=KEPT_DAYS))
        assert await _left(registry, "forget_old") == said, "not a moment sooner"
        await forget_old(pool, AT + timedelta(days=KEPT_DAYS, seconds=1))
    assert await _left(registry, "forget_old") == set()
    assert all(str(KEPT_DAYS) in ROWS[row][0] for row in said)


async def test_who_left_keeps_a_login_and_no_name_nor_password(registry: Fenced) -> None:
    async with asyncpg.create_pool(registry.logins.owner, min_size=1, max_size=2) as pool:

        async def gone(connection: asyncpg.Connection) -> None:
            await fence_out(connection)
            for row in await connection.fetch("SELECT person FROM person"):
                await sql.person_left(connection, person=row["person"], at=AT)
                await sql.put_person_name(connection, person=row["person"], name="", contact="")
            await sql.drop_old_sessions(connection, at=AT + timedelta(days=1, hours=1))

        await in_transaction(pool, gone)
        assert await pool.fetchval("SELECT count(*) FROM person WHERE login <> ''") == 2
    for how in ("erase", "leave", "log-in"):
        assert await _left(registry, how) == set(), how
