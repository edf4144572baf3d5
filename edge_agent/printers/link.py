"""The one place where a language meets a transport: questions become values, silence becomes None.

A link never retries a write, and never takes a late answer for a fresh one: after a silence it first listens the line
empty before it asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from edge_agent.errors import LinkBrokenError, ReplyError
from edge_agent.model import Observation, PrinterStatus
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, Language, Query
from edge_agent.printers.transports.contract import Transport
from edge_agent.proof import combine

T = TypeVar("T")


class Link:
    """One printer, spoken to.

    Args:
        reply_timeout_s: how long an answer may take before the question counts as unanswered.
        has_counter: False for a model whose profile says that it counts no labels.
    """

    def __init__(
        self, language: Language, transport: Transport, *, reply_timeout_s: float = 2.0, has_counter: bool = True
    ) -> None:
        self.language = language
        self.transport = transport
        self.reply_timeout_s = reply_timeout_s
        self.has_counter = has_counter
        self.connected = False
        self._late = False

    async def connect(self) -> None:
        """Open the transport; sends nothing. Raises LinkDownError."""
        await self.transport.open()
        self.connected = True
        self._late = False

    async def close(self) -> None:
        """Close; never raises."""
        self.connected = False
        await self.transport.close()

    async def send(self, data: bytes) -> None:
        """Hand bytes over; raises as `Transport.write`."""
        await self.transport.write(data)

    async def flush(self) -> None:
        """Go on with bytes that were blocked; raises as `Transport.flush`."""
        await self.transport.flush()

    async def ask(self, query: Query[T]) -> T | None:
        """The printer's answer, or None for silence.

        Raises:
            LinkBrokenError: the connection ended.
            ReplyError: the answer is complete and not in the language, or the line does not fall silent.
        """
        await self._listen_empty()
        await self.transport.write(query.request)
        deadline = asyncio.get_running_loop().time() + self.reply_timeout_s
        buffer = b""
        while (left_s := deadline - asyncio.get_running_loop().time()) > 0:
            chunk = await self.transport.read(left_s)
            buffer += chunk
            if len(buffer) > MAX_REPLY_BYTES:
                raise ReplyError(f"{query.name}: expected a reply of at most {MAX_REPLY_BYTES} bytes, got more")
            parsed = query.parse(buffer) if chunk else None
            if parsed is not None:
                return parsed[0]
        self._late = True
        return None

    async def _listen_empty(self) -> None:
        """Drop bytes nobody asked for. After a silence, await the late answer, so that it is not taken for the next."""
        wait_s = self.reply_timeout_s if self._late else 0.0
        dropped = 0
        while chunk := await self.transport.read(wait_s):
            dropped += len(chunk)
            if dropped > MAX_REPLY_BYTES:
                raise ReplyError(f"line: expected silence before a question, got {dropped} bytes; is it a printer?")
            wait_s = min(wait_s, 0.05)
        self._late = False

    async def status(self) -> PrinterStatus:
        """All status questions, combined; a garbled answer is worth as much as none."""
        return combine([await self._ask_leniently(query) for query in self.language.status_queries])

    async def _ask_leniently(self, query: Query[T]) -> T | None:
        try:
            return await self.ask(query)
        except ReplyError:
            return None

    async def observe(self, *, objects: bool = False) -> Observation:
        """Status, then counter and (if asked) stored objects; these only from a printer that is idle and well."""
        status = await self.status()
        calm = Observation(status)
        if not calm.quiet:
            return calm
        return Observation(status, await self._counter(), await self._objects() if objects else None)

    async def _counter(self) -> int | None:
        query = self.language.counter_query
        return await self._ask_leniently(query) if query and self.has_counter else None

    async def _objects(self) -> Mapping[str, int | None] | None:
        query = self.language.objects_query()
        return await self._ask_leniently(query) if query else None

    async def identity(self) -> str | None:
        """Model and firmware by the printer's own word, or None."""
        query = self.language.identity_query
        return await self._ask_leniently(query) if query else None

    async def cancel(self) -> None:
        """Tell the printer to drop what it still holds. A link that cannot carry it any more is closed instead."""
        try:
            await self.send(self.language.cancel())
        except LinkBrokenError:
            await self.close()
