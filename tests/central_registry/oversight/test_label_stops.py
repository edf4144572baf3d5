"""Labels are stopped one by one: the chosen ones and none beside them, by one person at once, for good by two."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.exchange import deliveries, webhooks
from central_registry.parties.actor import PartyKind, Role
from tests.kits.login_kit import Clock, House
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, Edge, Registry, garment, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
EIGHT = "抽检发现充绒量不足"


@dataclass
class Desk:
    """A firm with three windows of eight labels out; two officers who decide; the firm's own clerk."""

    house: House
    edge: Edge
    key: str
    one: str
    two: str
    clerk: str
    windows: dict[str, list[str]]

    async def post(self, token: str, path: str, body: Any) -> tuple[int, Any]:
        return await self.house.ask("POST", path, token, body)

    def choice(self, **more: Any) -> dict[str, Any]:
        return {"firm": self.house.firm, **more}

    async def stop(self, choice: dict[str, Any], labels: int, token: str = "", **more: Any) -> tuple[int, Any]:
        body = {"choice": choice, "labels": labels, "reason": EIGHT, **more}
        return await self.post(token or self.one, "label-stops", body)

    async def decide(self, decision: str, agreed: bool = True, token: str = "") -> int:
        body = {"agreed": agreed, "reason": "核对属实"}
        return (await self.post(token or self.two, f"decisions/{decision}/outcome", body))[0]

    async def page(self, serial: str) -> dict[str, Any]:
        return await self.house.registry.facts(f"/01/06901234567892/10/L1/21/{serial}")

    async def said(self, *serials: str) -> set[str]:
        """The words on top of their scan pages."""
        return {str((await self.page(one))["status"]) for one in serials}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registry() -> AsyncIterator[Registry]:
    async with running(fenced=True) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def desk(registry: Registry) -> Desk:
    pool = registry.pool
    association = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
    firm = await add_party(pool, PartyKind.FIRM, "示例甲", of=association)
    house = House(registry, Clock(), association, firm)
    await in_transaction(
        pool, lambda c: items.put_goods(c, firm, [{"kind": "lot", "lot_no": "L1", "record": garment("L1")}], AT)
    )
    key = await pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", firm)
    edge = await registry.enrolled(f"line-{firm}", f"machine of {firm}")
    await pool.execute("UPDATE agent SET owner = $1, association = $2 WHERE agent = $3", firm, association, edge.agent)
    await pool.execute("INSERT INTO agent_firm VALUES ($1, $2, $3)", edge.agent, firm, AT)
    order = {"kind": "allotment", "quota_key": key, "quantity": 5000}
    await in_transaction(pool, lambda c: items.put(c, edge.agent, order))
    edge.begin()
    windows = {}
    for hour, printer in ((8, "p1"), (9, "p2"), (10, "p2")):
        serials = edge.serials(8)
        edge.at = f"2026-12-20T{hour:02}:00:00.000Z"
        windows[edge.printed(serials, quota_key=key, printer=printer)] = serials
    await edge.send(1)
    people = [(association, (Role.OFFICER, Role.APPROVER))] * 2 + [(firm, (Role.OFFICER,))]
    one, two, clerk = [await token_of(pool, await add_person(pool, party, *roles)) for party, roles in people]
    return Desk(house, edge, key, one, two, clerk, windows)


def _of(desk: Desk, number: int) -> tuple[str, list[str]]:
    return list(desk.windows.items())[number]


async def test_eight_labels_are_recalled_and_their_neighbours_stay(desk: Desk) -> None:
    window, eight = _of(desk, 1)
    choice = desk.choice(agent=desk.edge.agent, windows=[window])
    status, shown = await desk.post(desk.one, "label-stops/preview", choice)
    assert (status, shown["labels"], shown["states"], shown["sample"]) == (200, 8, {"printed": 8}, sorted(eight))
    assert await desk.said(*eight) == {"registered"}, "looking changes nothing"
    status, stopped = await desk.stop(choice, 8, recall=True)
    assert (status, stopped["state"]) == (200, "provisional"), stopped
    assert await desk.said(*eight) == {"recall_pending"}
    assert EIGHT not in str(await desk.page(eight[0])), "one person's word gives no reason to the public"
    assert await desk.decide(stopped["decision"], token=desk.one) == 403
    assert await desk.decide(stopped["decision"]) == 200
    assert await desk.said(*eight) == {"recalled"}
    assert EIGHT in str(await desk.page(eight[0]))
    neighbours = [one for name, serials in desk.windows.items() if name != window for one in serials]
    assert await desk.said(*neighbours) == {"registered"}


