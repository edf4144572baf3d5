"""The database itself refuses what is another party's, whatever a handler asks: every table, every kind of party."""

from __future__ import annotations

from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from central_registry.fence.policies import Role
from central_registry.fence.rows import ADD, ALL, EVERYBODY, NOTHING
from central_registry.fence.tables import ROWS, VIEWS
from central_registry.parties.actor import PartyKind
from tests.kits.fence_kit import ALONE, ASKERS, A, B, Fenced, as_party, fenced, insert
from tests.kits.registry_kit import AT

PUBLIC = frozenset({"party_code", "login", "trade_item", "issuer", "snapshot", "scan"})
"""Read by everybody on purpose; the row says why."""

ANYBODYS = frozenset({"alarm", "kept_file", "issuer", "login"})
"""Whoever is logged in may add a row: an alarm, a file before its report, a new agent's issuer, a login."""

OFFICES = frozenset({"complaint_contact"})
"""Of their own goods, and yet not theirs to read: who complained of them."""
ITS_OWN = frozenset({"webhook", "webhook_message", "epcis_event", "epcis_code", "epcis_capture", "epcis_use"})
"""A firm's alone: a secret that signs, what it captured of goods of many. Its association does not see them."""

FIRMLY = sorted(table for table, row in ROWS.items() if row.people and table not in ALONE)


@pytest.fixture
def registry() -> Fenced:
    return fenced()


def test_every_table_has_its_row(registry: Fenced) -> None:
    assert registry.columns.keys() == ROWS.keys(), "a table without a row is nobody's: write its row in fence/rows.py"
    assert {table for table in FIRMLY if ROWS[table].sees == EVERYBODY} == PUBLIC


async def test_every_view_is_seen_with_the_askers_eyes(registry: Fenced) -> None:
    async with registry.pool(Role.PEOPLE) as pool:
        rows = await pool.fetch(
            "SELECT relname, reloptions FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace"
        )
    assert {row["relname"]: row["reloptions"] for row in rows} == {name: ["security_invoker=true"] for name in VIEWS}


async def test_no_role_of_the_service_is_above_the_fence(registry: Fenced) -> None:
    """Asserted first: as a superuser, or as the owner, every other test here would say nothing."""
    for role in Role:
        async with registry.pool(role) as pool:
            row = await pool.fetchrow(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, (SELECT count(*) FROM pg_class c "
                "WHERE c.relowner = r.oid) AS owned, (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) "
                "AS member_of FROM pg_roles r WHERE rolname = session_user"
            )
        assert dict(row) == {
            "rolsuper": False, "rolbypassrls": role is Role.INGEST, "rolcreaterole": False, "rolcreatedb": False,
            "owned": 0, "member_of": 0,
        }  # fmt: skip


async def test_without_a_party_nobody_sees_a_row(registry: Fenced) -> None:
    """A handler that forgets to say for whom it works finds nothing, and writes nothing."""
    async with registry.pool(Role.PEOPLE) as pool:
        for table in FIRMLY:
            assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await _add(registry, pool, table)


async def _add(registry: Fenced, connection: Any, table: str) -> None:
    await insert(connection, table, A.row(registry.columns[table]))


async def test_an_association_and_its_firm_find_their_own_rows(registry: Fenced) -> None:
    """Else the fence would be one around nothing."""
    async with registry.pool(Role.PEOPLE) as pool:
        for kind in (PartyKind.ASSOCIATION, PartyKind.FIRM):
            unseen = OFFICES if kind is PartyKind.FIRM else ITS_OWN
            found = {table: await _seen(registry, pool, table, A, A.party(kind)) for table in FIRMLY}
            assert [table for table, rows in found.items() if rows == 0] == sorted(unseen)


async def test_who_complained_is_no_firms_to_read(registry: Fenced) -> None:
    """Not even of its own goods, in a case about which it was asked."""
    async with registry.pool(Role.PEOPLE) as pool:
        seen = {
            table: await _seen(registry, pool, table, A, A.party(PartyKind.FIRM)) for table in ("complaint", *OFFICES)
        }
    assert seen == {"complaint": 1, "complaint_contact": 0}


async def test_a_firm_hears_of_a_spot_check_when_it_has_a_result(registry: Fenced) -> None:
    """What is planned is a surprise, to a handler that forgot so as well."""
    # it stays, so it says what pages can read that are asked for afterwards
    planned = A.row(registry.columns["spot_check"]) | {
        "spot": "a-planned", "lot_no": "a-other", "state": "planned", "closed_at": None,
    }  # fmt: skip
    found = "SELECT count(*) FROM spot_check WHERE spot = 'a-planned'"
    async with registry.pool(Role.PEOPLE) as pool:
        seen = await as_party(pool, A.party(PartyKind.ASSOCIATION), lambda c: _planned_and_seen(c, planned, found))
        theirs = await as_party(pool, A.party(PartyKind.FIRM), lambda c: c.fetchval(found))
    assert (seen, theirs) == (1, 0)


async def _planned_and_seen(connection: Any, row: dict[str, Any], found: str) -> int:
    await insert(connection, "spot_check", row)
    return int(await connection.fetchval(found))


async def _seen(registry: Fenced, pool: Any, table: str, side: Any, party: str) -> int:
    where, values = registry.where(table, side)
    return int(
        await as_party(pool, party, lambda c: c.fetchval(f"SELECT count(*) FROM {table} WHERE {where}", *values))
    )


@pytest.mark.parametrize("kind", [kind for kind in ASKERS if kind is not PartyKind.OPERATOR])
async def test_another_sides_row_is_neither_read_nor_written(registry: Fenced, kind: PartyKind) -> None:
    """With no filter at all, as a handler would ask that forgot its own."""
    seen, changed, taken, added = [], [], [], []
    async with registry.pool(Role.PEOPLE) as pool:
        for table in FIRMLY:
            party = B.party(kind)
            seen += [table] if await _seen(registry, pool, table, A, party) else []
            changed += [table] if await _changes(registry, pool, table, party) else []
            taken += [table] if await _takes(registry, pool, table, party) else []
            added += [table] if await _adds(registry, pool, table, party) else []
    assert set(seen) == PUBLIC | ({"party"} if kind is PartyKind.ASSOCIATION else set())
    assert (changed, taken) == ([], [])
    admits = {"party"} if kind is PartyKind.ASSOCIATION else set()
    assert set(added) - ANYBODYS == admits, "a new party is nobody's until it is admitted"


async def _changes(registry: Fenced, pool: Any, table: str, party: str) -> bool:
    column = next(iter(registry.columns[table]))
    where, values = registry.where(table, A)
    return await _does(pool, party, f"UPDATE {table} SET {column} = {column} WHERE {where}", values)


async def _takes(registry: Fenced, pool: Any, table: str, party: str) -> bool:
    where, values = registry.where(table, A)
    return await _does(pool, party, f"DELETE FROM {table} WHERE {where}", values)


async def _adds(registry: Fenced, pool: Any, table: str, party: str) -> bool:
    """A row as the other side's own; that the key is taken already is only found after the fence."""
    row = A.row(registry.columns[table])
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    try:
        return await _does(pool, party, f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))
    except asyncpg.UniqueViolationError:
        return True


