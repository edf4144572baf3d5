"""Behind a proxy: its word on who asks is believed, nobody else's, and nobody comes past it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from edge_agent.access import codes
from edge_agent.access.people import People, PeopleTerms
from edge_agent.access.roles import Role
from edge_agent.service.people import PeopleService
from edge_agent.web.api import build_web
from edge_agent.web.context import Lock
from edge_agent.web.problems import HttpRefusal
from edge_agent.web.proxy import behind, who_asks
from tests.kits.web_double import ServiceDouble

PROXY, TABLET, OTHER = "192.168.1.7", "192.168.1.20", "192.168.1.21"


@pytest.mark.parametrize(
    ("peer", "forwarded", "asks"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", TABLET, TABLET),
        (PROXY, f"{OTHER}, {TABLET}", TABLET),  # the tablet says that it is another
        (PROXY, f"{OTHER}, {TABLET}, 127.0.0.1", TABLET),  # two proxies, one after the other
        (PROXY, f"127.0.0.1, {TABLET}", TABLET),
        (PROXY, f"{TABLET}:51000", TABLET),
        (PROXY, "[fd00::20]:51000", "fd00::20"),
        (PROXY, f"::ffff:{TABLET}", TABLET),
        (PROXY, f"{TABLET}, unknown", PROXY),
        (PROXY, f"{TABLET}, ", PROXY),
        (TABLET, OTHER, TABLET),  # no proxy: what it says of itself counts for nothing
    ],
)
def test_who_asks_is_the_nearest_that_is_no_proxy(peer: str, forwarded: str, asks: str) -> None:
    def trusted(address: Any) -> bool:
        return address.is_loopback or address in ip_network("192.168.1.0/29")

    assert str(who_asks(ip_address(peer), forwarded, trusted)) == asks


OWN = "192.168.1.50"


async def seen(remote: str, **headers: str) -> tuple[str | None, str]:
    """From where, and how, a request is taken to come that came from `remote` to this computer's own address."""
    found: list[tuple[str | None, str]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        found.append((request.remote, request.scheme))
        return web.Response()

    line = Mock(get_extra_info=lambda key: (OWN, 8631) if key == "sockname" else None)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = make_mocked_request("GET", "/", named, transport=line)
    await behind([PROXY])(asked.clone(remote=remote), handler)
    return found[0]


async def test_whoever_comes_past_the_proxy_is_refused() -> None:
    for remote in (TABLET, "192.168.1.70", "::ffff:192.168.1.20", ""):
        with pytest.raises(HttpRefusal, match="over the proxy"):
            await seen(remote, X_Forwarded_For=OTHER, X_Forwarded_Proto="https")


async def test_the_named_proxy_and_one_on_this_computer_are_believed() -> None:
    for proxy in (PROXY, f"::ffff:{PROXY}", "127.0.0.1", "::1", OWN):
        assert await seen(proxy, X_Forwarded_For=TABLET, X_Forwarded_Proto="https") == (TABLET, "https")
        assert await seen(proxy, X_Forwarded_For=TABLET, X_Forwarded_Proto="https, http") == (TABLET, "http")
        assert await seen(proxy, X_Forwarded_For=TABLET) == (TABLET, "http")


async def test_commands_of_this_computer_come_in_by_its_own_address() -> None:
    assert await seen(OWN) == (OWN, "http")


# --- with the whole page behind it ---------------------------------------------------------------------------------


@pytest.fixture
def badge(service: ServiceDouble) -> str:
    store, found = service.parts.people.store, codes.new_badge(os.urandom)
    assert store is not None
    store.add("示例班长", Role.LEAD, "(no PIN is this)")
    store.add("示例甲", Role.OPERATOR, None)
    store.new_badge("示例甲", codes.digest(found))
    return found


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    found = ServiceDouble(tmp_path)
    found.parts.people = People(found.parts.catalog, PeopleTerms(path=tmp_path / "people.db"))
    found.people = PeopleService(found.parts)
    return found


@pytest.fixture
async def client(service: ServiceDouble, badge: str) -> AsyncIterator[Any]:
    app = build_web(cast(Any, service), lock=Lock("proxy"))
    async with TestClient(TestServer(app)) as found:
        yield found


def over(address: str, way: str = "https") -> dict[str, str]:
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": way}


@pytest.mark.parametrize(("way", "secure"), [("https", True), ("http", False)])
async def test_a_session_is_of_the_tablet_and_not_of_the_proxy(client: Any, badge: str, way: str, secure: bool) -> None:
    async with client.post("/api/v1/session", json={"badge": badge}, headers=over(TABLET, way)) as answer:
        assert answer.status == 200
        (cookie,) = answer.headers.getall("Set-Cookie")
    assert ("Secure" in cookie) is secure
    shown = {"Cookie": cookie.partition(";")[0]}
    for address, here in ((TABLET, True), (OTHER, False), (f"{TABLET}, {OTHER}", False)):
        async with client.get("/api/v1/session", headers=over(address) | shown) as answer:
            assert ((await answer.json())["person"] is not None) is here, address


async def test_a_stranger_before_no_proxy_is_told_by_the_pages_own_guard(service: ServiceDouble, badge: str) -> None:
    """Without a proxy in the configuration nothing of what a request says about its way is believed."""
    async with TestClient(TestServer(build_web(cast(Any, service)))) as client:
        async with client.post("/api/v1/session", json={"badge": badge}, headers=over(TABLET)) as answer:
            (cookie,) = answer.headers.getall("Set-Cookie")
        assert "Secure" not in cookie
        shown = {"Cookie": cookie.partition(";")[0]}
        async with client.get("/api/v1/session", headers=over(OTHER) | shown) as answer:
            assert (await answer.json())["person"] is not None, "it is the same computer, whatever it says"


async def test_a_proxy_that_lets_people_in_without_tls_is_told_of(client: Any) -> None:
    for address, way, told in ((TABLET, "http", True), (TABLET, "https", False), ("127.0.0.1", "http", False)):
        async with client.get("/api/v1/warnings", headers=over(address, way)) as answer:
            words = [one["words"]["en"] for one in (await answer.json())["warnings"]]
        assert any("in clear" in one for one in words) is told, (address, way)