async def test_one_person_stops_at_night_and_another_lifts_at_noon(desk: Desk) -> None:
    window, eight = _of(desk, 1)
    _, stopped = await desk.stop(desk.choice(agent=desk.edge.agent, windows=[window]), 8)
    assert await desk.said(*eight) == {"suspended"}
    assert await desk.decide(stopped["decision"], agreed=False) == 200
    assert await desk.said(*eight) == {"registered"}
    _, found = await desk.house.ask("GET", f"label-stops/{stopped['stop']}", desk.one)
    assert (found["state"], found["labels"]) == ("lifted", 8), "it stays as one that was"


async def test_a_confirmed_suspension_goes_on_by_two_and_a_recall_never(desk: Desk) -> None:
    _, eight = _of(desk, 0)
    for recall, lifted in ((False, 200), (True, 409)):
        _, stopped = await desk.stop(desk.choice(serials=eight), 8, recall=recall)
        path = f"label-stops/{stopped['stop']}/lifting"
        assert (await desk.post(desk.one, path, {"reason": "复检合格"}))[0] == 409, "it is not confirmed yet"
        assert await desk.decide(stopped["decision"]) == 200
        status, asked = await desk.post(desk.one, path, {"reason": "复检合格"})
        assert status == lifted, asked
        if not recall:
            assert await desk.said(*eight) == {"suspended"}, "until another agrees"
            assert await desk.decide(asked["decision"], token=desk.one) == 403
            assert await desk.decide(asked["decision"]) == 200
            assert await desk.said(*eight) == {"registered"}
    assert await desk.said(*eight) == {"recalled"}


async def test_a_printer_and_a_stretch_of_time_choose_their_windows(desk: Desk) -> None:
    agent = desk.edge.agent
    for more, labels in (
        ({"printer": "p2"}, 16),
        ({"printer": "p2", "until": "2026-12-20T10:00:00.000Z"}, 8),
        ({"since": "2026-12-20T08:00:00.000Z", "until": "2026-12-20T10:00:00.000Z"}, 16),
        ({"lot_no": "L1"}, 24),
        ({}, 24),
    ):
        status, shown = await desk.post(desk.one, "label-stops/preview", desk.choice(agent=agent, **more))
        assert (status, shown.get("labels")) == (200, labels), (more, shown)


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"serials": ["ZZZ00000000000000"]}, 404, "ZZZ00000000000000"),
        ({"windows": ["no such window"], "agent": "mine"}, 404, "no such window"),
        ({"agent": "mine", "printer": "p9"}, 404, "got none"),
        ({}, 422, "both or neither"),
        ({"serials": ["X"], "agent": "mine"}, 422, "both or neither"),
        ({"serials": ["X"], "printer": "p1"}, 422, "list of serials alone"),
        ({"agent": "mine", "since": "yesterday"}, 422, "yesterday"),
        ({"agent": "mine", "since": "2026-12-20T10:00:00Z", "until": "2026-12-20T09:00:00Z"}, 422, "before"),
    ],
)
async def test_what_chooses_nothing_is_refused_and_named(desk: Desk, more: Any, status: int, said: str) -> None:
    choice = desk.choice(**more)
    if choice.get("agent"):
        choice["agent"] = desk.edge.agent
    for path, body in (
        ("preview", choice),
        ("", {"choice": choice, "labels": 1, "reason": EIGHT}),
    ):
        got, problem = await desk.post(desk.one, f"label-stops/{path}".rstrip("/"), body)
        assert (got, said in problem["detail"]) == (status, True), problem
    rows = (await desk.house.ask("GET", "label-stops", desk.one))[1]["rows"]
    assert rows == [], "nothing half done"


