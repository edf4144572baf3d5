"""An old agent, as a forger or the last release has one: events written by hand, and nothing said of what it can.

It asks and tells without `X-Agent-Can`, so it is sent no certificate and asks no rule C1 before it prints.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp

from edge_agent.demo.association.desk import asked
from label_protocol import chain, wire
from label_protocol.codes.serial import new_serial
from label_protocol.events import EventType

_TEMPLATE = {"name": "down_grade_60x40", "version": 1, "kind": "down_grade"}


class OldAgent:
    """One history, from its first event to the last that was told."""

    def __init__(self, session: aiohttp.ClientSession, url: str, enrolment: Mapping[str, str]) -> None:
        self.agent = enrolment["agent"]
        self.told: list[str] = []
        self._session, self._url = session, f"{url}/v1/agents/{self.agent}"
        self._issuer = enrolment["issuer"]
        self._head = {"Authorization": f"Bearer {enrolment['secret']}"}
        self._incarnation = secrets.token_hex(16)
        self._last, self._seq = chain.GENESIS, 0
        self._bodies: list[bytes] = []
        self._snapshots: dict[str, bytes] = {}

    async def key(self) -> str:
        """The quota key of its one allotment, as the feed tells it."""
        feed = await asked(self._session, "GET", f"{self._url}/feed", headers=self._head)
        return str(next(item["quota_key"] for item in feed["items"] if item["kind"] == "allotment"))

    async def print(self, record: Mapping[str, Any], key: str, count: int) -> list[str]:
        """Tell of `count` labels with these facts as printed; their serials. Raises RegistryRefusedError."""
        serials = [new_serial(self._issuer, secrets.token_bytes) for _ in range(count)]
        window = {"window": secrets.token_hex(8)}
        self._event(EventType.WINDOW_SENDING, **window, **self._sent(record), quota_key=key, serials=serials)
        self._event(EventType.WINDOW_PRINTED, **window, level="counter", evidence={}, counts_as="printed")
        await self._tell()
        self.told += serials
        return serials

    def begin(self) -> None:
        """The first event of the history."""
        self._event(EventType.INCARNATION_BEGAN, parent=None, reason="first", fingerprint=secrets.token_hex(8))

    def _sent(self, record: Mapping[str, Any]) -> dict[str, Any]:
        snapshot = {"snapshot": 1, **record, "template": _TEMPLATE, "rules": {}}
        name = chain.address(snapshot)
        self._snapshots[name] = chain.canonical(snapshot)
        goods = {"gtin": record["product"]["gtin"], "lot_no": record["lot"]["lot_no"]}
        return {"job": "j1", "printer": "p1", "snapshot": name, **goods, "replaces": {}, "counter": None}

    def _event(self, kind: str, **fields: Any) -> None:
        place = {"incarnation": self._incarnation, "seq": self._seq + len(self._bodies) + 1}
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._bodies.append(chain.canonical({**place, "at": at, "type": kind, **fields}))

    async def _tell(self) -> None:
        batch = wire.pack_batch(self._incarnation, self._seq + 1, self._last, self._bodies, self._snapshots)
        head = {**self._head, "Content-Type": "application/json", "Content-Encoding": "gzip"}
        await asked(self._session, "POST", f"{self._url}/events", data=batch, headers=head)
        for body in self._bodies:
            self._last = chain.link(self._last, body)
        self._seq, self._bodies = self._seq + len(self._bodies), []


async def enrolled(session: aiohttp.ClientSession, url: str, name: str, token: str) -> OldAgent:
    """Spend a one-time token. Raises RegistryRefusedError."""
    order = {"token": token, "name": name, "fingerprint": secrets.token_hex(8)}
    found = OldAgent(session, url, await asked(session, "POST", f"{url}/v1/enrol", json=order))
    found.begin()
    return found
