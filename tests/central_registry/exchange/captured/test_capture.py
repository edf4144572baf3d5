"""Events are captured over HTTP, once each, whole or not at all; what they say of place moves what the capturer has."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from central_registry.exchange.captured import capturing
from central_registry.exchange.epcis.document import read
from central_registry.http.epcis import FILE_LIMIT
from tests.central_registry.exchange.captured.shops import GTIN, Shops, alone, event, opened
from tests.central_registry.exchange.epcis.vectors import CONTEXT, EVENTS, document
from tests.kits.registry_kit import Registry, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
SSCC = "106141412345678908"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[True, False], ids=["roles", "owner"])
async def registry(request: pytest.FixtureRequest) -> AsyncIterator[Registry]:
    async with running(fenced=request.param) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def shops(registry: Registry) -> Shops:
    return await opened(registry)


async def test_each_kind_is_captured_and_given_back_equal(shops: Shops) -> None:
    sent = read(document(*EVENTS.values()))
    job = await shops.capture("shop", *EVENTS.values())
    assert (job["running"], job["success"], job["newEventCount"]) == (False, True, len({e.hash_id for e in sent}))
    status, found = await shops.get("shop", "events", perPage="1000")
    back = read(json.dumps(found), queries=True)
    assert status == 200
    assert {one.hash_id for one in back} == {one.hash_id for one in sent}
    assert {one.body["eventID"] for one in back} == {one.body.get("eventID", one.hash_id) for one in sent}


async def test_the_same_event_twice_is_one(shops: Shops) -> None:
    told = event("shipping", shops.code(), disposition="in_transit")
    again = {**told, "epcList": [f"https://ID.EXAMPLE.CN/01/{GTIN}/10/L1/21/{shops.serials[0]}"]}
    assert (await shops.capture("firm", told, again))["newEventCount"] == 1
    assert (await shops.capture("firm", again))["newEventCount"] == 0
    assert len(await shops.events("firm")) == 1
    assert len((await shops.place(shops.serials[0]))["moved"]) == 1


async def test_what_declares_an_error_is_another_event(shops: Shops) -> None:
    told = event("shipping", shops.code(), eventID="urn:uuid:00000000-0000-4000-8000-00000000000a")
    wrong = {**told, "errorDeclaration": {"declarationTime": "2026-11-20T09:10:00Z", "reason": "did_not_occur"}}
    await shops.capture("firm", told, wrong)
    status, found = await shops.get("firm", f"events/{told['eventID']}")
    listed = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert (status, len(listed)) == (200, 2)
    assert len(await shops.events("firm", EXISTS_errorDeclaration="true")) == 1
    assert len((await shops.place(shops.serials[0]))["moved"]) == 1, "what says that another was wrong moves nothing"


async def test_an_id_of_another_event_is_refused(shops: Shops) -> None:
    told = event("shipping", shops.code(), eventID="urn:uuid:00000000-0000-4000-8000-00000000000b")
    await shops.capture("firm", told)
    other = {**told, "bizStep": "destroying"}
    job = await shops.capture("firm", event("receiving", shops.code(1)), other)
    assert (job["success"], job["newEventCount"]) == (False, 0), "one that cannot be kept leaves none"
    assert "/epcisBody/eventList/1" in job["errors"][0]["instance"]
    job = await shops.capture("firm", event("receiving", shops.code(1)), other, GS1_Capture_Error_Behaviour="proceed")
    assert (job["success"], job["newEventCount"], len(job["errors"])) == (False, 1, 1)
    assert (await shops.place(shops.serials[0]))["last"] == "shipped"
    assert (await shops.send("firm", alone(other), "events")).status == 409
    assert (await shops.capture("shop", other))["newEventCount"] == 1, "another party's ids are its own"


async def test_a_wrong_one_is_refused_with_its_place(shops: Shops) -> None:
    wrong = {**EVENTS["shipped"], "bizStep": "transforming"}
    answer = await shops.send("shop", document(EVENTS["packed"], wrong))
    told = await answer.json()
    assert (answer.status, answer.content_type) == (400, "application/problem+json")
    assert told["type"] == "epcisException:ValidationException"
    assert [one["instance"] for one in told["errors"]] == ["/epcisBody/eventList/1/bizStep"]
    assert await shops.events("shop") == []
    job = await shops.capture("shop", EVENTS["packed"], wrong, GS1_Capture_Error_Behaviour="proceed")
    assert (job["success"], job["newEventCount"]) == (False, 1)
    assert job["errors"][0]["instance"] == "/epcisBody/eventList/1/bizStep"


@pytest.mark.parametrize("meaning", ["x:\0", "x:\ud800y", "x: y", ":", ""])
async def test_what_a_prefix_stands_for_is_an_address(shops: Shops, meaning: str) -> None:
    """Else a code that is written with it were text that no column holds."""
    told = {**event("holding", "ex:1"), "type": "ex:Ironing", "readPoint": {"id": "ex:2"}}
    assert (await shops.send("shop", document(told, context=[CONTEXT[0], {"ex": meaning}]))).status == 400


async def test_one_event_by_itself(shops: Shops) -> None:
    told = event("shipping", shops.code(), disposition="in_transit")
    answer = await shops.send("firm", alone(told), "events")
    assert answer.status == 201
    again = await shops.send("firm", alone(told), "events")
    assert again.headers["Location"] == answer.headers["Location"]
    status, found = await shops.get("firm", answer.headers["Location"].removeprefix("/v1/epcis/"))
    (one,) = read(json.dumps(found), queries=True)
    assert (status, one.hash_id) == (200, read(document(told))[0].hash_id)


async def test_packed_shipped_received_returned_and_back_on_sale(shops: Shops) -> None:
    one, at = shops.code(), "2026-11-20T08:0{}:00Z"
    packed = {
        "type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "eventTime": at.format(0),
        "eventTimeZoneOffset": "+08:00", "parentID": f"https://id.gs1.org/00/{SSCC}", "childEPCs": [one],
    }  # fmt: skip
    to = [{"type": "possessing_party", "destination": f"https://id.example.cn/parties/{shops.shop}"}]
    bill = [{"type": "bol", "bizTransaction": "urn:epcglobal:cbv:bt:6901234000009:SF-1"}]
    carton = [f"https://id.gs1.org/00/{SSCC}"]
    shipped = event("shipping", *carton, eventTime=at.format(1), destinationList=to, bizTransactionList=bill)
    await shops.capture("firm", packed, shipped)
    found = await shops.place(shops.serials[0])
    assert (found["holders"], found["waybill"], found["within"]) == ([shops.shop], "SF-1", [SSCC])
    home = [{"type": "possessing_party", "destination": f"https://id.example.cn/parties/{shops.firm}"}]
    unpacked = {**packed, "action": "DELETE", "bizStep": "unpacking", "eventTime": at.format(3)}
    await shops.capture(
        "shop", event("receiving", *carton, eventTime=at.format(2)), unpacked,
        event("shipping", one, eventTime=at.format(4), destinationList=home),
    )  # fmt: skip
    returned = event("receiving", one, eventTime=at.format(5), disposition="returned")
    stocked = event("stocking", one, eventTime=at.format(7), disposition="sellable_accessible")
    await shops.capture("firm", returned, event("inspecting", one, eventTime=at.format(6)), stocked)
    found = await shops.place(shops.serials[0])
    kinds = [row["kind"] for row in sorted(found["moved"], key=lambda row: row["at"])]
    assert kinds == ["packed", "shipped", "received", "unpacked", "shipped", "returned", "inspected", "back"]
    assert (found["holders"], found["claims"]) == ([shops.firm], [])


async def test_a_false_shop_that_captures_destroyed_moves_nothing(shops: Shops) -> None:
    path = f"/01/{GTIN}/10/L1/21/{shops.serials[0]}"
    head = {"Authorization": f"Bearer {shops.keys['marketplace']}"}

    async def shown() -> tuple[Any, Any]:
        page = await shops.registry.facts(path)
        verify = await shops.registry.http.get(f"/v1/verify{path}", headers=head)
        return {**page, "scans": None}, await verify.json()

    before, stood = await shown(), await shops.place(shops.serials[0])
    told = event("destroying", *map(shops.code, range(3)), action="DELETE", disposition="destroyed")
    job = await shops.capture("false", told)
    assert job["success"], "it is kept, as what it is: a claim"
    assert await shown() == before
    found = await shops.place(shops.serials[0])
    assert [row["kind"] for row in found["claims"]] == ["destroyed"]
    assert {**found, "claims": []} == stood
    (seen,) = await shops.events("firm")
    assert (seen["bizStep"], sorted(seen["epcList"])) == ("destroying", sorted(map(shops.code, range(3))))


async def test_foreign_codes_are_kept_and_move_nothing(shops: Shops) -> None:
    async def rows() -> int:
        return int(await shops.registry.pool.fetchval("SELECT count(*) FROM place_event"))

    before = await rows()
    other = f"https://id.gs1.org/01/04012345111118/21/{shops.serials[0]}"
    sent = ["urn:epc:id:sgtin:4012345.011111.9876", other, f"https://id.gs1.org/01/{GTIN}/21/HELLO"]
    await shops.capture("firm", event("destroying", *sent, action="DELETE"))
    assert await rows() == before, "another product's serial is another thing, whatever it is called"
    assert len(await shops.events("firm")) == 1


@pytest.mark.parametrize("who", ["marketplace", "nobody"])
async def test_a_key_opens_what_it_names(shops: Shops, who: str) -> None:
    shops.keys["nobody"] = "a.b"
    status = 403 if who == "marketplace" else 401
    assert (await shops.send(who, document(EVENTS["packed"]))).status == status
    for path in ("capture", "events", "epcs", "epcs/x/events"):
        found = await shops.get(who, path)
        assert (found[0], found[1]["type"]) == (status, "epcisException:SecurityException")
    answer = await shops.registry.http.get(f"/v1/verify/01/{GTIN}/21/X", headers=shops.head("shop"))
    assert answer.status == 403


async def test_bodies_are_bounded_packed_and_unpacked(shops: Shops) -> None:
    good = document(EVENTS["packed"]).encode()
    assert (await shops.send("shop", gzip.compress(good), Content_Encoding="gzip")).status == 202
    answer = await shops.send("shop", gzip.compress(good + b" " * FILE_LIMIT), Content_Encoding="gzip")
    assert (answer.status, (await answer.json())["type"]) == (413, "epcisException:CaptureLimitExceededException")
    assert (await shops.send("shop", good + b" " * FILE_LIMIT)).status == 413
    assert (await shops.send("shop", good, Content_Encoding="br")).status == 415
    assert (await shops.send("shop", good, Content_Type="application/xml")).status == 415
    assert (await shops.send("shop", good, GS1_EPCIS_Version="1.2")).status == 406
    assert (await shops.send("shop", good, GS1_Capture_Error_Behaviour="maybe")).status == 400
    many = [f"https://ex.example/{n}" for n in range(capturing.MOST_CODES + 1)]
    assert (await shops.send("shop", document(event("holding", *many)))).status == 413
    long = event("holding", "https://ex.example/" + "x" * 2_000)
    assert (await shops.send("shop", document(long))).status == 400


async def test_one_party_cannot_fill_the_disk(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capturing, "MOST_DAY_BYTES", 20_000)
    for n in range(100):
        answer = await shops.send("false", document(event("holding", f"https://ex.example/{n}/" + "x" * 500)))
        if answer.status == 429:
            break
    assert (await answer.json())["type"].endswith("/enough")
    assert n < 20
    wrong = {**EVENTS["shipped"], "bizStep": "transforming"}
    refused = [
        (await shops.send("false", document(wrong), GS1_Capture_Error_Behaviour="proceed")).status for _ in range(20)
    ]
    assert refused[-1] == 429, "what is refused is written down, and counts"
    await shops.capture("shop", EVENTS["packed"])


async def test_what_the_address_says_of_itself(shops: Shops) -> None:
    answer = await shops.registry.http.options("/v1/epcis/capture")
    assert answer.status == 204
    assert answer.headers["GS1-EPCIS-Capture-File-Size-Limit"] == str(FILE_LIMIT)
    assert answer.headers["GS1-Capture-Error-Behaviour"] == "rollback"
    assert {answer.headers[f"GS1-{of}-Version"] for of in ("EPCIS", "CBV")} == {"2.0.0"}
