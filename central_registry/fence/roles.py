"""Makes the three roles in a database, lays the fence, and says with which login each pool works.

Passwords are never kept: in the registry's own PostgreSQL each start gives new ones, and where a DBA has the server
they stand in the configuration, as the DSN of each role.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from central_registry import db
from central_registry.db import Connection, DatabaseError, Pool, in_transaction, sql
from central_registry.fence.policies import Role, digest, fence_sql, quoted, role_name, role_sql

_LAID = "fence"
"""The key of `meta` that names the fence that stands."""


@dataclass(frozen=True, slots=True)
class Logins:
    """The DSN of the owner, for migrations, and of each role; a role that has none works as the owner."""

    owner: str
    roles: Mapping[Role, str] = field(default_factory=dict)

    def of(self, role: Role) -> str:
        """With which DSN this role's pool works."""
        return self.roles.get(role) or self.owner

    @property
    def missing(self) -> list[Role]:
        """The roles that work as the owner: nothing fences them."""
        return [role for role in Role if not self.roles.get(role)]


async def enter(dsn: str) -> Logins:
    """Bring the registry's own database up to date, make its roles, lay the fence; logins with passwords of this start.

    Raises:
        DatabaseError: as `db.connect`.
    """
    async with await db.connect(dsn, connections_max=1) as pool:
        words = await in_transaction(pool, apply)
    return Logins(dsn, {role: as_login(dsn, *login) for role, login in words.items()})


async def apply(connection: Connection) -> dict[Role, tuple[str, str]]:
    """Make the roles that are missing, give each a new password, lay the fence; `{role: (name, password)}`.

    Raises:
        DatabaseError: the login may not make them.
    """
    await make_roles(connection)
    await lay(connection)
    database = await sql.database_name(connection)
    found = {role: (role_name(database, role), secrets.token_urlsafe(24)) for role in Role}
    for name, word in found.values():
        await connection.execute(f"ALTER ROLE {quoted(name)} PASSWORD '{word}'")
    return found


async def as_text(connection: Connection) -> str:
    """The SQL that a DBA runs instead: the roles that are missing, and the fence. Passwords are the DBA's to give."""
    database = await sql.database_name(connection)
    there = await _there(connection, database)
    made = [role_sql(database, role) for role in Role if role_name(database, role) not in there]
    words = [f"-- \\password {quoted(role_name(database, role))}" for role in Role]
    return "\n".join([*made, *words, await _fence(connection, database)])


async def make_roles(connection: Connection) -> None:
    """Make those that are missing, without passwords.

    Raises:
        DatabaseError: the login may not make them; a DBA can, with the SQL of `roles --print`.
    """
    await sql.lock_fence(connection)
    database = await sql.database_name(connection)
    there = await _there(connection, database)
    absent = [role for role in Role if role_name(database, role) not in there]
    own = await sql.may_make_roles(connection)
    if absent and not own["rolsuper"]:
        raise DatabaseError(
            "数据库账号不能建角色，请 DBA 执行 roles --print 打出的语句 · roles: expected a superuser, since ingest "
            "passes row-level security, got another login; give the SQL of central-registry roles --print to the DBA"
        )
    for role in absent:
        await connection.execute(role_sql(database, role))


async def lay(connection: Connection) -> None:
    """Lay the fence, if another one stands or none: grants and policies of all tables, in this transaction."""
    database = await sql.database_name(connection)
    text = await _fence(connection, database)
    # a migration may have made a table anew, under its old name and without its fence
    mark = f"{database}:{await sql.newest_migration(connection)}:{digest(text)}"
    if await sql.meta(connection, key=_LAID) != mark:
        await connection.execute(text)
        await sql.put_meta(connection, key=_LAID, value=mark)


async def _fence(connection: Connection, database: str) -> str:
    return fence_sql(database, [row["name"] async for row in sql.tables_there(connection)])


async def renew(pool: Pool) -> bool:
    """After a migration: lay the fence anew if this database has its roles; whether it has."""

    async def work(connection: Connection) -> bool:
        await sql.lock_fence(connection)
        found = len(await _there(connection, await sql.database_name(connection))) == len(Role)
        if found:
            await lay(connection)
        return found

    return await in_transaction(pool, work)


async def _there(connection: Connection, database: str) -> set[str]:
    names = [role_name(database, role) for role in Role]
    return {row["rolname"] async for row in sql.roles_there(connection, names=names)}


def as_login(dsn: str, user: str, password: str) -> str:
    """The same database with another login; `dsn` is a URI."""
    scheme, _, rest = dsn.partition("://")
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{host}{slash}{path}"
