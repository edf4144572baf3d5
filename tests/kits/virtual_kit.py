"""A virtual ZPL printer on a real port, a host on the other end of the line, and eyes for the tape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from edge_agent.errors import LinkDownError
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.media import Media
from edge_agent.printers.languages.contract import Query
from edge_agent.printers.languages.zpl import ZPL
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.contract import Transport
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions

ZPL_II = ZPL()
HS, HQES = ZPL_II.status_queries


def label(n: int) -> bytes:
    """A label whose ink tells its number, in its first row and in its last."""
    rows = bytearray(8 * 32)
    rows[0] = rows[-8] = n
    return ZPL_II.full_label(Bitmap(64, 32, bytes(rows)))


PREAMBLE = ZPL_II.preamble(Media(203, 64, 32))
REPRINTING = PREAMBLE.replace(b"^JZN", b"^JZY")


@asynccontextmanager
async def printer(
    tape: Path | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, **options: Any
) -> AsyncIterator[VirtualPrinter]:
    machine = VirtualPrinter(VirtualPrinterOptions(tape=tape, **{"control_port": None, **options}), sleep=sleep)
    await machine.start()
    try:
        yield machine
    finally:
        await machine.stop()


@asynccontextmanager
async def host(machine: VirtualPrinter) -> AsyncIterator[Transport]:
    transport = open_transport(f"tcp://127.0.0.1:{machine.port}", connect_timeout_s=2.0, write_timeout_s=0.1)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


async def ask(transport: Transport, query: Query[Any], timeout_s: float = 2.0) -> Any:
    """The answer, or None for silence."""
    await transport.write(query.request)
    buffer = b""
    while chunk := await transport.read(timeout_s):
        buffer += chunk
        if (parsed := query.parse(buffer)) is not None:
            return parsed[0]
    return None


def lines(tape: Path) -> list[tuple[int, str]]:
    rows = [json.loads(line) for line in (tape / "tape.jsonl").read_text().splitlines()]
    assert all(set(row) == {"n", "cause", "at"} for row in rows)
    return [(row["n"], row["cause"]) for row in rows]


def paper(tape: Path, n: int) -> tuple[int, int]:
    """What the first and the last row of label n say."""
    with Image.open(tape / f"{n:06d}.png") as picture:
        assert (picture.mode, picture.size) == ("1", (64, 32))
        rows = picture.tobytes()
    return rows[0] ^ 0xFF, rows[-8] ^ 0xFF


async def until_connected(machine: VirtualPrinter) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                async with host(machine):
                    return
            except LinkDownError:
                await asyncio.sleep(0.002)
