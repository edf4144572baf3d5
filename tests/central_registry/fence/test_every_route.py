"""Every route that agents and consumers ask, with another side's secret, a person's, or none: nothing of an agent is
read or written by who is not it. Routes are those of the app's own table: a new one is tried by itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from central_registry.agents.enrolment import give_token
from central_registry.app import ROUTES, build_app
from central_registry.db import in_transaction
from central_registry.fence.roles import Logins
from central_registry.parties.actor import Role
from tests.central_registry.fence.test_every_endpoint import MARK, _theirs
from tests.kits.fence_kit import A, B, fenced, made
from tests.kits.http_kit import Served
from tests.kits.platform_kit import add_person, token_of
from tests.kits.registry_kit import AT, Edge, Registry

_PART = re.compile(r"{(\w+)[^}]*}")
PARTS = {"agent": "a-agent", "kind": "forbidden", "part": "targets", "name": "a-name", "rest": "a-serial"}
"""Parts of an address, and what the other side has there."""
OF_AGENTS = [route for route in ROUTES if "{agent}" in route.path]
OF_ANYBODY = [route for route in ROUTES if "{agent}" not in route.path]
SENT = '{"token": "a-token", "name": "a-name", "fingerprint": "a-fingerprint", "login": "a-login", "password": "x"}'


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


async def test_no_route_of_an_agent_is_anybody_elses(registry: Registry) -> None:
    edge = await _edge(registry)
    person = await _person(registry)
    before = await _theirs(registry.pool, fenced())
    assert OF_AGENTS
    for route in OF_AGENTS:
        for secret in ("", edge.secret, person, "a-secret"):
            told = await _asked(registry.http, route, secret)
            assert told[0] == 401, (route.method, route.path, told)
            assert set(MARK.findall(told[1])) - {"a-agent"} == set(), (route.method, route.path)
    assert await _theirs(registry.pool, fenced()) == before


async def test_what_anybody_may_ask_writes_nothing_of_theirs(registry: Registry) -> None:
    before = await _theirs(registry.pool, fenced())
    for route in OF_ANYBODY:
        status, told = await _asked(registry.http, route, "")
        assert status in (200, 400, 401, 403, 404, 405, 422), (route.method, route.path, told)
        assert set(MARK.findall(told)) - set(MARK.findall(_address(route.path) + SENT)) == set(), route.path
    assert await _theirs(registry.pool, fenced()) == before


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


async def _person(registry: Registry) -> str:
    return await token_of(registry.pool, await add_person(registry.pool, B.party("association"), *Role))


async def _asked(http: TestClient[Any, Any], route: Any, secret: str) -> tuple[int, str]:
    head: Mapping[str, str] = {"Content-Type": "application/json"}
    if secret:
        head = {**head, "Authorization": f"Bearer {secret}"}
    body = None if route.method == "GET" else SENT
    answer = await http.request(route.method, _address(route.path), data=body, headers=head)
    return answer.status, await answer.text()


def _address(path: str) -> str:
    return _PART.sub(lambda part: PARTS[part[1]], path)
