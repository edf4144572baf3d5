"""Dumps of the registry's own PostgreSQL: made while it works, whole or not there, put back into an empty one alone.

The agent on the same PC takes the newest dump into each of its backup sets, so that one set holds both. They need not
be of one moment: an agent that is ahead of its registry tells again what that lost, and one that is behind takes it
back (docs/backups.md).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import structlog

from central_registry.db import in_transaction, open_pool
from central_registry.embedded import EmbeddedError
from central_registry.fence.roles import make_roles
from central_registry.here.postgres import Home, OwnPostgres, as_owner, give, programs_for, run
from label_protocol.errors import AgentError, ConflictError

RETRY_S = 900.0
"""After a failure: soon enough for a disk on which somebody made room."""
_log = structlog.get_logger("central_registry.dumps")
Wait = Callable[[float], Awaitable[None]]


def dump(folder: Path, target: Path | None = None) -> Path:
    """Copy the running database of `folder` into one file, by default where the agent's backup takes it from.

    Raises:
        ConfigError: there is no database.
        EmbeddedError: it does not run, or the disk does not take it.
        ConflictError: `target` is a file that is there.
    """
    home = Home(folder.absolute())
    if target is not None and target.exists():
        raise ConflictError(f"{target}: expected a new name for the dump, got a file that is there; choose another")
    goal = (target or home.dump).absolute()
    environ, programs, who = home.address(), programs_for(home.data), as_owner(home.folder)
    if not home.owner.lives():
        raise EmbeddedError(
            f"本机平台没有运行，请先启动 central-registry serve · {home.folder}: expected its registry to run, got "
            "none; start central-registry serve first"
        )
    if not goal.parent.is_dir():
        goal.parent.mkdir(mode=0o750)
        give(goal.parent, who)
    side = goal.with_name(f".{goal.name}.unfinished")
    side.unlink(missing_ok=True)
    os.close(os.open(side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # nobody else reads what pg_dump writes there
    run(programs / "pg_dump", ["--format=custom", f"--file={side}"], {}, **environ)
    run(programs / "pg_restore", ["--list", f"--file={os.devnull}", str(side)], {})  # it can be read back
    with side.open("rb+") as file:
        os.fsync(file.fileno())
    side.chmod(0o640)  # the agent's user is in the group of the folder
    give(side, who)
    side.replace(goal)
    return goal


def restore(folder: Path, source: Path) -> None:
    """Put a dump into the database of `folder`, which is made for it, or has nothing in it yet.

    Raises:
        ConflictError: there is something in it, or a registry runs on it.
        EmbeddedError: the dump is none, or it could not be put back; then nothing of it is there.
        ConfigError: as `OwnPostgres`.
    """
    home, source = Home(folder.absolute()), source.absolute()  # its programs run in a folder of their own
    if not source.is_file():
        raise EmbeddedError(f"{source}: expected a dump of a registry, got no file; check the path")
    programs = programs_for(home.data)
    run(programs / "pg_restore", ["--list", f"--file={os.devnull}", str(source)], {})
    asyncio.run(_restore(home, programs, source))


async def _restore(home: Home, programs: Path, source: Path) -> None:
    async with OwnPostgres(home.folder) as dsn:
        await _require_empty(dsn, home.folder)
        await _make_roles(dsn)
        words = ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname=postgres", str(source)]
        await asyncio.to_thread(run, programs / "pg_restore", words, {}, **home.address())


async def _make_roles(dsn: str) -> None:
    """What the dump grants, it grants to them."""
    async with await open_pool(dsn, 1) as pool:
        await in_transaction(pool, make_roles)


async def _require_empty(dsn: str, folder: Path) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    if tables:
        raise ConflictError(
            f"这里已经有数据，没有动它；请换一个空文件夹，或先把这个移走 · {folder}: expected an empty database to "
            f"restore into, got one with {tables} tables, which is as it was; move the folder away first"
        )


async def keep_dumping(folder: Path, every_h: float, *, wait: Wait = asyncio.sleep) -> None:
    """A dump at once and then every `every_h` hours, until cancelled. One that fails is logged and tried again."""
    while True:
        pause_s = every_h * 3600
        begun_s = time.monotonic()
        try:
            await asyncio.to_thread(dump, folder)
            _log.info("registry_dumped", took_s=round(time.monotonic() - begun_s, 1))
        except (AgentError, OSError) as cause:
            _log.warning("registry_dump_failed", why=str(cause))
            pause_s = min(pause_s, RETRY_S)
        await wait(pause_s)
