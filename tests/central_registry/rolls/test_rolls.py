"""Rolls behind the fence: handed over by two scans, put on garments one by one, returned, lost; exact sums."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.parties.actor import PartyKind, Role
from tests.kits.login_kit import Clock, House
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, Edge, Registry, garment, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

GTIN = "06901234567892"
SUMS = ("labels", "commissioned", "returned", "lost", "still")


@dataclass
class Desk:
    """An association with an agent of its own that prints for a firm; tokens of an officer and of the firm's clerk."""

    house: House
    edge: Edge
    key: str
    officer: str
    clerk: str
    other: str
    told: int = field(default=0)

    async def send(self) -> None:
        await self.edge.send(self.told + 1)
        self.told = len(self.edge.bodies)

    async def printed(self, labels: int, **more: Any) -> list[str]:
        serials = self.edge.serials(labels)
        self.edge.printed(serials, **{"quota_key": self.key, **more})
        await self.send()
        return serials

    async def hand(self, first: str, last: str, token: str = "", **more: Any) -> tuple[int, Any]:
        return await self.house.ask("POST", "rolls", token or self.officer, {"first": first, "last": last, **more})

    async def scan(self, serial: str, token: str = "", gtin: str = GTIN, lot: str = "/10/L1") -> tuple[int, Any]:
        text = f"https://example.org/01/{gtin}{lot}/21/{serial}"
        return await self.house.ask("POST", "roll-scans", token or self.clerk, {"text": text})

    async def settle(self, roll: str, became: str, *labels: str, token: str = "") -> tuple[int, Any]:
        body = {"became": became, "labels": list(labels)}
        return await self.house.ask("POST", f"rolls/{roll}/settled", token or self.officer, body)

    async def sums(self, roll: str, token: str = "") -> tuple[int, ...]:
        status, row = await self.house.ask("GET", f"rolls/{roll}", token or self.clerk)
        assert status == 200, row
        return tuple(row[name] for name in SUMS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registry() -> AsyncIterator[Registry]:
    async with running(fenced=True) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def desk(registry: Registry) -> Desk:
    """A desk of its own in the registry that all tests share."""
    pool = registry.pool
    association = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
    firm, other = [await add_party(pool, PartyKind.FIRM, name, of=association) for name in ("示例甲", "示例乙")]
    house = House(registry, Clock(), association, firm)
    lot = {"kind": "lot", "lot_no": "L1", "record": garment("L1")}
    await in_transaction(pool, lambda c: items.put_goods(c, firm, [lot], AT))
    key = await pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", firm)
    name = f"line-{firm}"
    edge = await registry.enrolled(name, f"machine of {name}")
    await pool.execute("UPDATE agent SET owner = $1, association = $1 WHERE agent = $2", association, edge.agent)
    await pool.execute("INSERT INTO agent_firm VALUES ($1, $2, $3)", edge.agent, firm, AT)
    allotted = {"kind": "allotment", "quota_key": key, "quantity": 5000}
    await in_transaction(pool, lambda c: items.put(c, edge.agent, allotted))
    edge.begin()
    people = [(association, Role.OFFICER), (firm, Role.VIEWER), (other, Role.OFFICER)]
    tokens = [await token_of(pool, await add_person(pool, party, role)) for party, role in people]
    return Desk(house, edge, key, *tokens)


async def test_a_roll_from_two_scans_to_its_last_label(desk: Desk) -> None:
    windows = [await desk.printed(4) for _ in range(3)]
    printed = [serial for window in windows for serial in window]
    status, roll = await desk.hand(printed[9], f"https://x.org/01/{GTIN}/21/{printed[2]}", roll="r1", labels=8)
    assert (status, roll["labels"], roll["firm"], roll["quota_key"]) == (200, 8, desk.house.firm, desk.key)
    assert (await desk.hand(printed[9], printed[2], roll="r1", labels=8)) == (200, roll), "sent twice it is one"
    assert await desk.sums("r1") == (8, 0, 0, 0, 8)
    for outside in (printed[1], printed[10]):
        assert (await desk.scan(outside))[0] == 404, "not of the stretch"
    status, found = await desk.scan(printed[2])
    assert (status, found["already"], found["commissioned"], found["still"]) == (200, False, 1, 7)
    before = await desk.house.registry.rows("SELECT * FROM roll_label ORDER BY serial")
    status, found = await desk.scan(printed[2].lower())
    assert (status, found["already"], found["still"]) == (200, True, 7), "told, and nothing changed"
    assert await desk.house.registry.rows("SELECT * FROM roll_label ORDER BY serial") == before
    assert (await desk.settle("r1", "lost", printed[3]))[0] == 200
    assert (await desk.settle("r1", "returned", printed[3]))[0] == 409, "it is lost already"
    assert (await desk.scan(printed[3]))[0] == 409
    assert await desk.settle("r1", "returned") == (200, {"roll": "r1", "became": "returned", "labels": 6})
    assert await desk.sums("r1") == (8, 1, 6, 1, 0)
    assert (await desk.house.ask("GET", "rolls?state=closed", desk.clerk))[1]["total"] == 1
    assert (await desk.settle("r1", "lost"))[0] == 409
    states = await desk.house.registry.states()
    assert {states[serial] for serial in printed} == {1}, "the agent's history says printed, and is not rewritten"
    sums = await desk.house.registry.rows(
        "SELECT printed, commissioned, by_roll FROM label_sum WHERE agent = $1", desk.edge.agent
    )
    assert [tuple(row.values()) for row in sums] == [(12, 0, 1)]


async def test_only_what_is_printed_free_and_of_one_kind_is_handed_over(desk: Desk) -> None:
    first = await desk.printed(3)
    doubtful = desk.edge.serials(2)
    window = desk.edge.sending(doubtful, quota_key=desk.key)
    desk.edge.tell("window_in_doubt", window=window, reason="gone", evidence={})
    await desk.send()
    last = await desk.printed(3)
    status, problem = await desk.hand(first[0], last[-1])
    assert (status, "打印结果存疑" in problem["detail"]) == (409, True)
    assert (await desk.hand(last[0], last[2], labels=4))[0] == 409, "another number than was shown"
    assert (await desk.hand(last[0], last[2]))[0] == 200
    assert (await desk.hand(last[1], last[1]))[0] == 409, "on a roll already"
    assert (await desk.hand(first[0], desk.edge.serial()))[0] == 404
    desk.edge.tell("label_decided", serial=first[1], operator="班长甲", reason="污损", step="scrap")
    await desk.send()
    status, problem = await desk.hand(first[0], first[2])
    assert (status, "已作废" in problem["detail"]) == (409, True)
    held = await desk.house.pool.fetchval("SELECT count(*) FROM roll WHERE firm = $1", desk.house.firm)
    assert held == 1, "nothing half done"


async def test_another_printers_labels_lie_on_another_roll(desk: Desk) -> None:
    one = await desk.printed(2)
    between = await _printed_by(desk, "p2", desk.edge.serials(2))
    two = await desk.printed(2)
    status, roll = await desk.hand(one[0], two[1])
    assert (status, roll["labels"]) == (200, 4)
    assert (await desk.scan(between[0]))[0] == 404
    assert (await desk.hand(between[0], two[1]))[0] == 409


async def _printed_by(desk: Desk, printer: str, serials: Sequence[str]) -> Sequence[str]:
    sample = next(iter(desk.edge.snapshots))
    desk.edge.tell(
        "window_sending", window="w-other", job="j2", printer=printer, snapshot=sample, quota_key=desk.key, gtin=GTIN,
        lot_no="L1", serials=list(serials), replaces={}, counter=None,
    )  # fmt: skip
    desk.edge.tell("window_printed", window="w-other", level="counter", evidence={}, counts_as="printed")
    await desk.send()
    return serials


async def test_only_the_firms_people_commission_and_only_its_association_hands_over(desk: Desk) -> None:
    printed = await desk.printed(5)
    assert (await desk.hand(printed[0], printed[2], token=desk.clerk))[0] == 403
    stranger = await add_party(desk.house.pool, PartyKind.ASSOCIATION, "示例别的协会")
    abroad = await token_of(desk.house.pool, await add_person(desk.house.pool, stranger, Role.OFFICER))
    assert (await desk.hand(printed[0], printed[2], token=abroad))[0] == 404
    roll = (await desk.hand(printed[0], printed[2]))[1]["roll"]
    assert (await desk.scan(printed[0], token=desk.officer))[0] == 403
    alike = [(await desk.scan(serial, token=desk.other)) for serial in (printed[0], printed[4])]
    assert [status for status, _ in alike] == [404, 404], "nothing of another firm's roll is told"
    assert (await desk.house.ask("GET", f"rolls/{roll}", desk.other))[0] == 404
    assert (await desk.settle(roll, "lost", token=abroad))[0] == 404
    assert (await desk.settle(roll, "commissioned"))[0] == 422
    assert await desk.sums(roll) == (3, 0, 0, 0, 3)


@pytest.mark.parametrize(
    ("what", "said"),
    [("scrap", "已作废"), ("stopped", "已暂停"), ("gtin", "二维码里的商品"), ("typed", "整条链接")],
    ids=["scrap", "stopped", "gtin", "typed"],
)
async def test_a_label_that_may_not_be_put_on_is_refused_with_its_sentence(desk: Desk, what: str, said: str) -> None:
    serial = (await desk.printed(1))[0]
    roll = (await desk.hand(serial, serial))[1]["roll"]
    if what == "scrap":
        desk.edge.tell("label_decided", serial=serial, operator="班长甲", reason="污损", step="scrap")
        await desk.send()
    if what == "stopped":
        body = {"firm": desk.house.firm, "lot_no": "L1", "reason": "抽检"}
        assert (await desk.house.ask("POST", "suspensions", desk.officer, body))[0] == 200
    if what == "typed":
        status, problem = await desk.house.ask("POST", "roll-scans", desk.clerk, {"text": serial})
    else:
        status, problem = await desk.scan(serial, gtin="06901234567908" if what == "gtin" else GTIN)
    assert (status in (409, 422), said in problem["detail"]) == (True, True), problem
    assert await desk.sums(roll) == (1, 0, 0, 0, 1)


async def test_whatever_is_done_in_any_order_the_sums_are_those_of_the_labels(desk: Desk) -> None:
    chance = random.Random(16)
    printed = [serial for _ in range(3) for serial in await desk.printed(7)]
    rolls = {(await desk.hand(printed[a], printed[b]))[1]["roll"]: printed[a : b + 1] for a, b in ((0, 8), (9, 17))}
    became: dict[str, str] = {}
    for _ in range(40):
        roll = chance.choice(list(rolls))
        serial, verb = chance.choice(printed), chance.choice(["commissioned", "returned", "lost"])
        if verb == "commissioned":
            status, found = await desk.scan(serial)
            done = status == 200 and not found["already"]
            may = serial in printed[:18] and serial not in became
        else:
            done = (await desk.settle(roll, verb, serial))[0] == 200
            may = serial in rolls[roll] and serial not in became
        assert done == may, (serial, verb)
        if done:
            became[serial] = verb
        for name, labels in rolls.items():
            told = [became.get(one, "still") for one in labels]
            assert await desk.sums(name) == (len(labels), *(told.count(one) for one in SUMS[1:]))


async def test_a_suspended_firm_uses_what_it_has_and_a_barred_one_does_not(desk: Desk) -> None:
    serials = await desk.printed(3)
    assert (await desk.hand(serials[0], serials[2]))[0] == 200
    query = (
        "INSERT INTO party_status (party, n, status, reason, effective_on, at, person, by_party) "
        "VALUES ($1, $2, $3, 'kit', $4, $5, 'kit', 'kit')"
    )
    for n, status in ((2, "suspended"), (3, "barred")):
        await desk.house.pool.execute(query, desk.house.firm, n, status, AT.date(), AT)
        answer, found = await desk.scan(serials[n - 2])
        assert answer == (200 if status == "suspended" else 409), found
    assert (await desk.scan(serials[0]))[1]["already"] is True, "what is on its garment is told as ever"
    assert await desk.house.pool.fetchval("SELECT count(*) FROM roll_label WHERE serial = ANY($1)", serials) == 1
