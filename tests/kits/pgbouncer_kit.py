"""A pgbouncer before a registry's database, in transaction mode: the program that set-up found or brought."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg  # type: ignore[import-untyped]

from central_registry.fence.policies import Role
from central_registry.fence.roles import Logins
from central_registry.here.postgres import as_owner
from tests.kits.own_registry_kit import own_folder

NOTED = Path(sys.prefix) / "pgbouncer.path"
"""Written by `make setup`; a pgbouncer that only happens to be on this computer is not tried."""
_READY_S = 20.0
_SERVER_CONNECTIONS = 4
_CONFIG = """[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {most}
"""


@contextlib.asynccontextmanager
async def through_pgbouncer(logins: Logins) -> AsyncIterator[Logins]:
    """The same logins, each role's by way of a pgbouncer that has few connections to the server."""
    with own_folder() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        config = _configured(folder, logins, port)
        who = as_owner(Path(_server(logins)["host"][0]))  # nobody else reaches the server's socket
        with subprocess.Popen(
            [NOTED.read_text("utf-8"), "-q", str(config)], stderr=subprocess.DEVNULL, cwd=folder, **who
        ) as process:
            try:
                found = {role: _leading_to(dsn, port) for role, dsn in logins.roles.items()}
                await _until_it_answers(found[Role.READER])
                yield Logins(logins.owner, found)
            finally:
                process.terminate()


def _configured(folder: Path, logins: Logins, port: int) -> Path:
    server = _server(logins)
    users, config = folder / "users.txt", folder / "pgbouncer.ini"
    named = [urlsplit(dsn) for dsn in logins.roles.values()]
    words = [f'"{unquote(one.username or "")}" "{unquote(one.password or "")}"' for one in named]
    users.write_text("\n".join(words) + "\n", encoding="utf-8")
    where = {"host": server["host"][0], "port": server.get("port", ["5432"])[0]}
    config.write_text(_CONFIG.format(**where, listen=port, users=users, most=_SERVER_CONNECTIONS), encoding="utf-8")
    return config


def _server(logins: Logins) -> dict[str, list[str]]:
    return parse_qs(urlsplit(logins.owner).query)


def _leading_to(dsn: str, port: int) -> str:
    one = urlsplit(dsn)
    return f"postgresql://{one.username}:{one.password}@127.0.0.1:{port}{one.path}"


async def _until_it_answers(dsn: str) -> None:
    async with asyncio.timeout(_READY_S):
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError):
                await (await asyncpg.connect(dsn, statement_cache_size=0)).close()
                return
            await asyncio.sleep(0.05)