async def _does(pool: Any, party: str, statement: str, values: list[Any]) -> bool:
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('registry.party', $1, true)", party)
            return bool(int((await connection.execute(statement, *values)).split()[-1]))
    except asyncpg.InsufficientPrivilegeError:
        return False


async def test_a_lab_sees_whose_lot_it_is_and_what_it_filed_itself(registry: Fenced) -> None:
    """Of a firm that its association admitted: name, lots, styles; no codes, no books, no people, no limits."""
    own = {"certificate", "certificate_move", "kept_file", "report", "sample"}
    async with registry.pool(Role.PEOPLE) as pool:
        party = A.party(PartyKind.LAB)
        seen = {table for table in FIRMLY if await _seen(registry, pool, table, A, party)}
        name = "SELECT name FROM party WHERE party = $1"
        assert await as_party(pool, party, lambda c: c.fetchval(name, A.party("firm"))) == "a-name"
        assert await as_party(pool, party, lambda c: c.fetchval(name, B.party("firm"))) is None
    assert seen - PUBLIC == own | {"party", "membership", "lot", "style"}


async def test_an_inspector_looks_at_goods_and_not_at_who_works_there(registry: Fenced) -> None:
    """Of a firm of its association: its lots and books; nobody's name, session or appeal, and no word of the audit."""
    people = {"person", "person_name", "person_session", "appeal", "audit"}
    async with registry.pool(Role.PEOPLE) as pool:
        party = A.party(PartyKind.INSPECTOR)
        seen = {table for table in FIRMLY if await _seen(registry, pool, table, A, party)}
        own = A.row(registry.columns["person"]) | {"person": "i-person", "login": "i-login", "party": party}
        found = await as_party(pool, party, lambda c: _added_and_seen(c, own))
    assert not people & seen
    assert {"lot", "certificate", "quota_key", "drawing", "serial", "feed_item", "decision"} <= seen
    assert found == 1, "its own people are its own to look after"


async def test_an_inspector_writes_nothing_that_is_its_firms(registry: Fenced) -> None:
    """A firm of its own association: the database refuses, whatever a handler asks, but for what an inspection is."""
    async with registry.pool(Role.PEOPLE) as pool:
        party = A.party(PartyKind.INSPECTOR)
        changed = {table for table in FIRMLY if await _changes(registry, pool, table, party)}
        taken = {table for table in FIRMLY if await _takes(registry, pool, table, party)}
        added = {table for table in FIRMLY if await _adds(registry, pool, table, party)}
    assert (changed, taken) == ({"sample", "alarm", "complaint", "spot_check"}, {"sample"})
    assert added == {
        "sample",
        "alarm",
        "decision",
        "login",
        "complaint_step",
        "spot_check",
        "spot_sample",
        "stopped_label",
    }


