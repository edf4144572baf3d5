"""All three roles through a pgbouncer in transaction mode: what is told, looked up and asked is as without one."""

from __future__ import annotations

import asyncio

import asyncpg  # type: ignore[import-untyped]
import pytest
from aiohttp.test_utils import TestClient

from central_registry.app import build_app
from central_registry.config import Database, RegistryConfig
from central_registry.fence.roles import enter
from central_registry.parties.actor import PartyKind, Role
from tests.kits.http_kit import Served
from tests.kits.login_kit import Clock
from tests.kits.pgbouncer_kit import NOTED, through_pgbouncer
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import Registry, fresh_dsn

AT_ONCE = 30
"""More than there are connections to the server."""


@pytest.mark.costly
@pytest.mark.skipif(not NOTED.exists(), reason="make setup brings pgbouncer where it may install Debian's packages")
async def test_agents_consumers_and_people_are_served() -> None:
    dsn = await fresh_dsn()
    config = RegistryConfig(database=Database(pgbouncer=["ingest", "reader", "people"]))
    async with (
        through_pgbouncer(await enter(dsn)) as logins,
        asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool,
        TestClient(Served(build_app(logins, config, clock=Clock()))) as http,
    ):
        registry = Registry(pool, http, dsn)
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 100)
        serials = edge.serials(AT_ONCE)
        edge.printed(serials)
        assert (await edge.send())["conflicts"] == []
        assert {item["kind"] for item in (await edge.get("feed"))["items"]} == {"lot", "style", "allotment"}
        pages = await asyncio.gather(*(registry.facts(f"/01/06901234567892/10/L1/21/{one}") for one in serials))
        assert [page["registration"] for page in pages] == ["registered"] * AT_ONCE
        assert await pool.fetchval("SELECT count(*) FROM scan") == AT_ONCE

        association = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
        firms = [await add_party(pool, PartyKind.FIRM, name, of=association) for name in ("示例甲", "示例乙")]
        tokens = [await token_of(pool, await add_person(pool, firm, Role.OFFICER)) for firm in firms]

        async def asked(n: int) -> str:
            head = {"Authorization": f"Bearer {tokens[n % 2]}"}
            found = await (await http.get("/v1/admin/me", headers=head)).json()
            return str(found["party"])

        assert await asyncio.gather(*map(asked, range(AT_ONCE))) == firms * (AT_ONCE // 2)
