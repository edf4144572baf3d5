"""An agent tells that it printed under another side's key: kept as what it said, and nobody's row moves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg  # type: ignore[import-untyped]
import pytest
from aiohttp.test_utils import TestClient

from central_registry.agents.enrolment import give_token
from central_registry.app import build_app
from central_registry.db import in_transaction
from central_registry.fence.roles import Logins
from tests.central_registry.fence.test_every_endpoint import MARK, _theirs
from tests.kits.fence_kit import A, B, fenced, made
from tests.kits.http_kit import Served
from tests.kits.registry_kit import AT, Edge, Registry


@pytest.fixture(autouse=True)
def columns() -> None:
    """Known before anything runs in a loop."""
    fenced()


@pytest.fixture(params=["as the roles", "as the owner"])
async def registry(request: pytest.FixtureRequest) -> AsyncIterator[Registry]:
    """One of its own, since agents come here and tell. As the owner nothing in the database fences: what is refused
    then, the handlers refuse by themselves."""
    found = await made()
    logins = found.logins if request.param == "as the roles" else Logins(found.logins.owner)
    async with (
        TestClient(Served(build_app(logins, clock=lambda: AT))) as http,
        asyncpg.create_pool(found.logins.owner, min_size=1, max_size=2) as pool,
    ):
        yield Registry(pool, http, found.logins.owner)


async def test_an_agent_tells_and_hears_of_nobody_but_itself(registry: Registry) -> None:
    """It says that it printed under another's key, for another's lot: kept as what it said, and nobody's row moves."""
    edge = (await _edge(registry)).begin()
    before = await _theirs(registry.pool, fenced())
    edge.printed(edge.serials(2), quota_key=A.value("quota_key", "text"))
    await edge.send()
    head = {"Authorization": f"Bearer {edge.secret}"}
    for what in ("feed", "events?after=0", "check-keys"):
        answer = await registry.http.get(f"/v1/agents/{edge.agent}/{what}", headers=head)
        told = await answer.text()
        assert answer.status < 500, (what, told)
        assert set(MARK.findall(told)) - {A.value("quota_key", "text")} == set(), what
    added = await _theirs(registry.pool, fenced()) - before
    assert before - await _theirs(registry.pool, fenced()) == set()
    assert [row for row in added if edge.agent not in row] == [], "put among theirs"


async def _edge(registry: Registry) -> Edge:
    """An agent of the other firm, enrolled."""
    of = {"owner": B.party("firm"), "association": B.party("association")}
    token = await in_transaction(registry.pool, lambda connection: give_token(connection, "b-line", AT, **of))
    order = {"token": token, "name": "b-line", "fingerprint": "b-machine"}
    found = await (await registry.http.post("/v1/enrol", json=order)).json()
    return Edge(registry, found["agent"], found["issuer"], found["secret"], fingerprint="b-machine")
