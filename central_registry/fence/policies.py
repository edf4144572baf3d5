"""Writes the SQL of the fence from its rows: grants, policies. Pure; PostgreSQL 15.

Row-level security is enabled and not forced: it binds every role but the owner of the tables and superusers, and no
role of the service is either. Forced, it would bind the owner too, whose pg_dump then refuses, and whose migrations
would pass over every row in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum

from central_registry.fence.rows import ALL, NOTHING, PARTIES, Row
from central_registry.fence.tables import INSPECTED, ROWS, VIEWS


class Role(StrEnum):
    """A role of the service in the database."""

    INGEST = "ingest"
    READER = "reader"
    PEOPLE = "people"


_FORGET = """DO $$
DECLARE old record;
BEGIN
    FOR old IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' AND policyname LIKE 'fence\\_%'
    LOOP EXECUTE format('DROP POLICY %I ON %I', old.policyname, old.tablename); END LOOP;
END $$;"""

_FUNCTIONS = (
    "party()", "person()", "kind()", "at_door()", "sees_all()", "parties()", "goods()", "agents()", "own_agents()",
    "claimed(text)", "has_officer(text)", "audit_walk()", "firm_of(text)",
    "former_issuers()",
    "place_trail(text)", "place_origin(text)", "place_knows(text)", "place_goods(text[])",
    "epcis_about()", "epcis_ours(text[], text[])",
)  # fmt: skip


def role_name(database: str, role: Role) -> str:
    """The role of this database: roles belong to a whole server, so its name begins with the database's."""
    return f"{database}_{role}"


def quoted(name: str) -> str:
    """As an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def role_sql(database: str, role: Role) -> str:
    """Makes the role, without a password yet; ingest passes the fence, which only a superuser may grant."""
    passes = " BYPASSRLS" if role is Role.INGEST else ""
    return f"CREATE ROLE {quoted(role_name(database, role))} LOGIN NOINHERIT{passes};"


def fence_sql(database: str, there: Collection[str]) -> str:
    """What each role may touch of the tables and views that are there, and whose rows it sees; run again, it takes back
    what it gave before."""
    names = {role: quoted(role_name(database, role)) for role in Role}
    everyone = ", ".join(names.values())
    functions = ", ".join(f"fence_{name}" for name in _FUNCTIONS)
    lines = [
        _FORGET,
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {everyone};",
        f"GRANT USAGE ON SCHEMA public TO {everyone};",
        f"REVOKE ALL ON FUNCTION {functions} FROM PUBLIC;",
        f"GRANT EXECUTE ON FUNCTION {functions} TO {names[Role.PEOPLE]};",
    ]
    for view in sorted(VIEWS.keys() & set(there)):
        lines.append(f"ALTER VIEW {view} SET (security_invoker = true);")
        lines += [f"GRANT SELECT ON {view} TO {names[Role(role)]};" for role in VIEWS[view]]
    for table in sorted(ROWS.keys() & set(there)):
        lines += _of_table(table, ROWS[table], names)
    return "\n".join(lines)


def digest(text: str) -> str:
    """Names a fence, so that one that stands is not laid again."""
    return hashlib.sha256(text.encode()).hexdigest()


def _of_table(table: str, row: Row, names: Mapping[Role, str]) -> Iterator[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
    granted = {Role.INGEST: row.ingest, Role.READER: row.reader, Role.PEOPLE: row.people}
    for role, words in granted.items():
        if words:
            yield f"GRANT {words} ON {table} TO {names[role]};"
    if row.reader:
        yield f"CREATE POLICY fence_reader ON {table} TO {names[Role.READER]} USING ({row.shows}) WITH CHECK (true);"
    if row.people is not NOTHING:
        yield from _of_people(table, row, names[Role.PEOPLE])


def _of_people(table: str, row: Row, people: str) -> Iterator[str]:
    """`fence_party()` first: without a party, and not at the door, there is nothing. The operator, who sees everything,
    writes among parties and people only: it makes associations. An inspector looks, and writes what an inspection is
    made of."""
    inside = "((SELECT fence_party()) IS NOT NULL OR (SELECT fence_at_door()))"
    theirs = inside if table in PARTIES else f"{inside} AND NOT (SELECT fence_sees_all())"
    if table not in INSPECTED:
        theirs = f"{theirs} AND (SELECT fence_kind()) IS DISTINCT FROM 'inspector'"
    sees = f"{inside} AND ((SELECT fence_sees_all()) OR {row.sees})"
    writes = f"{theirs} AND ({row.writes or row.sees})"
    becomes = f"{theirs} AND ({row.becomes or row.writes or row.sees})"
    adds = f"{theirs} AND ({row.adds or row.writes or row.sees})"
    yield f"CREATE POLICY fence_sees ON {table} FOR SELECT TO {people} USING ({sees});"
    if "INSERT" in row.people:
        yield f"CREATE POLICY fence_adds ON {table} FOR INSERT TO {people} WITH CHECK ({adds});"
    if "UPDATE" in row.people:
        yield f"CREATE POLICY fence_writes ON {table} FOR UPDATE TO {people} USING ({writes}) WITH CHECK ({becomes});"
    if row.people == ALL:
        yield f"CREATE POLICY fence_deletes ON {table} FOR DELETE TO {people} USING ({writes});"
