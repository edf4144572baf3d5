"""Events are asked for by the standard's parameters, page by page; each party finds its own, and of others what names
its serials, cut to these."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio

from central_registry.exchange.captured import querying
from central_registry.exchange.epcis.document import read
from tests.central_registry.exchange.captured.shops import Shops, event, opened
from tests.central_registry.exchange.epcis.vectors import EVENTS
from tests.kits.registry_kit import Registry, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLACE = "urn:epc:id:sgln:6901234.00001.0"
PLACE_LINK = "https://id.gs1.org/414/6901234000016"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[True, False], ids=["roles", "owner"])
async def registry(request: pytest.FixtureRequest) -> AsyncIterator[Registry]:
    async with running(fenced=request.param) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def shops(registry: Registry) -> Shops:
    return await opened(registry)


def at(minute: int) -> str:
    return f"2026-11-20T08:{minute:02}:00+08:00"


async def _three(shops: Shops) -> None:
    """The shop's: a box of codes packed, one shipped, one held somewhere."""
    await shops.capture(
        "shop",
        {**EVENTS["packed"], "eventTime": at(1)},
        event("shipping", "urn:epc:id:sgtin:6901234.056789.7", eventTime=at(2), disposition="in_transit"),
        event("holding", "https://ex.example/1", eventTime=at(3), readPoint={"id": PLACE}, bizLocation={"id": PLACE}),
    )


