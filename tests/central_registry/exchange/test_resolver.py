"""A code's address answers programs that ask for its links; a phone gets the page it always got."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from central_registry.config import RegistryConfig, Site
from central_registry.consumer.beside import Beside
from central_registry.consumer.finding import Finding
from central_registry.consumer.scan_path import read_path
from central_registry.exchange.linksets import (
    LINKSET_JSON,
    VOCABULARY,
    Level,
    linkset,
    places,
    query_passed_on,
    types_of,
    wanted,
)
from label_protocol.codes.serial import new_serial
from tests.kits.registry_kit import Registry, running

GTIN = "06901234567892"
HOST = "https://id.example.cn"
NOBODYS = new_serial("ZZZ", random.Random(1).randbytes)


@dataclass
class Resolver:
    """A registry whose labels name a host, with one label of an imported lot."""

    registry: Registry
    serial: str

    @property
    def path(self) -> str:
        return f"/01/{GTIN}/10/L1/21/{self.serial}"

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Any:
        return await self.registry.http.request(method, path, headers=headers, allow_redirects=False)

    async def links(self, path: str) -> list[dict[str, Any]]:
        answer = await self.ask(path, Accept=LINKSET_JSON)
        assert (answer.status, answer.content_type) == (200, LINKSET_JSON)
        found: list[dict[str, Any]] = (await answer.json(content_type=None))["linkset"]
        return found


@pytest.fixture
async def resolver() -> AsyncIterator[Resolver]:
    async with running(RegistryConfig(site=Site(link_host="id.example.cn"))) as registry:
        edge = (await registry.enrolled()).begin()
        await registry.allot(edge.agent, 1000)
        serial = edge.serial()
        edge.printed([serial])
        await edge.send()
        yield Resolver(registry, serial)


async def test_the_linkset_holds_each_level_up_to_the_gtin(resolver: Resolver) -> None:
    anchors = [one["anchor"] for one in await resolver.links(resolver.path)]
    goods = f"{HOST}/01/{GTIN}"
    assert anchors == [f"{goods}/21/{resolver.serial}", f"{goods}/10/L1", goods]
    assert [one["anchor"] for one in await resolver.links(f"/01/{GTIN}/10/L1")] == anchors[1:]
    assert [one["anchor"] for one in await resolver.links(f"/01/{GTIN}")] == anchors[2:]


async def test_each_link_is_as_the_standard_wants_it(resolver: Resolver) -> None:
    """The default has a target and a title alone, and is told under a type that describes it, too (2.5.8)."""
    for level in await resolver.links(resolver.path):
        (default,) = level[f"{VOCABULARY}defaultLink"]
        assert set(default) == {"href", "title"}
        described = [level[name] for name in level if name.startswith(VOCABULARY) and not name.endswith("defaultLink")]
        assert default["href"] in [one["href"] for links in described for one in links]
        for links in described:
            for one in links:
                assert one["href"].startswith(f"{HOST}/01/")
                assert (one["type"], one["hreflang"]) == ("text/html", ["zh", "en"])
                assert one["title"]


async def test_both_ways_of_asking_are_one(resolver: Resolver) -> None:
    by_query = await resolver.ask(f"{resolver.path}?linkType=linkset")
    by_header = await resolver.ask(f"{resolver.path}/", Accept=LINKSET_JSON)
    assert await by_query.read() == await by_header.read()
    assert "json-ld#context" in by_query.headers["Link"]
    head = await resolver.ask(f"{resolver.path}?linkType=linkset", "HEAD")
    assert (head.status, head.content_type) == (200, LINKSET_JSON)


@pytest.mark.parametrize("spelling", ["gs1:", "https://ref.gs1.org/voc/", "https://gs1.org/voc/"])
@pytest.mark.parametrize("name", ["pip", "defaultLink", "recallStatus"])
async def test_a_type_leads_to_the_page(resolver: Resolver, spelling: str, name: str) -> None:
    answer = await resolver.ask(f"{resolver.path}?a=1&linkType={spelling}{name}&b=%E7%BE%BD")
    assert (answer.status, answer.headers["Location"]) == (307, f"{resolver.path}?a=1&b=%E7%BE%BD")
    assert 'rel="linkset"' in answer.headers["Link"]
    page = await resolver.ask(answer.headers["Location"], Accept="text/html")
    assert (page.status, page.content_type) == (200, "text/html")


async def test_a_type_that_is_not_there_is_404(resolver: Resolver) -> None:
    for name in ("gs1:recipeInfo", "nonsense", "", "gs1:certificationInfo"):
        answer = await resolver.ask(f"{resolver.path}?linkType={name}")
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
        assert "gs1:pip" in (await answer.json(content_type=None))["detail"]


@pytest.mark.parametrize(
    "path", ["/01/06901234567893", f"/01/{GTIN}/21/S1/10/L1", f"/01/{GTIN}/17/261231", f"/01/{GTIN}/21/%20", "/01/x"]
)
async def test_what_is_no_code_is_400(resolver: Resolver, path: str) -> None:
    for answer in (await resolver.ask(path, Accept=LINKSET_JSON), await resolver.ask(f"{path}?linkType=gs1:pip")):
        assert answer.status == 400
        assert (await answer.json(content_type=None))["type"].endswith("/bad-link")


async def test_a_serial_that_is_nobodys_is_not_led_to_the_goods(resolver: Resolver) -> None:
    """A made-up serial under an honest GTIN: the page of the goods would be a page without a warning."""
    for query in ("linkset", "gs1:pip", "defaultLink"):
        assert (await resolver.ask(f"/01/{GTIN}/21/{NOBODYS}?linkType={query}")).status == 404
    assert (await resolver.ask("/01/06901234567885?linkType=linkset")).status == 404


async def test_a_phone_gets_the_page_it_always_got(resolver: Resolver) -> None:
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "application/json", ""):
        answer = await resolver.ask(resolver.path, Accept=accept)
        assert answer.status == 200
        assert answer.content_type == ("application/json" if accept == "application/json" else "text/html")


async def test_asking_for_links_counts_nothing(resolver: Resolver) -> None:
    for query in ("linkset", "gs1:pip"):
        await resolver.ask(f"{resolver.path}?linkType={query}")
    assert await resolver.registry.pool.fetchval("SELECT count(*) FROM scan") == 0


async def test_scripts_of_any_page_may_read_but_not_try_codes(resolver: Resolver) -> None:
    for path in (resolver.path, f"{resolver.path}?linkType=gs1:none", "/.well-known/gs1resolver", "/01/x"):
        assert (await resolver.ask(path)).headers["Access-Control-Allow-Origin"] == "*"
    asked = await resolver.ask(resolver.path, "OPTIONS")
    assert (asked.status, asked.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")
    assert "POST" in asked.headers["Allow"]
    typed = await resolver.registry.http.post(resolver.path, data={"code": "7K3M9QX2"})
    assert "Access-Control-Allow-Origin" not in typed.headers
    assert "Access-Control-Allow-Origin" not in (await resolver.ask("/healthz")).headers


async def test_the_description_says_what_is_served(resolver: Resolver) -> None:
    said = await (await resolver.ask("/.well-known/gs1resolver")).json()
    assert said["resolverRoot"] == HOST
    assert said["supportedPrimaryKeys"] == ["01"]
    assert said["supportedLinkType"] == [{"namespace": VOCABULARY, "prefix": "gs1:"}]
    assert said["linkTypeDefaultCanBeLinkset"] is False


def test_what_is_asked() -> None:
    assert wanted("https://www.gs1.org/voc/pip", "") == "pip"
    assert wanted("all", "text/html") == "linkset"
    assert wanted(None, f"text/html, {LINKSET_JSON}") is None
    assert query_passed_on("linkType=a&&x=1&linkTypes=2&linkType") == "x=1&linkTypes=2"


def test_the_levels_of_a_code() -> None:
    label = places(read_path(f"/01/{GTIN}/22/V/10/A%2FB/21/{NOBODYS}"))
    assert [one.anchor for one in label] == [f"/01/{GTIN}/21/{NOBODYS}", f"/01/{GTIN}/10/A%2FB", f"/01/{GTIN}"]
    assert label[0].page == f"/01/{GTIN}/22/V/10/A%2FB/21/{NOBODYS}"


def test_a_certificate_is_a_link_where_there_is_one() -> None:
    (place,) = places(read_path(f"/01/{GTIN}"))
    certified = Beside(1, "示例分级", "示例检测所", "R1", date(2026, 1, 1), None)
    with_one = Level(place, Finding("product", certificate=certified))
    assert types_of(with_one)[-1] == "certificationInfo"
    (level,) = linkset([Level(place, Finding("product"))], HOST)["linkset"]
    assert f"{VOCABULARY}certificationInfo" not in level
