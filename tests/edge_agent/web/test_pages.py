"""What stands beside the API, and the guard before all: no orders from other sites, no names that are not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from tests.kits.web_double import ServiceDouble


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    return ServiceDouble(tmp_path)


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service), hosts=["printer.example.cn"]))) as found:
        yield found


async def test_the_old_address_leads_to_the_console(client: Any) -> None:
    """Bookmarks, the demo and what is printed on walls say `/`."""
    async with client.get("/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/console/")
    async with client.get("/") as answer:
        assert (answer.status, answer.url.path) == (200, "/console/now")


async def test_what_a_problem_is_stands_at_its_address(client: Any) -> None:
    async with client.get("/problems/notfound") as answer:
        assert answer.status == 200 and "404" in await answer.text()
    async with client.get("/problems/nothing") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}"}, 200),
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "{own}", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_only_our_own_page_or_a_program_gives_orders(
    client: Any, service: ServiceDouble, headers: dict[str, str], status: int
) -> None:
    own = str(client.make_url("")).rstrip("/")
    given = {name: value.format(own=own) for name, value in headers.items()}
    async with client.post(f"{API}/jobs/j1/pause", json={}, headers=given) as answer:
        assert answer.status == status
    assert bool(service.orders) is (status == 200)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8631", 200),
        ("127.0.0.1", 200),
        ("[::1]:8631", 200),
        ("line1-pc:8631", 200),
        ("printer.example.cn", 200),
        ("PRINTER.example.cn:8631", 200),
        ("evil.example:8631", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil.example:8631.localhost", 421),
    ],
)
async def test_a_name_of_somebody_else_is_not_ours(client: Any, host: str, status: int) -> None:
    for path in ("/", f"{API}/jobs"):
        async with client.get(path, headers={"Host": host}) as answer:
            assert answer.status == status
