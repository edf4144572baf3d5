"""Place through the doors: an agent packs, a clerk ships, a false shop claims; each sees what is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.parties.actor import PartyKind, Role
from label_protocol.codes.gs1 import check_digit
from tests.kits.login_kit import Clock, House
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, Edge, Registry, garment, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Desk:
    """A firm whose agent packs, a shop that buys, a false shop, an inspector; their tokens."""

    house: House
    edge: Edge
    firm: str
    shop: str
    clerk: str
    buyer: str
    false: str
    lab: str
    sscc: str
    serials: list[str]

    async def tell(self, token: str, kind: str, *units: str, **more: Any) -> tuple[int, Any]:
        return await self.house.ask("POST", "place", token, {"kind": kind, "units": list(units), **more})

    async def find(self, token: str, unit: str) -> tuple[int, Any]:
        return await self.house.ask("GET", f"place/{unit}", token)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registry() -> AsyncIterator[Registry]:
    async with running(fenced=True) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def desk(registry: Registry) -> Desk:
    """Three garments, two of them packed into a carton that was closed with an SSCC."""
    pool = registry.pool
    association = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
    names = ("示例甲", "示例商场", "示例假店")
    firm, shop, false = [await add_party(pool, PartyKind.FIRM, name, of=association) for name in names]
    lab = await add_party(pool, PartyKind.LAB, "示例检测", of=association)
    house = House(registry, Clock(), association, firm)
    lot = {"kind": "lot", "lot_no": "L1", "record": garment("L1")}
    await in_transaction(pool, lambda c: items.put_goods(c, firm, [lot], AT))
    key = await pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", firm)
    edge = await registry.enrolled(f"line-{firm}", f"machine of {firm}")
    await pool.execute("UPDATE agent SET owner = $1, association = $2 WHERE agent = $3", firm, association, edge.agent)
    await pool.execute("INSERT INTO agent_firm VALUES ($1, $2, $3)", edge.agent, firm, AT)
    await in_transaction(
        pool, lambda c: items.put(c, edge.agent, {"kind": "allotment", "quota_key": key, "quantity": 5000})
    )
    edge.begin()
    serials = edge.serials(3)
    edge.printed(serials, quota_key=key)
    number = f"{await pool.fetchval('SELECT count(*) FROM agent'):017}"
    sscc = number + check_digit(number)
    edge.tell("carton_opened", carton="C1", key="k", operator="12", reason="")
    for serial in serials[:2]:
        edge.tell("packed", carton="C1", put_in=[serial], taken_out=[], text="", operator="12")
    edge.tell("carton_closed", carton="C1", sscc=sscc, count=2, operator="12")
    await edge.send(1)
    people = [(firm, Role.OFFICER), (shop, Role.OFFICER), (false, Role.OFFICER), (lab, Role.LAB)]
    tokens = [await token_of(pool, await add_person(pool, party, role)) for party, role in people]
    return Desk(house, edge, firm, shop, *tokens, sscc, serials)


async def test_from_serial_to_carton_to_waybill_to_party_and_back(desk: Desk) -> None:
    status, told = await desk.tell(desk.clerk, "shipped", f"(00){desk.sscc}", waybill="SF-1", to=desk.shop)
    assert (status, told.get("claims")) == (200, []), told
    for token in (desk.clerk, desk.buyer):
        status, found = await desk.find(token, desk.serials[0])
        assert (status, found["holders"], found["waybill"], found["last"]) == (200, [desk.shop], "SF-1", "shipped")
        assert found["within"] == [f"{desk.edge.agent}/C1", desk.sscc]
    status, carton = await desk.find(desk.clerk, desk.sscc)
    assert (status, carton["inside"], carton["holders"]) == (200, sorted(desk.serials[:2]), [desk.shop])
    status, travels = await desk.house.ask("GET", "waybills/SF-1", desk.clerk)
    assert (status, travels["units"]) == (200, [desk.sscc])
    assert (await desk.find(desk.clerk, desk.serials[2]))[1]["holders"] == [desk.firm], "it lay beside the carton"


async def test_a_false_shop_that_tells_destroyed_moves_nothing(desk: Desk) -> None:
    before = (await desk.find(desk.clerk, desk.serials[0]))[1]
    status, told = await desk.tell(desk.false, "destroyed", desk.serials[0])
    assert (status, told["moved"], told["claims"]) == (200, 0, [desk.serials[0]])
    status, found = await desk.find(desk.clerk, desk.serials[0])
    assert [row["kind"] for row in found["claims"]] == ["destroyed"], "its owner sees who claims what"
    assert {**found, "claims": []} == before
    status, own = await desk.find(desk.false, desk.serials[0])
    assert (status, own["moved"], own["holders"], len(own["claims"])) == (200, [], [], 1), "and sees no more by it"
    status, told = await desk.tell(desk.false, "shipped", desk.sscc, waybill="X", to=desk.shop)
    assert (told["moved"], told["claims"]) == (0, [desk.sscc]), "a carton is not moved by naming it"
    assert (await desk.find(desk.clerk, desk.serials[0]))[1]["holders"] == [desk.firm]


async def test_it_is_returned_inspected_and_sold_again(desk: Desk) -> None:
    one = desk.serials[0]
    for token, kind, more in (
        (desk.clerk, "shipped", {"waybill": "SF-2", "to": desk.shop}), (desk.buyer, "received", {}),
        (desk.buyer, "shipped", {"waybill": "SF-3", "to": desk.firm}), (desk.clerk, "returned", {}),
        (desk.clerk, "inspected", {}), (desk.clerk, "back", {}),
        (desk.clerk, "shipped", {"waybill": "SF-4", "to": desk.shop}),
    ):  # fmt: skip
        status, told = await desk.tell(token, kind, one, **more)
        assert (status, told.get("claims")) == (200, []), (kind, told)
    found = (await desk.find(desk.clerk, one))[1]
    assert (found["holders"], found["waybill"], found["within"]) == ([desk.shop], "SF-4", [])


async def test_an_office_samples_what_it_may_see_and_a_firm_does_not(desk: Desk) -> None:
    status, told = await desk.tell(desk.lab, "sampled", desk.serials[0])
    assert (status, told.get("claims")) == (200, []), told
    assert (await desk.tell(desk.clerk, "sampled", desk.serials[0]))[0] == 403
    assert (await desk.tell(desk.lab, "destroyed", desk.serials[1]))[1]["claims"] == [desk.serials[1]]


async def test_a_stranger_is_told_no_other_words_than_of_nothing(desk: Desk) -> None:
    for unit in (desk.serials[0], desk.sscc):
        assert (await desk.find(desk.false, unit))[0] == 404
    assert (await desk.house.ask("GET", "waybills/SF-1", desk.false))[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "shipped", "units": []}, 422),
        ({"kind": "shipped", "units": ["%00"]}, 422),
        ({"kind": "packed", "units": ["106141412345678908"]}, 422),
        ({"kind": "destroyed", "units": ["106141412345678908"], "waybill": "W"}, 422),
        ({"kind": "shipped", "units": ["106141412345678908"], "waybill": "a\u0000b"}, 422),
        ({"kind": "shipped", "units": ["106141412345678908"], "to": "nobody"}, 404),
    ],
)
async def test_what_cannot_be_is_refused_whole(desk: Desk, body: dict[str, Any], status: int) -> None:
    got, problem = await desk.house.ask("POST", "place", desk.clerk, body)
    assert got == status, problem


async def test_no_party_tells_of_one_unit_without_end(desk: Desk) -> None:
    for _ in range(50):
        assert (await desk.tell(desk.false, "destroyed", desk.serials[1]))[0] == 200
    assert (await desk.tell(desk.false, "destroyed", desk.serials[1]))[0] == 409


async def test_a_revoked_agent_packs_nothing(desk: Desk) -> None:
    await desk.house.registry.pool.execute("UPDATE agent SET lost_at = $1 WHERE agent = $2", AT, desk.edge.agent)
    told = len(desk.edge.bodies)
    desk.edge.tell("packed", carton="C9", put_in=[desk.serials[2]], taken_out=[], text="", operator="12")
    await desk.edge.send(told + 1)
    found = (await desk.find(desk.clerk, desk.serials[2]))[1]
    assert (found["within"], [row["kind"] for row in found["claims"]]) == ([], ["packed"])
