"""What is no person's to ask: every route of agents, asked with one agent's secret about another's rows, and every
route of consumers. Nothing of another is read; consumers write their count and nothing else. The routes are those of
the registry's own table: a new one is tried by itself, or says here why not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from central_registry.app import ROUTES, build_app
from central_registry.fence.roles import Logins
from central_registry.http.admin.table import ENDPOINTS
from central_registry.parties.actor import PartyKind
from tests.central_registry.fence.test_every_endpoint import MARK, _asked, _theirs, _token
from tests.kits.fence_kit import Fenced, fenced
from tests.kits.http_kit import Served
from tests.kits.registry_kit import AT

SECRET = "b-secret of its own"
OF_AGENTS = tuple(route for route in ROUTES if route.path.startswith("/v1/agents/{agent}/"))
OF_CONSUMERS = tuple(route for route in ROUTES if route.path.startswith(("/01/", "/former/")))
OF_NOBODY = {
    "/v1/enrol": "a token of its own; tests/central_registry/agents/test_enrolment.py",
    "/v1/admin/login": "who somebody is; tests/central_registry/parties/test_log_in.py",
    "/problems/{kind}": "words",
    "/healthz": "whether it runs",
    "/readyz": "whether it runs",
    "/metrics": "counts alone; tests/central_registry/http/test_watched.py",
    "/v1/verify": "by a key of its own; tests/central_registry/exchange/test_verify.py",
    "/v1/verify/{code:.+}": "by a key of its own; tests/central_registry/exchange/test_verify.py",
    **dict.fromkeys(
        (route.path for route in ROUTES if route.path.startswith("/v1/epcis")),
        "by a key of its own; tests/central_registry/exchange/captured/",
    ),
    "/.well-known/gs1resolver": "what the resolver is; tests/central_registry/exchange/test_resolver.py",
    "/complaint": "who complains of what they hold; tests/central_registry/cases/test_complaints.py",
    "/complaint/{number}": "by the word that its writer was given; tests/central_registry/cases/test_complaints.py",
    "/updates/{part:metadata|targets}/{name}": "files; tests/central_registry/http/test_updates.py",
}
"""Routes that name no row, and where they are tried."""

SAID = frozenset({"a-agent", "a-incarnation"})
"""What the asker says of the other side itself, and may be told back."""

COUNTED = frozenset({"scan", "check_try"})
"""What a consumer's look or typed code may leave."""


@pytest.fixture(autouse=True)
def registry() -> Fenced:
    """Made before anything runs in a loop."""
    return fenced()


@pytest.fixture(params=["as the roles", "as the owner"])
async def http(request: pytest.FixtureRequest, registry: Fenced) -> AsyncIterator[TestClient[Any, Any]]:
    logins = registry.logins if request.param == "as the roles" else Logins(registry.logins.owner)
    async with TestClient(Served(build_app(logins, clock=lambda: AT))) as client:
        yield client


@pytest.fixture
async def owner(registry: Fenced) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(registry.logins.owner)
    try:
        hashed = hashlib.sha256(SECRET.encode()).digest()
        # an issuer of three characters: check codes are made with it
        await connection.execute(
            "UPDATE agent SET secret_hash = $1, lost_at = NULL, cloned_at = NULL, issuer = '1A2' "
            "WHERE agent = 'b-agent'",
            hashed,
        )
        yield connection
    finally:
        await connection.close()


def test_every_route_is_walked_or_says_why_not() -> None:
    walked = {route.path for route in (*OF_AGENTS, *OF_CONSUMERS)}
    assert {route.path for route in ROUTES} - walked == OF_NOBODY.keys()


async def _sent(http: TestClient[Any, Any], route: web.RouteDef, path: str, secret: str) -> tuple[int, str]:
    """With what an agent would send that speaks of the other side's rows."""
    body = {"agent": "a-agent", "incarnation": "a-incarnation", "secret": "x", "events": [], "bodies": {}}
    headers = {"Authorization": f"Bearer {secret}"}
    query = "?incarnation=a-incarnation&after=0"
    more = {} if route.method == "GET" else {"json": body}
    answer = await http.request(route.method, path + query, headers=headers, **more)
    return answer.status, await answer.text()


async def test_an_agents_secret_opens_nothing_of_another_agent(http: TestClient[Any, Any], owner: Any) -> None:
    before = await _theirs(owner, fenced())
    token = await _token(owner, PartyKind.ASSOCIATION)
    for route in OF_AGENTS:
        for secret in (SECRET, token, "", "a-secret_hash"):
            status, told = await _sent(http, route, route.path.replace("{agent}", "a-agent"), secret)
            assert (status, MARK.findall(told)) == (401, []), (route.method, route.path)
    assert await _theirs(owner, fenced()) == before


async def test_an_agent_is_told_of_its_own_side_alone(http: TestClient[Any, Any], owner: Any) -> None:
    """In its own name, with the other's words wherever it may say one."""
    before = await _theirs(owner, fenced())
    for route in OF_AGENTS:
        if route.path.endswith("/secret"):
            continue  # it would be another secret's from then on; nothing in it names a row
        status, told = await _sent(http, route, route.path.replace("{agent}", "b-agent"), SECRET)
        assert status < 500, (route.method, route.path, told)
        assert status != 401, (route.method, route.path)
        assert set(MARK.findall(told)) <= SAID, (route.method, route.path)
    assert await _theirs(owner, fenced()) == before


async def test_an_agents_secret_is_no_persons(http: TestClient[Any, Any], owner: Any) -> None:
    for endpoint in ENDPOINTS:
        answer = await _asked(http, endpoint, {"Authorization": f"Bearer {SECRET}"})
        assert answer.status == 401, endpoint.path


async def _rows(owner: Any, registry: Fenced) -> dict[str, str]:
    """A digest of each table."""
    tables = registry.columns.keys() - {"migration"}
    digest = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
    return {table: await owner.fetchval(digest.format(table)) for table in tables}


async def test_consumers_write_their_count_and_nothing_else(http: TestClient[Any, Any], owner: Any) -> None:
    before = await _rows(owner, fenced())
    token = await _token(owner, PartyKind.ASSOCIATION)
    between = await _rows(owner, fenced())
    assert before.keys() == between.keys()
    for route in OF_CONSUMERS:
        for rest in ("06901234567892/21/a-serial", "a-gtin", "06901234567892/10/a-lot_no", "a-association/x", "'; --"):
            path = re.sub(r"{rest[^}]*}", rest, route.path)
            more = {} if route.method == "GET" else {"data": {"code": "ABCD-EFGH"}}
            for secret in ("", SECRET, token):
                headers = {"Authorization": f"Bearer {secret}", "Cookie": f"registry_session={secret}"}
                answer = await http.request(route.method, path, headers=headers, **more)
                assert answer.status < 500, path
    after = await _rows(owner, fenced())
    assert {table for table in after if after[table] != between[table]} <= COUNTED
