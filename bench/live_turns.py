"""Live turns of agents: each tells a window as it was printed and asks for news, one after the other.

`central-registry serve` as a process of its own, 16 agents at once over kept connections. The peer is the registry's
own processor: what one core could take if it did nothing else.

    python -m bench.live_turns
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

import aiohttp
import psutil

from bench.kit import Row, asked, prepared
from bench.scan_under_load import LOT, Agent, enrolled, serving, window
from central_registry import db
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots
from label_protocol import chain, wire

AGENTS = 16
ASKED = 600


def rows(*, full: bool = False) -> list[Row]:
    """Turns a second."""
    turns, of_a_core = asyncio.run(measure(10.0 if full else 4.0))
    what = f"registry: live turns, {AGENTS} agents"
    return [
        asked(what, turns, "turns/s", ASKED),
        Row(f"{what}, by the clock", turns, "turns/s", "a core of its own", of_a_core),
    ]


async def measure(length_s: float) -> tuple[float, float]:
    """Turns a second, and turns a second of the service's own processor time."""
    async with EmbeddedPostgres(durable=True) as dsn, serving(dsn) as http, await db.connect(dsn) as pool:
        lot = {
            "product": {"style_no": "YR2026-0801", "gtin": "06901234567892"},
            "lot": {"lot_no": LOT, "quantity": 10**9},
        }
        await import_lots(pool, [lot])
        agents = [await enrolled(http, pool, number) for number in range(AGENTS)]
        server = next(one for one in psutil.Process().children(recursive=True) if "serve" in one.cmdline())
        spent_s, ends = sum(server.cpu_times()[:2]), time.perf_counter() + length_s
        turns = sum(await asyncio.gather(*(_turns(http, agent, ends) for agent in agents)))
        spent_s = sum(server.cpu_times()[:2]) - spent_s
    return turns / length_s, turns / spent_s


async def _turns(http: aiohttp.ClientSession, agent: Agent, ends: float) -> int:
    snapshot = dict(prepared().snapshot)
    name, body = chain.address(snapshot), chain.canonical(snapshot)
    incarnation, head, seq, cursor, turns = secrets.token_hex(16), chain.GENESIS, 0, "", 0
    headers = {"Authorization": f"Bearer {agent.secret}", "Content-Type": "application/json"}
    while time.perf_counter() < ends:
        told: list[tuple[str, dict[str, Any]]] = [] if seq else [("incarnation_began", dict(_BEGAN))]
        told += window(agent, name)
        before, bodies = head, []
        for kind, fields in told:
            event = {"incarnation": incarnation, "seq": seq + len(bodies) + 1, "at": "2026-11-20T09:15:03.120Z"}
            bodies.append(chain.canonical({**event, "type": kind, **fields}))
            head = chain.link(head, bodies[-1])
        packed = wire.pack_batch(incarnation, seq + 1, before, bodies, {} if seq else {name: body})
        zipped = {**headers, "Content-Encoding": "gzip"}
        async with http.post(f"/v1/agents/{agent.name}/events", data=packed, headers=zipped) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        async with http.get(f"/v1/agents/{agent.name}/feed", params={"after": cursor}, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            cursor = (await answer.json())["cursor"]
        seq += len(bodies)
        turns += 1
    return turns


_BEGAN = {"parent": None, "reason": "first", "fingerprint": "bench"}


def main() -> None:
    """Print the table's row."""
    for row in rows():
        print(f"{row.what:40} {row.ours:>8,.0f} {row.unit}   {row.peer} {row.theirs:,.0f}")


if __name__ == "__main__":
    main()
