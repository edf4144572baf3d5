"""People who log in: a registry whose clock a test moves, passwords, sessions over HTTP."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher

from central_registry.app import build_app
from central_registry.config import RegistryConfig
from central_registry.fence.policies import Role as DatabaseRole
from central_registry.fence.roles import enter
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.kits.http_kit import Served
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT, Registry, fresh_dsn

PASSWORD = "correct horse battery"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""What a hash costs stands in it: those of tests are verified as cheaply."""


@dataclass
class Clock:
    """What time it is, until a test moves it."""

    at: datetime = field(default=AT)

    def __call__(self) -> datetime:
        return self.at

    def later(self, **how_much: float) -> datetime:
        self.at += timedelta(**how_much)
        return self.at


@dataclass
class House:
    """An association with a firm, and who asks over HTTP."""

    registry: Registry
    clock: Clock
    association: str
    firm: str

    @property
    def pool(self) -> Any:
        return self.registry.pool

    async def person(self, party: str, *roles: Role, password: str = PASSWORD) -> tuple[Actor, str]:
        """Somebody of that party with a password; and their login."""
        actor = await add_person(self.pool, party, *roles)
        await self.pool.execute(
            "UPDATE person SET password_hash = $2 WHERE person = $1", actor.person, _CHEAP.hash(password)
        )
        return actor, await self.pool.fetchval("SELECT login FROM person WHERE person = $1", actor.person)

    async def ask(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
        """Status and JSON of `/v1/admin/…`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.registry.http.request(method, f"/v1/admin/{path}", json=body, headers=headers)
        return answer.status, await answer.json()

    async def log_in(self, login: str, password: str = PASSWORD, **more: Any) -> tuple[int, Any]:
        return await self.ask("POST", "login", body={"login": login, "password": password, **more})

    async def token(self, login: str, password: str = PASSWORD, **more: Any) -> str:
        status, found = await self.log_in(login, password, **more)
        assert status == 200, found
        return str(found["token"])


@functools.cache
def _fenced() -> tuple[str, str]:
    """A database with its fence, to be copied, and the login of its role for people: a role is the whole server's."""
    dsn = asyncio.run(fresh_dsn())
    return _name(dsn), asyncio.run(enter(dsn)).of(DatabaseRole.PEOPLE)


def _name(dsn: str) -> str:
    return dsn.partition("?")[0].rpartition("/")[2]


@asynccontextmanager
async def a_house(config: RegistryConfig | None = None) -> AsyncIterator[House]:
    """People ask as the database's role for them, behind its fence; the house's own pool is the owner's."""
    clock = Clock()
    template, login = await asyncio.to_thread(_fenced)
    dsn = await fresh_dsn(like=template)
    async with (
        asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool,
        asyncpg.create_pool(login.replace(f"/{template}?", f"/{_name(dsn)}?"), min_size=1, max_size=8) as behind,
        TestClient(Served(build_app(behind, config, clock=clock))) as http,
    ):
        registry = Registry(pool, http, dsn)
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        firm = await add_party(registry.pool, PartyKind.FIRM, "示例服饰有限公司", of=association)
        yield House(registry, clock, association, firm)