async def test_what_agents_are_fed_of_a_firm_is_that_firms(registry: Fenced) -> None:
    """Lots and styles stand among everybody's items, under a place that is no quota key."""
    body = '{"kind": "lot", "firm": "a-firm", "record": {}}'
    row = {"agent": "*", "kind": "lot", "key": "a-fed", "n": 77, "body": body}
    asked = "SELECT count(*) FROM feed_item WHERE kind = 'lot' AND key = 'a-fed'"
    async with asyncpg.create_pool(registry.logins.owner, min_size=1, max_size=1) as owner:
        await insert(owner, "feed_item", row)
        async with registry.pool(Role.PEOPLE) as pool:
            seen = {
                f"{side.name}-{kind}": await as_party(pool, side.party(kind), lambda c: c.fetchval(asked))
                for side in (A, B)
                for kind in (PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.LAB, PartyKind.INSPECTOR)
            }
            change = "UPDATE feed_item SET n = 78 WHERE kind = 'lot' AND key = 'a-fed'"
            writes = [one for one in seen if await _does(pool, one, change, [])]
        await owner.execute("DELETE FROM feed_item WHERE key = 'a-fed'")
    assert seen == {name: int(name.startswith("a-")) for name in seen}
    assert writes == ["a-association", "a-firm"]


async def test_who_left_shows_its_association_nothing_more(registry: Fenced) -> None:
    """What the association did itself stays its own to read: its orders, its questions, its words in the audit."""
    own = {"audit", "decision"}
    async with asyncpg.create_pool(registry.logins.owner, min_size=1, max_size=1) as owner:
        ends = "UPDATE membership SET ended_at = $2 WHERE association = $1 AND party = 'a-firm'"
        vouches = "UPDATE agent SET association = $1 WHERE agent = 'a-agent'"
        await owner.execute(ends, A.party(PartyKind.ASSOCIATION), AT)
        await owner.execute(vouches, "")  # as parting.py leaves it
        try:
            async with registry.pool(Role.PEOPLE) as pool:
                for kind in (PartyKind.ASSOCIATION, PartyKind.INSPECTOR, PartyKind.LAB):
                    party = A.party(kind)
                    seen = {table for table in FIRMLY if await _seen(registry, pool, table, A, party)}
                    changed = {table for table in FIRMLY if await _changes(registry, pool, table, party)}
                    assert not seen & (_OF_FIRMS - own), kind
                    assert not changed & _OF_FIRMS, kind
        finally:
            await owner.execute(ends, A.party(PartyKind.ASSOCIATION), None)
            await owner.execute(vouches, A.party(PartyKind.ASSOCIATION))


_OF_FIRMS = frozenset({
    "style", "lot", "quota_key", "drawing", "serial", "entitlement", "quota_use", "label_sum", "lease", "person",
    "person_name", "person_session", "appeal", "party_setting", "former_serial", "former_row", "audit",
})  # fmt: skip


async def _added_and_seen(connection: Any, person: Any) -> int:
    await insert(connection, "person", person)
    return int(await connection.fetchval("SELECT count(*) FROM person WHERE person = $1", person["person"]))


async def test_the_operator_sees_everything_and_changes_nothing_of_theirs(registry: Fenced) -> None:
    async with registry.pool(Role.PEOPLE) as pool:
        party = A.party(PartyKind.OPERATOR)
        found = {table: await _seen(registry, pool, table, B, party) for table in FIRMLY}
        changed = [table for table in FIRMLY if table not in ALONE and await _changes(registry, pool, table, party)]
    assert [table for table, rows in found.items() if rows == 0] == []
    assert changed == []


async def test_reader_finds_public_facts_and_no_people(registry: Fenced) -> None:
    async with registry.pool(Role.READER) as pool:
        for table, row in ROWS.items():
            if row.reader == NOTHING:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await pool.fetchval(f"SELECT count(*) FROM {table}")
            else:
                await pool.fetchval(f"SELECT count(*) FROM {table}")
        assert await pool.fetchval("SELECT count(*) FROM feed_item WHERE agent <> '*'") == 0


async def test_ingest_passes_the_fence_and_meets_no_people(registry: Fenced) -> None:
    async with registry.pool(Role.INGEST) as pool:
        assert await pool.fetchval("SELECT count(*) FROM serial") == 2
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.fetchval("SELECT password_hash FROM person")
        for table in ("person_name", "login", "person_session", "audit", "kept_file", "appeal"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.fetchval(f"SELECT count(*) FROM {table}")


def test_what_is_added_only_is_never_rewritten() -> None:
    assert ROWS["audit"].people == ROWS["party_status"].people == ROWS["edge_words"].ingest == ADD
    assert ROWS["person_session"].people == ALL
