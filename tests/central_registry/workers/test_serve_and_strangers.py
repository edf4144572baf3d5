"""The real `serve` with its scan workers: who connects and says nothing, or little at a time, stops nobody else; whose
address is believed is what the configuration names."""

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
connections_max = 40
connections_per_address_max = 20
header_timeout_s = 1.0
proxies = ["127.0.0.2"]
"""
SOON = aiohttp.ClientTimeout(total=10)


@contextlib.asynccontextmanager
async def _serving(folder: Path) -> AsyncIterator[tuple[URL, URL]]:
    """The addresses of the registry and of its scan workers."""
    config = folder / "registry.toml"
    config.write_text(SETTINGS, "utf-8")
    words = ("serve", "--dsn", await fresh_dsn(), "--listen", "127.0.0.1:0", "--config", str(config), "--workers", "2")
    server = await asyncio.create_subprocess_exec(*PROGRAM, *words, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    try:
        scans, registry = [(await server.stdout.readline()).decode().split()[-1] for _ in range(2)]
        yield URL(registry), URL(scans).origin()
    finally:
        server.terminate()
        await server.wait()


async def _strangers(at: URL, begin: bytes, count: int, stack: contextlib.AsyncExitStack) -> list[asyncio.StreamReader]:
    """Connections that send so much and then a byte now and then."""
    found = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection(at.host, at.port)
        writer.write(begin)
        stack.callback(writer.close)
        trickle = asyncio.create_task(_trickle(writer))
        stack.callback(trickle.cancel)
        found.append(reader)
    return found


async def _trickle(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while True:
            await asyncio.sleep(0.3)
            writer.write(b"x")
            await writer.drain()


HEADER = b"GET /readyz HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"


async def test_who_is_slow_or_silent_stops_nobody(tmp_path: Path) -> None:
    """Far more of them than one address may have: a newcomer is let in all the same, at both doors."""
    async with _serving(tmp_path) as doors, contextlib.AsyncExitStack() as stack:
        slow = []
        for at in doors:
            for begin in (b"", HEADER, BODY):
                slow += await _strangers(at, begin, 15, stack)
        async with aiohttp.ClientSession(timeout=SOON) as http:
            for at in doors * 3:
                async with http.get(at / "readyz", headers={"Connection": "close"}) as answer:
                    assert answer.status == 200, at
        headers = slow[15:30]
        async with asyncio.timeout(15):
            ended = await asyncio.gather(*(reader.read(-1) for reader in headers), return_exceptions=True)
        assert len(ended) == 15, "a header has its time, however steadily it comes"


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
    async with _serving(tmp_path) as (registry, _):
        assert await _tries(registry, "203.0.113.7", "127.0.0.1", 33) == {401}, "no proxy: its word counts for nobody"
        assert await _tries(registry, "203.0.113.7", "127.0.0.2", 28) == {401}, "not yet counted"
        assert 429 in await _tries(registry, "203.0.113.7", "127.0.0.2", 6)
        assert await _tries(registry, "203.0.113.8", "127.0.0.2", 1) == {401}, "another behind the same proxy"
