"""Holds an agent's question for news open until there is some, without a connection to the database meanwhile.

One look a second for all agents of a process finds what any process put; what this process put it is told at once. Who
is woken asks again as if it had just come.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from central_registry.db import DatabaseError, Pool, sql, told
from central_registry.distribution.items import EVERYBODY

LOOK_S = 1.0
WAIT_MOST_S = 25
"""Proxies give up an answer that takes half a minute."""


@dataclass(slots=True)
class News:
    """`seen`: the number up to which waiting agents were woken; `ended`: nobody waits any more."""

    pool: Pool
    look_s: float = LOOK_S
    waiting: dict[str, set[asyncio.Event]] = field(default_factory=dict)
    seen: int | None = None
    ended: bool = False
    put_here: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.contextmanager
    def listening(self, agent: str) -> Iterator[asyncio.Event]:
        """An event that is set when something may have come for `agent`: listened to before looking, nothing slips
        through between."""
        woken = asyncio.Event()
        self.waiting.setdefault(agent, set()).add(woken)
        try:
            yield woken
        finally:
            self.waiting[agent].discard(woken)
            if not self.waiting[agent]:
                del self.waiting[agent]

    def tell(self) -> None:
        """Something was put by this process: look now."""
        self.put_here.set()

    def end(self) -> None:
        """Let everybody go, and nobody wait any more: the service ends."""
        self.ended = True
        self._wake(list(self.waiting))

    async def keep_looking(self) -> None:
        """Look for what is new, for as long as the service runs; a database that is away is asked again."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.look_s):
                    await self.put_here.wait()
            self.put_here.clear()
            with contextlib.suppress(DatabaseError), told():
                await self.look()

    async def look(self) -> None:
        """Wake those who have news since the last look; what is everybody's wakes all. While nobody waits, nothing is
        asked."""
        if not self.waiting:
            self.seen = None
            return
        newest = int(await sql.newest_fed(self.pool))
        if self.seen is None:
            self._wake(list(self.waiting))
        elif newest != self.seen:
            agents = [row["agent"] async for row in sql.fed_since(self.pool, after=self.seen)]
            self._wake(list(self.waiting) if EVERYBODY in agents else agents)
        self.seen = newest

    def _wake(self, agents: Sequence[str]) -> None:
        for agent in agents:
            for woken in self.waiting.get(agent, ()):
                woken.set()
