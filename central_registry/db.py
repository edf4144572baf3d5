"""Speaks to PostgreSQL: the pool, the numbered migrations, transactions that are tried again.

All SQL stands in `queries.sql`, `queries/` (one file for each room) and `schema/`. A transaction is a function of a
connection, so that it can be run anew from its start when the database says that it lost a race (40001, 40P01) or that
somebody else was first (23505).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from typing import Any, TypeVar

import aiosql
import asyncpg  # type: ignore[import-untyped]

from label_protocol.errors import AgentError

_Result = TypeVar("_Result")
Connection = Any
"""An asyncpg connection; the library is untyped, and what matters is that it is one connection in a transaction."""

Pool = Any
TRIES = 6
_MIGRATION_S = 24 * 3600.0
"""A migration may walk through every label there is; what a page waits for has the pool's own, short limit."""

UniqueViolationError = asyncpg.UniqueViolationError
FencedError = asyncpg.InsufficientPrivilegeError
"""The database refused a row that is another party's, or a table that is none of this role's."""

_RACES = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    UniqueViolationError,
)
_LIMITS = (
    TimeoutError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)

_HERE = files("central_registry")


def _statements() -> str:
    rooms = [entry for entry in _HERE.joinpath("queries").iterdir() if entry.name.endswith(".sql")]
    ordered = (_HERE.joinpath("queries.sql"), *sorted(rooms, key=lambda entry: entry.name))
    return "\n".join(file.read_text("utf-8") for file in ordered)


sql: Any = aiosql.from_str(_statements(), "asyncpg", mandatory_parameters=False)
"""Every statement the registry ever sends, by its name."""


class _Stateless(asyncpg.Connection):  # type: ignore[misc]
    """A connection on which nothing outlives its transaction: all settings are LOCAL, all locks the transaction's. So
    there is nothing to take back when it is returned, which would be a way to the database after each question."""

    def get_reset_query(self) -> str:
        """Nothing; an open transaction is ended all the same."""
        return ""


class DatabaseError(AgentError):
    """The registry's database cannot be reached, or is not one of ours."""


def now() -> datetime:
    """The registry's clock; the apps and tools take it as an argument."""
    return datetime.now(UTC)


async def connect(dsn: str, *, connections_max: int = 10, limit_s: float | None = None) -> Pool:
    """A pool on a migrated database; with `limit_s`, no statement takes longer. Migrations take as long as they take.

    Raises:
        DatabaseError: not reachable, or migrated by something that is not this product.
    """
    async with await open_pool(dsn, 1) as alone:
        await migrate(alone)
    return await open_pool(dsn, connections_max, limit_s=limit_s)


async def open_pool(dsn: str, most: int, *, limit_s: float | None = None, pgbouncer: bool = False) -> Pool:
    """A pool of at most so many connections on a database as it is. Behind a `pgbouncer` (transaction mode) nothing is
    prepared under a name, since the next transaction may meet another server connection.

    Raises:
        DatabaseError: not reachable.
    """
    more = {"statement_cache_size": 0} if pgbouncer else {}
    try:
        return await asyncpg.create_pool(
            dsn, min_size=1, max_size=most, command_timeout=limit_s, connection_class=_Stateless, **more
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as cause:
        got = str(cause) or "no answer in time"
        raise DatabaseError(
            f"连不上数据库；本机平台请先启动 central-registry serve · database: expected a PostgreSQL at the DSN, got "
            f"{got}; check --dsn, or where it is the registry's own, start: central-registry serve"
        ) from cause


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What the database refuses while a command is at work, as a sentence for its operator.

    Raises:
        DatabaseError
    """
    try:
        yield
    except _LIMITS as cause:
        raise DatabaseError(
            f"database: expected an answer within its time limit, got {str(cause) or 'none'}; raise statement_timeout "
            "or lock_timeout of this role, or try again when less is going on"
        ) from cause
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as cause:
        raise DatabaseError(
            f"database: expected it to do the order, got {cause}; nothing was changed, see its log"
        ) from cause


async def in_transaction(
    pool: Pool, work: Callable[[Connection], Awaitable[_Result]], isolation: str = "read_committed"
) -> _Result:
    """Run `work` in one transaction, up to `TRIES` times if it loses a race; its effects on the database are all or
    none. `work` must not change anything else before it returns. `isolation` as asyncpg names it."""
    for attempt in range(1, TRIES + 1):
        try:
            async with pool.acquire() as connection, connection.transaction(isolation=isolation):
                return await work(connection)
        except _RACES:
            if attempt == TRIES:
                raise
            await asyncio.sleep(0.01 * attempt)
    raise AssertionError("unreachable")


def migrations() -> list[tuple[int, str, str]]:
    """`(number, file name, SQL)` of every migration, in order."""
    found = sorted(entry.name for entry in _HERE.joinpath("schema").iterdir() if entry.name.endswith(".sql"))
    return [(int(name[:4]), name, _HERE.joinpath("schema", name).read_text("utf-8")) for name in found]


async def migrate(pool: Pool) -> None:
    """Bring the schema up to date: each migration is one transaction, and one that ran must not have changed since.

    Raises:
        DatabaseError: an applied migration differs from its file, or the database is newer than this program.
    """
    applied = await in_transaction(pool, _applied)
    known = migrations()
    for number, name, text in known:
        if applied.get(number) != _digest(text):
            await in_transaction(pool, partial(_apply, number=number, name=name, text=text))
    if (newest := max(applied, default=0)) > known[-1][0]:
        raise DatabaseError(f"database: expected schema {known[-1][0]} or older, got {newest}; update central-registry")


async def _applied(connection: Connection) -> dict[int, str]:
    """By the number of each migration that ran: the digest of its text. Most starts find all of them here and are done,
    so that they are asked for at once and not one by one."""
    # IF NOT EXISTS looks before it creates: without the lock, two programs may both look and one of them fails.
    await sql.lock_schema(connection)
    await sql.create_migration_table(connection)
    return {row["number"]: row["digest"] async for row in sql.migrations(connection)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


async def _apply(connection: Connection, number: int, name: str, text: str) -> None:
    await sql.lift_time_limit(connection)
    await sql.lock_schema(connection)
    digest = _digest(text)
    applied = await sql.migration_digest(connection, number=number)
    if applied == digest:
        return
    if applied is not None:
        raise DatabaseError(
            f"database: expected migration {name} as it was applied, got another text; restore the file"
        )
    await sql.record_migration(connection, number=number, name=name, digest=digest, at=now())
    await connection.execute(text, timeout=_MIGRATION_S)
