"""The registry as a process of its own on its own PostgreSQL, killed in either part and started again."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg  # type: ignore[import-untyped]
import psutil  # type: ignore[import-untyped]
from yarl import URL

from central_registry.here import dumps
from central_registry.here.postgres import Home
from tests.kits.own_registry_kit import new_data, own_folder
from tests.kits.registry_kit import Registry
from tests.product.month.registry import SharedClock

ROOT = Path(__file__).resolve().parents[3]
REGISTRY, DATABASE = "registry", "database"
"""What can be killed."""
_TRIES, _READY_S, _END_S, _STEP_S = 10, 120.0, 60.0, 0.05


class Away:
    """Asks a registry elsewhere as `TestClient` asks one that is here."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._base, self.session = URL(url), session

    def make_url(self, path: str) -> URL:
        return self._base.join(URL(path)) if path else self._base

    def request(self, method: str, path: str, **more: Any) -> Any:
        return self.session.request(method, self.make_url(path), **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> Any:
        return self.request("POST", path, **more)


class Stand:
    """`registry` is as in `registry_kit`: its `pool` is the database owner's, its `http` asks the process."""

    def __init__(self, data: Path, session: aiohttp.ClientSession) -> None:
        port = _free_port()
        self._data, self._config = data, data.with_suffix(".toml")
        self._clock_file, self._log = data.with_suffix(".clock"), data.with_suffix(".log")
        self.clock = SharedClock(self._clock_file)
        self._config.write_text(
            f'[database]\ndata = "{data.as_posix()}"\ndump_every_h = 0\n[http]\nport = {port}\n', encoding="utf-8"
        )
        self.registry = Registry(None, Away(f"http://127.0.0.1:{port}/", session))  # type: ignore[arg-type]
        self._process: subprocess.Popen[bytes] | None = None
        self._pools: list[Any] = []
        self._dump = data
        self.restarts = 0

    async def start(self) -> None:
        """As a service manager does: again, until it is up."""
        for _ in range(_TRIES):
            self.restarts += 1
            if await self._started():
                self.registry.pool = await asyncpg.create_pool(Home(self._data).dsn(), min_size=0, max_size=4)
                self._pools.append(self.registry.pool)
                return
        raise AssertionError(f"it did not start in {_TRIES} tries: {self.log()}")

    async def _started(self) -> bool:
        """What it says goes to a file: its database would keep a pipe open when it is gone."""
        words = [sys.executable, "-m", "tests.product.month.registry", str(self._config), str(self._clock_file)]
        with self._log.open("ab") as log:  # what is left of its database may still be writing
            before = log.tell()
            self._process = subprocess.Popen(words, stdout=log, stderr=log, cwd=ROOT)
        async with asyncio.timeout(_READY_S):
            while b"registry at http://" not in self._log.read_bytes()[before:]:
                if self._process.poll() is not None:
                    return False
                await asyncio.sleep(_STEP_S)
        return True

    async def kill(self, what: str) -> None:
        """No handler, no flush, no goodbye; without its database the registry ends by itself."""
        assert self._process is not None
        if what == REGISTRY:
            self._process.kill()
        else:
            self._postmaster().kill()
        await asyncio.to_thread(self._process.wait, _END_S)

    async def dump(self) -> None:
        """As the registry does it every few hours."""
        self._dump = await asyncio.to_thread(dumps.dump, self._data)
        self._dump = Path(shutil.copyfile(self._dump, self._data.with_suffix(".dump")))

    async def put_back(self) -> None:
        """As a person does it after a disk failed: an empty folder, the dump into it, and the registry is started."""
        assert self._process is not None
        self._process.terminate()
        await asyncio.to_thread(self._process.wait, _END_S)
        shutil.rmtree(self._data)
        new_data(self._data.parent, self._data.name)
        await asyncio.to_thread(dumps.restore, self._data, self._dump)
        await self.start()

    async def stop(self) -> None:
        for pool in self._pools:
            pool.terminate()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, _END_S)
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            self._postmaster().kill()  # of a registry that was killed last

    def log(self) -> str:
        """The last that the program said."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2_000:]

    def _postmaster(self) -> psutil.Process:
        lines = (Home(self._data).data / "postmaster.pid").read_text("utf-8").splitlines()
        return psutil.Process(int(lines[0]))


@contextlib.asynccontextmanager
async def a_stand() -> AsyncIterator[Stand]:
    """It runs until the block ends."""
    with own_folder() as data:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            stand = Stand(data, session)
            try:
                await stand.start()
                yield stand
            finally:
                await stand.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
