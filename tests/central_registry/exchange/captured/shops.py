"""A firm, a shop that buys of it, a false shop, each with a key; and garments that the firm's agent labelled."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.exchange import keys
from central_registry.exchange.keys import Right
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.central_registry.exchange.epcis.vectors import CONTEXT, document
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, Edge, Registry, garment

GTIN = "06901234567892"


@dataclass
class Shops:
    """Keys open all but codes' verification, for which `marketplace`'s is."""

    registry: Registry
    edge: Edge
    firm: str
    shop: str
    officer: Actor
    clerk: str
    keys: dict[str, str]
    serials: list[str]

    def code(self, place: int = 0) -> str:
        return f"https://id.gs1.org/01/{GTIN}/21/{self.serials[place]}"

    def head(self, who: str, **more: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.keys[who]}", "Content-Type": "application/json", **named}

    async def send(self, who: str, body: str | bytes, path: str = "capture", **more: str) -> Any:
        data = io.BytesIO(body.encode() if isinstance(body, str) else body)
        return await self.registry.http.post(f"/v1/epcis/{path}", data=data, headers=self.head(who, **more))

    async def capture(self, who: str, *events: dict[str, Any], **more: str) -> Any:
        """The job of a capture that was taken."""
        answer = await self.send(who, document(*events), **more)
        assert answer.status == 202, await answer.text()
        return (await self.get(who, answer.headers["Location"].removeprefix("/v1/epcis/")))[1]

    async def get(self, who: str, path: str, **query: str) -> tuple[int, Any]:
        answer = await self.registry.http.get(f"/v1/epcis/{path}", params=query, headers=self.head(who))
        return answer.status, json.loads(await answer.text() or "null")

    async def events(self, who: str, **query: str) -> list[dict[str, Any]]:
        status, found = await self.get(who, "events", **query)
        assert status == 200, found
        listed: list[dict[str, Any]] = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        return listed

    async def place(self, unit: str) -> Any:
        head = {"Authorization": f"Bearer {self.clerk}"}
        return await (await self.registry.http.get(f"/v1/admin/place/{unit}", headers=head)).json()


async def opened(registry: Registry) -> Shops:
    """Three garments of the firm's."""
    pool = registry.pool
    association = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
    firm = await add_party(pool, PartyKind.FIRM, "示例甲", of=association)
    shop, false = [
        await add_party(pool, PartyKind.MARKETPLACE, name, of=association) for name in ("示例商城", "示例假店")
    ]
    officer = await add_person(pool, association, Role.OFFICER)
    await in_transaction(
        pool, lambda c: items.put_goods(c, firm, [{"kind": "lot", "lot_no": "L1", "record": garment("L1")}], AT)
    )
    quota = await pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", firm)
    edge = await registry.enrolled(f"line-{firm}", f"machine of {firm}")
    await pool.execute("UPDATE agent SET owner = $1, association = $2 WHERE agent = $3", firm, association, edge.agent)
    await pool.execute("INSERT INTO agent_firm VALUES ($1, $2, $3)", edge.agent, firm, AT)
    allotted = {"kind": "allotment", "quota_key": quota, "quantity": 5000}
    await in_transaction(pool, lambda c: items.put(c, edge.agent, allotted))
    edge.begin()
    serials = edge.serials(3)
    edge.printed(serials, quota_key=quota)
    await edge.send(1)
    given = {}
    for name, party in (("firm", firm), ("shop", shop), ("false", false)):
        rights = (Right.CAPTURE, Right.QUERY)
        made = await keys.make(pool, officer, party, AT, days=30, per_minute=50_000, rights=rights)
        given[name] = made.key
    given["marketplace"] = (await keys.make(pool, officer, shop, AT, days=30, per_minute=100)).key
    clerk = await token_of(pool, await add_person(pool, firm, Role.OFFICER))
    return Shops(registry, edge, firm, shop, officer, clerk, given, serials)


def event(step: str, *codes: str, **more: Any) -> dict[str, Any]:
    """An observation of these codes."""
    return {
        "type": "ObjectEvent", "action": "OBSERVE", "bizStep": step, "epcList": list(codes),
        "eventTime": "2026-11-20T09:00:00Z", "eventTimeZoneOffset": "+08:00", **more,
    }  # fmt: skip


def alone(told: dict[str, Any]) -> str:
    """A single event as `POST /v1/epcis/events` takes it."""
    return json.dumps({"@context": CONTEXT, **told})