async def test_what_was_not_seen_before_is_not_stopped(desk: Desk) -> None:
    """More labels were told between looking and stopping: the number no longer agrees."""
    choice = desk.choice(agent=desk.edge.agent, printer="p1")
    status, problem = await desk.stop(choice, 7)
    assert (status, "8" in problem["detail"]) == (409, True)
    assert await desk.said(*_of(desk, 0)[1]) == {"registered"}


async def test_another_firms_labels_are_refused_and_only_their_office_stops(desk: Desk) -> None:
    pool, (_, eight) = desk.house.pool, _of(desk, 0)
    other = await add_party(pool, PartyKind.FIRM, "示例乙", of=desk.house.association)
    stranger = await add_party(pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    foreign = await token_of(pool, await add_person(pool, stranger, Role.OFFICER, Role.APPROVER))
    status, problem = await desk.stop({"firm": other, "serials": eight}, 8)
    assert (status, eight[0] in problem["detail"] or "others" in problem["detail"]) == (404, True), problem
    assert (await desk.stop(desk.choice(serials=eight), 8, token=foreign))[0] == 404
    assert (await desk.stop(desk.choice(serials=eight), 8, token=desk.clerk))[0] == 403
    _, stopped = await desk.stop(desk.choice(serials=eight), 8)
    for token, seen in ((desk.clerk, 200), (foreign, 404)):
        for path in ("", "/labels"):
            assert (await desk.house.ask("GET", f"label-stops/{stopped['stop']}{path}", token))[0] == seen
    for path in ("lifting", "closing"):
        assert (await desk.post(foreign, f"label-stops/{stopped['stop']}/{path}", {"reason": "x"}))[0] == 404


async def test_progress_says_what_came_back_and_a_report_ends_the_work(desk: Desk) -> None:
    _, eight = _of(desk, 1)
    _, stopped = await desk.stop(desk.choice(serials=eight), 8, recall=True)
    path = f"label-stops/{stopped['stop']}"
    assert (await desk.post(desk.one, f"{path}/closing", {"reason": "8 件已处理"}))[0] == 409, "not confirmed yet"
    await desk.decide(stopped["decision"])
    for kind, units in (("returned", eight[:3]), ("destroyed", eight[:1])):
        assert (await desk.post(desk.clerk, "place", {"kind": kind, "units": units}))[0] == 200
    _, found = await desk.house.ask("GET", path, desk.one)
    assert {name: found[name] for name in ("returned", "destroyed", "back", "elsewhere", "not_moved")} == {
        "returned": 2, "destroyed": 1, "back": 0, "elsewhere": 0, "not_moved": 5,
    }  # fmt: skip
    _, labels = await desk.house.ask("GET", f"{path}/labels", desk.one)
    assert [row["serial"] for row in labels["rows"]] == sorted(eight)
    assert (await desk.post(desk.one, f"{path}/closing", {"reason": " "}))[0] == 422
    assert (await desk.post(desk.one, f"{path}/closing", {"reason": "8 件已处理"}))[0] == 200
    assert (await desk.post(desk.one, f"{path}/closing", {"reason": "改写"}))[0] == 409, "a report is not changed"
    assert await desk.said(*eight) == {"recalled"}, "closing ends the work, not the recall"


async def test_an_address_is_told_of_each_state_once(desk: Desk) -> None:
    pool, (_, eight) = desk.house.pool, _of(desk, 2)
    office = await add_person(pool, desk.house.association, Role.OFFICER, Role.IT)
    await webhooks.add(pool, office, "https://office.example.cn/hooks", AT)
    for agreed, state in ((None, "provisional"), (True, "standing")):
        if agreed is None:
            _, stopped = await desk.stop(desk.choice(serials=eight), 8, recall=True)
        else:
            assert await desk.decide(stopped["decision"]) == 200
        for _ in range(2):
            await deliveries.find(pool, AT)
        rows = await pool.fetch("SELECT kind, body FROM webhook_message WHERE cause LIKE $1", f"labels % {state}")
        (told,) = [json.loads(row["body"])["data"] for row in rows if row["kind"] == "labels.recalled"]
        assert (told["serials"], told["labels"], told["provisional"]) == (sorted(eight), 8, agreed is None)
        assert told.get("reason") == (EIGHT if agreed else None)
