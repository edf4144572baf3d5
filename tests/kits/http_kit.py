"""Applications served as the programs serve them, and requests of which every byte is ours."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from label_protocol.http_limits import LimitedRunner, Limits

WAIT_S = 10.0
"""How long a test waits for what must come; more means that it will not come."""


class Served(TestServer):
    """A test server behind the limits of both programs."""

    __test__ = False

    def __init__(self, app: web.Application, limits: Limits | None = None) -> None:
        super().__init__(app)
        self._limits = limits
        self.lines: list[Line] = []

    async def _make_runner(self, **more: Any) -> LimitedRunner:
        return LimitedRunner(self.app, self._limits, **more)

    async def close(self) -> None:
        for line in self.lines:
            await line.close()
        await super().close()

    @property
    def guests(self) -> int:
        """Connections that are counted now."""
        assert self.runner is not None
        return len(self.runner.server.guests)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Answer:
    """Status 0: the connection ended without an answer."""

    status: int
    head: str
    body: bytes


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, server: Served) -> Line:
        line = cls(*await asyncio.open_connection("127.0.0.1", server.port))
        server.lines.append(line)
        return line

    async def send(self, data: bytes) -> Line:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:  # what was said before may still be there to read
            pass
        return self

    async def answer(self) -> Answer:
        try:
            async with asyncio.timeout(WAIT_S):
                return await self._answer()
        except (ConnectionError, asyncio.IncompleteReadError):
            return Answer(0, "", b"")

    async def _answer(self) -> Answer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        length = fields.get("content-length")
        body = await self._reader.readexactly(int(length)) if length else b""
        return Answer(int(head.split(" ")[1]), head, body)

    async def ended(self) -> bool:
        """Waits until the other side has closed."""
        try:
            async with asyncio.timeout(WAIT_S):
                return await self._reader.read() == b""
        except ConnectionError:
            return True

    def rest(self) -> bytes:
        """What has come and was not read yet."""
        return bytes(self._reader._buffer)  # type: ignore[attr-defined]

    def gone(self) -> bool:
        return self._reader.at_eof() or self._reader.exception() is not None

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


async def said(server: Served, data: bytes) -> Answer:
    """What comes back for these bytes."""
    line = await Line.to(server)
    try:
        return await (await line.send(data)).answer()
    finally:
        await line.close()


def request(method: str, path: str | bytes, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire; `_` in a header's name is written `-`."""
    target = path.encode() if isinstance(path, str) else path
    named = {"Host": "127.0.0.1", "Content-Length": str(len(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [method.encode() + b" " + target + b" HTTP/1.1"]
    lines += [f"{name}: {value}".encode() for name, value in named.items()]
    return b"\r\n".join([*lines, b"", body])
