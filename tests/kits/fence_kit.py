"""Two sides that know nothing of each other, each with a row in every table, and the roles that look at them."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from central_registry.db import in_transaction
from central_registry.fence.policies import Role
from central_registry.fence.roles import Logins, enter
from central_registry.parties.actor import PartyKind
from tests.kits.registry_kit import AT, fresh_dsn

ASKERS = tuple(PartyKind)


@dataclass(frozen=True)
class Side:
    """An association with a firm, a lab and others; its name, one letter, is in every text and number of its rows."""

    name: str

    def party(self, kind: str) -> str:
        return f"{self.name}-{kind}"

    def value(self, column: str, kind: str) -> Any:
        """What stands in such a column of its rows: the same word in each table, so that rows hang together."""
        own = {
            "association": self.party("association"), "lab": self.party("lab"), "key": f"{self.name}-quota_key",
            "number": f"{self.name}-lot_no", "held_by": f"{self.name}-agent", "state": "approved",
            "status": "active", "body": "{}", "kind": "allotment", "maker": f"{self.name}-person", "roles": ["officer"],
            "act": "approve_codes", "what": "lot", "rule": "firm_active", "became": "returned", "moment": "asked",
        }  # fmt: skip
        own |= {text: f'{{"name": "{self.name}-{text}"}}' for text in ("facts", "record")}
        own |= dict.fromkeys(("firm", "party", "concerns", "owner", "by_party", "filed_by"), self.party("firm"))
        if column in own and kind in ("text", "ARRAY"):
            return own[column]
        if column == "ends_at":  # of a session: one that is over is swept out
            return AT + timedelta(hours=1)
        word = f"{self.name}-{column}"
        return {
            "text": word, "bytea": word.encode(), "boolean": False, "date": AT.date(), "timestamp with time zone": AT,
            "ARRAY": [word],
        }.get(kind, ord(self.name) - 96)  # fmt: skip

    def row(self, columns: Mapping[str, str]) -> dict[str, Any]:
        return {column: self.value(column, kind) for column, kind in columns.items()}


A, B = Side("a"), Side("b")
_OF_TABLE: Mapping[str, Mapping[str, Any]] = {
    "roll": {"state": "open"},
    "complaint": {"state": "at_work", "about": "quality", "firm_asked": True},
    "complaint_step": {"step": "note"},
    "spot_check": {"state": "failed"},
    "former_serial": {"state": "in_use"},
}
"""Words that pages know, where other tables have another under that name."""
ALONE = frozenset({"login_stranger", "meta", "migration", "check_key", "goods_doubt", "fed_body"})
"""Tables without a side."""


@dataclass(frozen=True)
class Fenced:
    """A registry under its roles: `columns` of each table by name and type, `keys` its primary keys."""

    logins: Logins
    columns: Mapping[str, Mapping[str, str]]
    keys: Mapping[str, tuple[str, ...]]

    @asynccontextmanager
    async def pool(self, role: Role) -> AsyncIterator[Any]:
        async with asyncpg.create_pool(self.logins.of(role), min_size=1, max_size=4) as pool:
            yield pool

    def where(self, table: str, side: Side) -> tuple[str, list[Any]]:
        """Finds the side's row by its primary key."""
        names = self.keys[table]
        found = " AND ".join(f"{name} = ${n}" for n, name in enumerate(names, 1))
        return found, [side.value(name, self.columns[table][name]) for name in names]


@functools.cache
def fenced() -> Fenced:
    """One for the whole run; whoever changes it makes another."""
    return asyncio.run(made())


async def made() -> Fenced:
    """A registry with both sides' rows."""
    dsn = await fresh_dsn()
    logins = await enter(dsn)
    connection = await asyncpg.connect(dsn)
    try:
        columns = await _columns(connection)
        keys = await _keys(connection)
        for side in (A, B):
            await _fill(connection, side, columns)
        # what people do from here on comes after these rows
        await insert(connection, "meta", {"key": "audit", "value": f"1000:{bytes(32).hex()}"})
    finally:
        await connection.close()
    return Fenced(logins, columns, keys)


async def _fill(connection: Any, side: Side, columns: Mapping[str, Mapping[str, str]]) -> None:
    for kind in PartyKind:
        row = side.row(columns["party"]) | {"party": side.party(kind), "kind": kind.value}
        await insert(connection, "party", row)
        if kind not in (PartyKind.ASSOCIATION, PartyKind.OPERATOR):
            row = side.row(columns["membership"]) | {"party": side.party(kind), "ended_at": None}
            await insert(connection, "membership", row)
    for table in sorted(columns.keys() - ALONE - {"party", "membership"}):
        await insert(connection, table, side.row(columns[table]) | _OF_TABLE.get(table, {}))


async def insert(connection: Any, table: str, row: Mapping[str, Any]) -> None:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def _columns(connection: Any) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in await connection.fetch(
        "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c "
        "JOIN pg_class r ON r.oid = format('%I.%I', c.table_schema, c.table_name)::regclass "
        "WHERE c.table_schema = 'public' AND r.relkind IN ('r', 'p') AND NOT r.relispartition "
        "AND c.is_generated = 'NEVER' ORDER BY c.table_name, c.ordinal_position"
    ):
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    return found


async def _keys(connection: Any) -> dict[str, tuple[str, ...]]:
    rows = await connection.fetch(
        "SELECT r.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS keys FROM pg_index i "
        "JOIN pg_class r ON r.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY(i.indkey) "
        "WHERE i.indisprimary AND r.relnamespace = 'public'::regnamespace GROUP BY 1"
    )
    return {row["name"]: tuple(row["keys"]) for row in rows}


async def as_party(pool: Any, party: str, work: Any, person: str = "") -> Any:
    """Do `work` on a connection that works for that party; "" for nobody."""

    async def whole(connection: Any) -> Any:
        await connection.execute(
            "SELECT set_config('registry.party', $1, true), set_config('registry.person', $2, true)", party, person
        )
        return await work(connection)

    return await in_transaction(pool, whole)
