"""`central-registry serve` as a process, with one for scans: who says half a word, or nothing, keeps nobody waiting."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.kits.registry_kit import fresh_dsn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SO_REUSEPORT; serve says so")

STRANGERS, MOST = 30, 12
SETTINGS = f"""
[http]
scans_port = 0
connections_max = {MOST}
connections_per_address_max = {MOST}
header_timeout_s = 0.5
"""
DOOR_S = 8.0
"""Less than a header has where nobody says otherwise."""
HALF = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[list[str]]:
    """Where it says that it is: scans first, then the registry."""
    settings = folder / "registry.toml"
    settings.write_text(SETTINGS, "utf-8")
    words = ("serve", "--listen", "127.0.0.1:0", "--dsn", await fresh_dsn(), "--config", str(settings))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "central_registry", *words, "--workers", "1"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield [(await process.stdout.readline()).decode().split()[-1].removesuffix("/01/") for _ in range(2)]
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.costly
async def test_half_requests_and_silent_connections_keep_nobody_waiting(tmp_path: Path) -> None:
    async with serving(tmp_path) as addresses:
        for address in addresses:
            at = urlsplit(address)
            strangers = [await asyncio.open_connection(at.hostname, at.port) for _ in range(STRANGERS)]
            for begin, some in ((HALF, strangers[1::3]), (BODY, strangers[2::3])):
                for _, writer in some:
                    writer.write(begin)
            async with aiohttp.ClientSession() as http, http.get(f"{address}/readyz") as answer:
                assert answer.status == 200, "the house was full of people who said nothing"
            first = await asyncio.wait_for(strangers[0][0].read(), timeout=DOOR_S)
            assert first == b"", "who kept it waiting longest was shown the door for it"
            headers = [reader for n, (reader, _) in enumerate(strangers) if n and n % 3 != 2]
            ends = await asyncio.gather(*map(_end, headers))
            assert not any(said.startswith(b"HTTP/1.1 2") for said in ends), "a header has its time, and an end"
            for _, writer in strangers:
                writer.close()


async def _end(reader: asyncio.StreamReader) -> bytes:
    """The first words said to a connection before it was closed."""
    with contextlib.suppress(ConnectionError):
        return (await asyncio.wait_for(reader.read(), timeout=60))[:12]
    return b""
