"""A site that has named its people: a lead, an operator, IT and a program of each scope, and a clock that is told."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from edge_agent.access import codes, pins
from edge_agent.access.people import People, PeopleTerms
from edge_agent.access.roles import Role, Scope
from edge_agent.access.store import PeopleStore, Person
from edge_agent.service.agent_service import AgentService
from edge_agent.web.api import build_web
from tests.kits.service_kit import a_service

PIN = "271828"
WRONG = "314159"
_HASH = pins.hashed(PIN)
"""Hashed once: thirty milliseconds."""

NAMES = {Role.LEAD: "示例班长", Role.OPERATOR: "示例操作员", Role.IT: "示例技术员"}


@dataclass
class Watch:
    """Unix time that stands still until it is told."""

    now_s: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Site:
    """The service, its file of people, the badge and person of each role, the token of each scope."""

    service: AgentService
    store: PeopleStore
    watch: Watch
    people: dict[Role, Person] = field(default_factory=dict)
    badges: dict[Role, str] = field(default_factory=dict)
    tokens: dict[Scope, str] = field(default_factory=dict)

    def add(self, role: Role, name: str, pin: str | None) -> str:
        """Somebody more; returns the badge."""
        person, badge = self.store.add(name, role, pin), codes.new_badge(os.urandom)
        self.store.new_badge(person.id, codes.digest(badge))
        self.people.setdefault(role, person)
        return badge

    def hire(self) -> None:
        """One of each role; the operator has no PIN."""
        for role, name in NAMES.items():
            self.badges[role] = self.add(role, name, None if role is Role.OPERATOR else _HASH)
        for scope in Scope:
            self.tokens[scope] = codes.new_secret(os.urandom)
            if scope is not Scope.LOCAL:
                self.store.add_program(scope.value, frozenset({scope}), codes.digest(self.tokens[scope]))
        parts = self.service.parts
        local = codes.digest(self.tokens[Scope.LOCAL])
        parts.people = People(parts.catalog, parts.people.terms, local=local, now_s=self.watch)


@asynccontextmanager
async def a_site(folder: Path, *, hired: bool = True, **terms: Any) -> AsyncIterator[Site]:
    """A real service on a real ledger, with people. `terms`: as `PeopleTerms`."""
    async with a_service(folder) as service:
        watch, parts = Watch(), service.parts
        parts.backups = folder / "backups"
        parts.people = People(parts.catalog, PeopleTerms(path=folder / "people.db", **terms), now_s=watch)
        assert parts.people.store is not None
        site = Site(service, parts.people.store, watch)
        if hired:
            site.hire()
        yield site


@dataclass
class Page:
    """A client that keeps no cookies by itself: each request says what it shows."""

    session: aiohttp.ClientSession
    base: str

    async def ask(
        self, method: str, path: str, body: Any = None, *, cookie: str = "", token: str = "", **headers: str
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        """Status, JSON (of a problem or an answer; empty for anything else), headers. `x_y` is the header `x-y`."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told |= {"Cookie": f"edge_session={cookie}"} if cookie else {}
        told |= {"Authorization": f"Bearer {token}"} if token else {}
        url = self.base + (path if path.startswith("/") else f"/api/v1/{path}")
        async with self.session.request(method, url, json=body, headers=told) as answer:
            is_json = answer.content_type in ("application/json", "application/problem+json")
            return answer.status, await answer.json(content_type=None) if is_json else {}, answer.headers

    async def log_in(self, badge: str, pin: str | None = None, *, cookie: str = "") -> str:
        """The cookie of a new session."""
        body = {"badge": badge} | ({} if pin is None else {"pin": pin})
        status, told, headers = await self.ask("POST", "session", body, cookie=cookie)
        assert status == 200, told
        return headers["Set-Cookie"].partition("edge_session=")[2].partition(";")[0]


@asynccontextmanager
async def a_page(service: AgentService) -> AsyncIterator[Page]:
    """The web application over a service."""
    async with (
        TestServer(build_web(service)) as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield Page(session, str(server.make_url("")).rstrip("/"))
