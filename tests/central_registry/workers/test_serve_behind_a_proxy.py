"""The real `serve` with a scan worker: whose word about an address is believed is what the configuration names."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from tests.kits.registry_kit import fresh_dsn

pytestmark = [
    pytest.mark.costly,
    pytest.mark.skipif(sys.platform == "win32", reason="no SO_REUSEPORT; serve says so"),
]
PROGRAM = (sys.executable, "-m", "central_registry")
SETTINGS = """[http]
scans_port = 0
proxies = ["127.0.0.2"]
"""
SOON = aiohttp.ClientTimeout(total=10)


@contextlib.asynccontextmanager
async def _serving(folder: Path) -> AsyncIterator[URL]:
    """The address of the registry."""
    config = folder / "registry.toml"
    config.write_text(SETTINGS, "utf-8")
    words = ("serve", "--dsn", await fresh_dsn(), "--listen", "127.0.0.1:0", "--config", str(config), "--workers", "1")
    server = await asyncio.create_subprocess_exec(*PROGRAM, *words, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    try:
        _, registry = [(await server.stdout.readline()).decode().split()[-1] for _ in range(2)]
        yield URL(registry)
    finally:
        server.terminate()
        await server.wait()


async def _tries(at: URL, whose: str, came_from: str, count: int) -> set[int]:
    """Wrong log-ins of so many names, one after the other."""
    found = set()
    connector = aiohttp.TCPConnector(local_addr=(came_from, 0))
    async with aiohttp.ClientSession(timeout=SOON, connector=connector) as http:
        for n in range(count):
            body = json.dumps({"login": f"{came_from}-{whose}-{n}", "password": "wrong password"})
            headers = {"X-Forwarded-For": whose, "Content-Type": "application/json"}
            async with http.post(at / "v1/admin/login", data=body, headers=headers) as answer:
                found.add(answer.status)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is of this computer on Linux alone")
async def test_only_the_named_proxy_says_whose_address_it_is(tmp_path: Path) -> None:
    async with _serving(tmp_path) as registry:
        assert await _tries(registry, "203.0.113.7", "127.0.0.1", 33) == {401}, "no proxy: its word counts for nobody"
        assert await _tries(registry, "203.0.113.7", "127.0.0.2", 28) == {401}, "not yet counted"
        assert 429 in await _tries(registry, "203.0.113.7", "127.0.0.2", 6)
        assert await _tries(registry, "203.0.113.8", "127.0.0.2", 1) == {401}, "another behind the same proxy"