FINDS: dict[str, tuple[dict[str, str], set[str]]] = {
    "all": ({}, {"packing", "shipping", "holding"}),
    "a type": ({"eventType": "AggregationEvent"}, {"packing"}),
    "types": ({"eventType": "AggregationEvent|ObjectEvent"}, {"packing", "shipping", "holding"}),
    "an action": ({"EQ_action": "ADD|DELETE"}, {"packing"}),
    "a bare word": ({"EQ_bizStep": "shipping"}, {"shipping"}),
    "its address": ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}, {"shipping"}),
    "its short form": ({"EQ_bizStep": "cbv:BizStep-shipping"}, {"shipping"}),
    "its URN of CBV 1": ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:shipping|holding"}, {"shipping", "holding"}),
    "a disposition": ({"EQ_disposition": "in_transit"}, {"shipping"}),
    "a place": ({"EQ_readPoint": PLACE}, {"holding"}),
    "a place as a link": ({"EQ_bizLocation": PLACE_LINK}, {"holding"}),
    "a child": ({"MATCH_epc": "https://ID.EXAMPLE.CN/01/09999999999999/21/A|https://id.gs1.org/01/06901234567892/21/A"},
                {"packing"}),
    "a parent": ({"MATCH_parentID": "https://id.gs1.org/00/069012340000000122"}, {"packing"}),
    "a parent as any": ({"MATCH_anyEPC": "urn:epc:id:sscc:6901234.0000000012"}, {"packing"}),
    "no parent as an epc": ({"MATCH_epc": "urn:epc:id:sscc:6901234.0000000012"}, set()),
    "an EPC URI as a link": ({"MATCH_epc": "https://id.gs1.org/01/06901234567892/21/7"}, {"shipping"}),
    "both at once": ({"MATCH_epc": "https://id.gs1.org/01/06901234567892/21/A", "EQ_bizStep": "shipping"}, set()),
    "from a time on": ({"GE_eventTime": at(2)}, {"shipping", "holding"}),
    "until a time": ({"LT_eventTime": at(2)}, {"packing"}),
    "told until a time": ({"LT_recordTime": at(2)}, set()),
    "told from a time on": ({"GE_recordTime": at(2)}, {"packing", "shipping", "holding"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FINDS)
async def test_each_parameter_chooses(shops: Shops, name: str) -> None:
    await _three(shops)
    query, steps = FINDS[name]
    assert {one["bizStep"] for one in await shops.events("shop", **query)} == steps


WRONG = {
    "unknown": {"EQ_colour": "red"},
    "of the standard, and not here": {"WD_readPoint": PLACE},
    "no action": {"EQ_action": "CREATE"},
    "no time": {"GE_eventTime": "yesterday"},
    "no order": {"orderBy": "colour"},
    "a direction of nothing": {"orderDirection": "ASC"},
    "no direction": {"orderBy": "eventTime", "orderDirection": "UP"},
    "no page": {"perPage": "0"},
    "no token": {"nextPageToken": "x"},
    "a list in a token": {"nextPageToken": "W1tdXQ"},
    "nothing": {"MATCH_epc": ""},
    "too many": {"MATCH_epc": "|".join(["x:y"] * 500)},
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_parameter_that_is_none_is_refused(shops: Shops, name: str) -> None:
    status, told = await shops.get("shop", "events", **WRONG[name])
    assert (status, told["type"]) == (400, "epcisException:QueryParameterException")


async def test_a_parameter_stands_once(shops: Shops) -> None:
    answer = await shops.registry.http.get(
        "/v1/epcis/events?eventType=ObjectEvent&eventType=ObjectEvent", headers=shops.head("shop")
    )
    assert answer.status == 400


@pytest.mark.parametrize("order", ["", "eventTime ASC", "eventTime DESC", "recordTime DESC", "recordTime ASC"])
async def test_page_by_page_each_once_and_in_order(shops: Shops, order: str) -> None:
    sent = [event("holding", f"https://ex.example/{n}", eventTime=at(n * 7 % 10)) for n in range(7)]
    await shops.capture("shop", *sent)
    by, _, direction = order.partition(" ")
    asked = {"perPage": "3", **({"orderBy": by, "orderDirection": direction} if by else {})}
    path, pages = f"/v1/epcis/events?{'&'.join(f'{name}={value}' for name, value in asked.items())}", []
    while path:
        answer = await shops.registry.http.get(path, headers=shops.head("shop"))
        told = await answer.json()
        pages.append(told["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert [len(page) for page in pages] == [3, 3, 1]
    seen = [one["epcList"][0] for page in pages for one in page]
    assert sorted(seen) == sorted(one["epcList"][0] for one in sent)
    times = [one["eventTime"] for page in pages for one in page]
    assert by != "eventTime" or times == sorted(times, reverse=direction == "DESC")
    expected = [one["epcList"][0] for one in sent]
    assert by == "eventTime" or seen == (expected[::-1] if direction == "DESC" else expected)


async def test_large_events_make_small_pages(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querying, "MOST_BYTES", 2_000)
    await shops.capture("shop", *[event("holding", f"https://ex.example/{n}/" + "x" * 600) for n in range(9)])
    first = await shops.events("shop")
    assert 0 < len(first) < 9
    assert len(await _pages(shops, "shop")) == 9


async def test_a_token_is_that_of_its_query(shops: Shops) -> None:
    await _three(shops)
    answer = await shops.registry.http.get("/v1/epcis/events?perPage=1", headers=shops.head("shop"))
    token = answer.headers["Link"].partition("nextPageToken=")[2].partition(">")[0]
    status, _ = await shops.get("shop", "events", nextPageToken=token, EQ_bizStep="packing")
    assert status == 400


async def test_what_there_is(shops: Shops) -> None:
    await _three(shops)
    members = {
        of: (await shops.get("shop", of))[1]["member"] for of in ("epcs", "bizSteps", "readPoints", "eventTypes")
    }
    assert "https://id.gs1.org/01/06901234567892/21/7" in members["epcs"]
    assert members["readPoints"] == [PLACE_LINK]
    assert len(members["bizSteps"]) == 3
    assert "TransactionEvent" in members["eventTypes"]
    first = (await shops.registry.http.get("/v1/epcis/epcs?perPage=2", headers=shops.head("shop"))).headers["Link"]
    rest = await shops.registry.http.get(first.partition(">")[0][1:], headers=shops.head("shop"))
    assert (await rest.json())["member"][0] == members["epcs"][2]
    for of, value in (("epcs", "urn:epc:id:sgtin:6901234.056789.7"), ("bizSteps", "shipping"),
                      ("dispositions", "in_transit")):  # fmt: skip
        path = f"/v1/epcis/{of}/{quote(value, safe='')}/events"
        told = await (await shops.registry.http.get(path, headers=shops.head("shop"))).json()
        (one,) = read(json.dumps(told), queries=True)
        assert one.body["bizStep"] == "shipping"


async def test_each_sees_its_own_and_what_names_its_serials(shops: Shops) -> None:
    mine, others = shops.code(0), "urn:epc:id:sgtin:4012345.011111.9876"
    secret: dict[str, Any] = {
        "bizTransactionList": [{"type": "inv", "bizTransaction": "urn:x:price"}], "ex:price": "9",
        "quantityList": [{"epcClass": "urn:epc:class:lgtin:6901234.056789.L1", "quantity": 3}],
    }  # fmt: skip
    await shops.capture("shop", event("receiving", mine, others, **secret), event("receiving", others))
    (seen,) = await shops.events("firm")
    assert seen["epcList"] == [mine]
    assert not {"ex:price", "bizTransactionList", "quantityList"} & seen.keys()
    assert read(json.dumps((await shops.get("firm", "events"))[1]), queries=True), "what is cut is an event still"
    assert await shops.events("firm", MATCH_epc=others) == [], "nor can it be asked for"
    assert await shops.events("firm", MATCH_epcClass="urn:epc:class:lgtin:6901234.056789.L1") == []
    assert len(await shops.events("firm", MATCH_epc=mine)) == 1
    assert (await shops.get("firm", "epcs"))[1]["member"] == [mine]
    assert await shops.events("false") == []
    assert (await shops.get("false", "epcs"))[1]["member"] == []
    assert (await shops.get("false", f"events/{quote(seen['eventID'], safe='')}"))[0] == 404
    assert len(await shops.events("shop")) == 2


async def test_a_capture_is_its_partys_own(shops: Shops) -> None:
    answer = await shops.capture("shop", EVENTS["packed"])
    assert (await shops.get("false", f"capture/{answer['captureID']}"))[0] == 404
    assert (await shops.get("false", "capture"))[1] == []
    assert [one["captureID"] for one in (await shops.get("shop", "capture"))[1]] == [answer["captureID"]]
    for token in ("9999-12-31T23:59:59-14:00~" + "0" * 32, "0001-01-01T00:00:00+14:00~" + "0" * 32, "x", "~"):
        assert (await shops.get("shop", "capture", nextPageToken=token))[0] == 400
    token = f"{answer['createdAt']}~{answer['captureID']}"
    assert await shops.get("shop", "capture", nextPageToken=token) == (200, [])


async def test_what_an_agent_told_is_found_by_its_code(shops: Shops) -> None:
    edge, one = shops.edge, shops.serials[0]
    edge.tell("label_scanned", serial=one, step="commission", text="", operator="12")
    edge.tell("carton_opened", carton="C1", key="k", operator="12", reason="")
    edge.tell("packed", carton="C1", put_in=shops.serials[:2], taken_out=[], text="", operator="12")
    edge.tell("carton_closed", carton="C1", sscc="106141412345678908", count=2, operator="12")
    await edge.send(len(edge.bodies) - 3)
    await shops.capture("firm", event("shipping", shops.code(), eventTime="2026-11-21T08:00:00Z"))
    await shops.capture("firm", event("holding", shops.code(), eventTime="2026-11-19T08:00:00Z"))
    for order, steps in (
        ({}, ["commissioning", "packing", "shipping", "holding"]),
        ({"orderBy": "eventTime", "orderDirection": "ASC"}, ["holding", "commissioning", "packing", "shipping"]),
        ({"orderBy": "eventTime"}, ["shipping", "packing", "commissioning", "holding"]),
        ({"orderBy": "recordTime"}, ["holding", "shipping", "packing", "commissioning"]),
        ({"EQ_bizStep": "packing"}, ["packing"]),
    ):
        for most in ("30", "1", "3"):
            seen = await _pages(shops, "firm", MATCH_epc=shops.code(), perPage=most, **order)
            assert sorted(one["bizStep"] for one in seen) == sorted(steps), (order, most)
            same_time = {"packing", "commissioning"}
            kept = [step for step in steps if step not in same_time or "orderBy" not in order]
            assert [one["bizStep"] for one in seen if one["bizStep"] in kept] == kept, (order, most)
    packed = next(one for one in seen if one["bizStep"] == "packing")
    assert (packed["parentID"], packed["childEPCs"]) == ("https://id.gs1.org/00/106141412345678908", [shops.code()])
    assert await shops.events("shop", MATCH_epc=shops.code()) == [], "of a serial of its own alone"
    status, found = await shops.get("firm", f"epcs/{quote(shops.code(1), safe='')}/events")
    assert status == 200
    told = read(json.dumps(found), queries=True)
    assert [one.body["eventID"] for one in told] == [one.hash_id for one in told]


async def _pages(shops: Shops, who: str, **query: str) -> list[dict[str, Any]]:
    """All pages' events."""
    found: list[dict[str, Any]] = []
    answer = await shops.registry.http.get("/v1/epcis/events", params=query, headers=shops.head(who))
    while True:
        told = await answer.json()
        assert answer.status == 200, told
        found += told["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        if "Link" not in answer.headers:
            return found
        path = answer.headers["Link"].partition(">")[0].removeprefix("<")
        answer = await shops.registry.http.get(path, headers=shops.head(who))
