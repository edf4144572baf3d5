"""A question for news that stands open, what each request says of the agent, and what is heard of the time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from edge_agent import __version__
from edge_agent.errors import RegistryAwayError
from edge_agent.ledger import Ledger
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.sync.listen import HOLD_S, Listener
from edge_agent.sync.pump import PumpSettings, wait_for_ring
from label_protocol.answers import Distribution
from tests.edge_agent.sync.test_pump import Moody, pumping
from tests.kits.sync_kit import MemoryRegistry

ITEM = {"kind": "allotment", "quota_key": "lot:L9", "quantity": 7, "spoilage_permille": 30}


class Holding(Moody):
    """Holds a question until there is something; `held` says that one stands open."""

    def __init__(self) -> None:
        super().__init__()
        self.held, self.some = asyncio.Event(), asyncio.Event()

    async def distribution(self, after: str | None, hold_s: int = 0) -> Distribution:
        found = await super().distribution(after)
        if hold_s and not found.items:
            self.held.set()
            await self.some.wait()
        return await super().distribution(after)


async def test_an_allotment_is_here_as_soon_as_it_is_given(tmp_path: Path) -> None:
    client = Holding()
    settings = PumpSettings(idle_s=86_400, gap_s=0.0)
    async with pumping(tmp_path, client, wait=wait_for_ring, settings=settings) as (pump, thread):
        running = asyncio.create_task(pump.run())
        async with asyncio.timeout(20):
            await client.held.wait()
            client.items.append(ITEM)
            client.some.set()
            while (await thread.do(Ledger.quota, "lot:L9")).free < 7:
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_registry_that_cannot_hold_is_not_asked_in_circles(tmp_path: Path) -> None:
    client, now_s, rung = Moody(), [0.0], list[int]()
    async with pumping(tmp_path, client) as (pump, thread):
        await pump.turn()
        client.fed = 0
        listener = Listener(thread, client, lambda: rung.append(1), lambda: now_s[0])
        running = asyncio.create_task(listener.run())
        for at_s in (0.0, 30.0, 599.0, 600.0, 630.0):
            now_s[0] = at_s
            listener.turned(answered=True)
            for _ in range(200):
                await asyncio.sleep(0)
            await thread.do(Ledger.head)
        assert client.fed == 2 and not rung
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_registry_that_does_not_answer_is_left_to_the_pump(tmp_path: Path) -> None:
    class Away(MemoryRegistry):
        asked = 0

        async def distribution(self, after: str | None, hold_s: int = 0) -> Distribution:
            self.asked += 1
            raise RegistryAwayError("no route")

    client = Away()
    async with pumping(tmp_path, client) as (_, thread):
        listener = Listener(thread, client, lambda: None)
        running = asyncio.create_task(listener.run())
        listener.turned(answered=False)
        listener.turned(answered=True)
        while not client.asked:
            await asyncio.sleep(0)
        for _ in range(200):
            await asyncio.sleep(0)
        assert client.asked == 1
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_each_request_says_what_the_agent_understands_and_hears_the_time() -> None:
    asked: list[tuple[str | None, str | None, str | None]] = []

    async def feed(request: web.Request) -> web.Response:
        said = request.headers
        asked.append((said.get("X-Agent-Can"), said.get("X-Agent-Version"), request.query.get("wait")))
        body = {"epoch": "e1", "cursor": "e1:0", "items": []}
        return web.json_response(body, headers={"Date": "Thu, 14 Jan 2027 00:00:05 GMT"})

    app = web.Application()
    app.router.add_get("/v1/agents/a/feed", feed)
    async with TestServer(app) as server:
        client = HttpRegistry(str(server.make_url("/")), "a", "s")
        assert client.heard_at == ""
        await client.distribution(None)
        await client.distribution("e1:0", HOLD_S)
        assert client.heard_at == "2027-01-14T00:00:05.000Z"
        await client.close()
    said = ("certificates, leases, firms, digests", __version__)
    assert asked == [(*said, None), (*said, "25")]


async def test_a_lease_that_ended_offline_is_closed_at_the_contact_and_told(tmp_path: Path) -> None:
    client = Moody()
    client.items = [{"kind": "lease", "quota_key": "lot:L1", "until": "2026-11-21T00:00:00Z", "warn_days": 7}]
    async with pumping(tmp_path, client) as (pump, thread):
        await pump.turn()
        client.heard_at = "2026-11-20T10:00:00.000Z"
        await pump.turn()
        assert not _told(client, "lease_closed")
        client.heard_at = "2026-11-21T00:00:01.000Z"
        for _ in range(4):
            await pump.turn()
        (closed,) = _told(client, "lease_closed")
        assert (closed["quota_key"], closed["unused"]) == ("lot:L1", 1_000)
        assert not (await thread.do(Ledger.quota, "lot:L1")).free


async def test_a_lease_that_was_renewed_meanwhile_is_not_closed(tmp_path: Path) -> None:
    client = Moody()
    client.items = [{"kind": "lease", "quota_key": "lot:L1", "until": "2026-11-21T00:00:00Z", "warn_days": 7}]
    async with pumping(tmp_path, client) as (pump, thread):
        await pump.turn()
        client.items.append({"kind": "lease", "quota_key": "lot:L1", "until": "2027-01-05T00:00:00Z", "warn_days": 7})
        client.heard_at = "2026-11-22T00:00:01.000Z"
        for _ in range(3):
            await pump.turn()
        assert not _told(client, "lease_closed")
        assert (await thread.do(Ledger.quota, "lot:L1")).free == 1_000


def _told(client: MemoryRegistry, kind: str) -> list[dict[str, Any]]:
    return [event for life in client.lives.values() for event, _ in life if event["type"] == kind]
