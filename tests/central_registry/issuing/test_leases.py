"""Leases: renewed in contact, run out, closed by the agent, written off; and parts for agents that know none
(docs/flow.md, promise 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.agents import fleet
from central_registry.issuing.write_off import write_off
from central_registry.parties.actor import Role
from central_registry.problems import ProblemError
from tests.kits.issuing_kit import House, Site, a_site
from tests.kits.platform_kit import add_person
from tests.kits.registry_kit import Edge


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site() as found:
        yield found


def of_kind(page: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in page["items"] if item["kind"] == kind)
    return found


async def until(site: Site) -> str:
    return str((await site.registry.pool.fetchval("SELECT until FROM lease")).isoformat())


async def draw(edge: Edge, key: str, labels: int) -> list[str]:
    """Printed under the key and told."""
    if not edge.incarnation:
        edge.begin()
    serials = edge.serials(labels)
    edge.printed(serials, quota_key=key)
    await edge.send()
    return serials


async def close(edge: Edge, lease: dict[str, Any], drawn: int, unused: int) -> None:
    told = {"quota_key": lease["quota_key"], "until": lease["until"], "drawn": drawn, "unused": unused}
    edge.tell("lease_closed", **told)
    await edge.send()


async def promised(site: Site) -> list[tuple[str, int, int]]:
    rows = await site.registry.rows("SELECT why, quantity, delta FROM allotment_move ORDER BY at, n")
    return [(row["why"], row["quantity"], row["delta"]) for row in rows]


async def test_contact_renews_it_once_a_day_and_silence_lets_it_end(site: Site) -> None:
    house, edge = await site.ready()
    await site.given(house, 100, days=10)
    cursor = (await site.fed(edge))["cursor"]
    site.clock.on(hours=3)
    assert (await site.fed(edge, cursor))["items"] == [], "what is renewed each minute would be news each minute"
    site.clock.on(days=2)
    page = await site.fed(edge, cursor)
    assert [item["until"] for item in page["items"]] == ["2026-12-02T12:15:03Z"]
    site.clock.on(days=30)
    assert await until(site) == "2026-12-02T12:15:03+00:00", "nobody renews for a silent agent"
    await site.fed(edge)
    assert await until(site) == "2027-01-01T12:15:03+00:00", "one that comes again while all stands goes on"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE certificate SET state = 'suspended'",
        "UPDATE certificate SET state = 'withdrawn'",
        "UPDATE certificate SET valid_to = '2026-11-21'",
        "UPDATE party_status SET status = 'suspended' WHERE party = (SELECT firm FROM certificate)",
    ],
)
async def test_it_is_not_renewed_when_what_it_stands_on_falls(site: Site, change: str) -> None:
    house, edge = await site.ready()
    given = await site.given(house, 100, days=10)
    await site.registry.pool.execute(change)
    site.clock.on(days=5)
    assert of_kind(await site.fed(edge), "lease")["until"] == given["until"]


async def test_a_barred_firms_agent_gets_nothing_and_a_warehouses_lease_ends_at_once(site: Site) -> None:
    house, other = await site.house(), await site.house("示例乙")
    await site.lot(house.firm)
    await site.certificate(house.firm)
    edge = await site.agent(other.firm, "line-1", house.firm)
    await site.given(house, 100, days=10)
    bar = "UPDATE party_status SET status = 'barred' WHERE party = $1"
    await site.registry.pool.execute(bar, house.firm)
    site.clock.on(days=2)
    assert of_kind(await site.fed(edge), "lease")["until"] == "2026-11-22T09:15:03Z"
    await site.registry.pool.execute(bar, other.firm)
    answer = await site.registry.http.get("/v1/agents/line-1/feed", headers=edge.auth())
    assert answer.status == 409
    assert "企业已列入黑名单" in (await answer.json())["detail"]


async def test_only_its_own_word_gives_unused_codes_back_exactly(site: Site) -> None:
    house, edge = await site.ready()
    await site.agent(house.firm, "line-2")
    given = await site.given(house, 5000, days=10)
    await draw(edge, given["quota_key"], 12)
    lease = of_kind(await site.fed(edge), "lease")
    site.clock.on(days=40)
    assert "quantity_free" in [c["rule"] for c in (await site.ask(house, 1, "line-2"))["checks"] if not c["passed"]]
    await close(edge, lease, 12, 4988)
    assert await promised(site) == [("order", 5000, 5000), ("lease_closed", 12, -4988)]
    assert of_kind(await site.fed(edge), "allotment")["quantity"] == 12
    await close(edge, lease, 12, 4988)
    assert len(await promised(site)) == 2, "told twice, given back once"
    await site.given(house, 4988, "line-2")


async def test_nobody_gives_back_what_the_books_have_drawn(site: Site) -> None:
    house, edge = await site.ready()
    given = await site.given(house, 100, days=10)
    await draw(edge, given["quota_key"], 30)
    await close(edge, of_kind(await site.fed(edge), "lease"), 0, 100)
    assert (await promised(site))[-1] == ("lease_closed", 30, -70)


async def test_what_is_said_of_a_lease_that_was_renewed_is_none_of_the_new_one(site: Site) -> None:
    house, edge = await site.ready()
    await site.given(house, 100, days=10)
    old = of_kind(await site.fed(edge), "lease")
    site.clock.on(days=5)
    await site.fed(edge)
    edge.begin()
    await close(edge, old, 0, 100)
    assert await promised(site) == [("order", 100, 100)]
    assert await site.registry.pool.fetchval("SELECT closed_at FROM lease") is None


async def test_a_broken_word_of_a_lease_blocks_nothing(site: Site) -> None:
    house, edge = await site.ready()
    await site.given(house, 100)
    edge.begin()
    edge.tell("lease_closed", quota_key="\0", until=5, unused="all")
    edge.tell("lease_closed", quota_key="lot:L404", until="2026-01-01T00:00:00Z", drawn=0, unused=5)
    await edge.send()
    assert await site.registry.alarms() == ["malformed_event"]


async def silent(site: Site, drawn: int) -> tuple[House, Edge, str]:
    """A firm whose agent drew so many of 1000 and fell silent."""
    house, edge = await site.ready()
    given = await site.given(house, 1000, days=10)
    await draw(edge, given["quota_key"], drawn)
    return house, edge, given["quota_key"]


async def test_an_approver_writes_off_what_a_silent_agent_holds(site: Site) -> None:
    house, edge, key = await silent(site, 40)
    pool = site.registry.pool
    for words, wait in (("租期未到", 1), ("核销原因", 10)):
        site.clock.on(days=wait)
        with pytest.raises(ProblemError, match=words):
            await write_off(pool, site.approver, "line-1", key, "" if "原因" in words else "电脑报废", site.clock.now)
    with pytest.raises(ProblemError, match="您的账号不能"):
        await write_off(pool, site.officer, "line-1", key, "电脑报废", site.clock.now)
    done = await write_off(pool, site.approver, "line-1", key, "电脑报废", site.clock.now)
    assert done == {"agent": "line-1", "quota_key": key, "given_back": 960, "left": 40}
    assert (await promised(site))[-1] == ("write_off", 40, -960)
    assert await pool.fetchval("SELECT written_off_at FROM lease") == site.clock.now
    again = await site.ask(house, 1)
    assert [c["rule"] for c in again["checks"] if not c["passed"]] == ["agent_entitled"]
    site.clock.on(hours=1)
    page = await site.fed(edge)
    assert of_kind(page, "allotment")["quantity"] == 40
    assert of_kind(page, "lease")["until"] == "2026-11-30T09:15:03Z", "it draws no more"
    assert [c["rule"] for c in (await site.ask(house, 1))["checks"] if not c["passed"]] == [], "it is back"


async def test_an_agent_in_contact_is_not_written_off(site: Site) -> None:
    _, edge, key = await silent(site, 40)
    await site.registry.pool.execute("UPDATE certificate SET state = 'withdrawn'")
    site.clock.on(days=11)
    await site.fed(edge)
    with pytest.raises(ProblemError, match="打印端仍有联系"):
        await write_off(site.registry.pool, site.approver, "line-1", key, "电脑报废", site.clock.now)


# --- agents that know no leases ---------------------------------------------------------------------------------------


async def an_old_one(site: Site, quantity: int) -> tuple[House, Edge, str]:
    house = await site.house()
    await site.lot(house.firm)
    await site.certificate(house.firm)
    edge = await site.agent(house.firm, can="")
    return house, edge, (await site.given(house, quantity))["quota_key"]


async def test_an_old_agent_is_fed_a_part_at_a_time_in_the_old_form(site: Site) -> None:
    _, edge, key = await an_old_one(site, 5000)
    assert key == "lot:L1", "it builds its keys itself"
    page = await site.fed(edge, can="")
    assert page["items"][0] == {
        "kind": "allotment", "quota_key": "lot:L1", "quantity": 500, "spoilage_permille": 30
    }  # fmt: skip
    assert sorted((item["kind"], *sorted(item)) for item in page["items"][1:]) == [
        ("lot", "kind", "lot_no", "record"), ("style", "kind", "record", "style_no")
    ]  # fmt: skip
    await draw(edge, key, 300)
    assert of_kind(await site.fed(edge, page["cursor"], can=""), "allotment")["quantity"] == 800
    assert await promised(site) == [("order", 5000, 5000)], "what is promised stays"


async def test_an_old_agents_part_is_lowered_when_its_lease_ends(site: Site) -> None:
    _, edge, key = await an_old_one(site, 5000)
    await draw(edge, key, 300)
    await site.fed(edge, can="")
    await site.registry.pool.execute("UPDATE certificate SET state = 'withdrawn'")
    site.clock.on(days=46)
    assert of_kind(await site.fed(edge, can=""), "allotment")["quantity"] == 300


async def test_an_upgraded_agent_gets_all_that_is_its_own_again(site: Site) -> None:
    _house, edge, key = await an_old_one(site, 5000)
    page = await site.fed(edge, can="")
    items = (await site.fed(edge, page["cursor"]))["items"]
    assert sorted(item["kind"] for item in items) == ["allotment", "certificate", "lease", "lot", "style"]
    assert of_kind({"items": items}, "allotment")["quantity"] == 5000
    assert {item["quota_key"] for item in items if item["kind"] != "style"} == {key}
    row = (await site.registry.rows("SELECT can, version FROM agent"))[0]
    assert row == {"can": "certificates,leases,firms", "version": "1.0.0"}


async def test_an_old_agent_serves_one_firm(site: Site) -> None:
    _house, edge, _ = await an_old_one(site, 10)
    other = await site.house("示例乙")
    await site.lot(other.firm, "L2")
    await site.certificate(other.firm, lot_no="L2", report_no="R2")
    await site.registry.pool.execute("INSERT INTO agent_firm VALUES ('line-1', $1, now())", other.firm)
    order = await site.ask(other, 10, lot_no="L2")
    assert [c["rule"] for c in order["checks"] if not c["passed"]] == ["agent_entitled"]
    await site.fed(edge)
    assert [c["rule"] for c in (await site.ask(other, 10, lot_no="L2"))["checks"] if not c["passed"]] == []


# --- a registry that lost what it gave --------------------------------------------------------------------------------


async def test_a_restored_registry_takes_a_lease_and_whose_key_it_is_back_from_the_agents_books(site: Site) -> None:
    house, edge = await site.ready()
    given = await site.given(house, 100)
    edge.begin()
    page = await site.fed(edge)
    for table in ("feed_item", "feed_shown", "lease", "quota_key", "allotment_move", "code_order"):
        await site.registry.pool.execute(f"DELETE FROM {table}")
    for _ in range(2):
        edge.tell("unheard_of")
    await edge.send(1, 1)
    await edge.refused(3, 3)
    edge.tell("feed_received", cursor=page["cursor"], epoch=page["epoch"], items=page["items"])
    await edge.send(2)
    assert (await until(site))[:19] + "Z" == given["until"]
    rows = await site.registry.rows("SELECT quota_key, firm, lot_no, style_no FROM quota_key WHERE lot_no IS NOT NULL")
    assert rows == [{"quota_key": given["quota_key"], "firm": house.firm, "lot_no": "L1", "style_no": "S1"}]
    assert of_kind(await site.fed(edge), "allotment")["quantity"] == 100


# --- a copied secret gives nothing back -------------------------------------------------------------------------------


async def test_a_copy_that_waits_gives_back_nothing_of_the_other_machine(site: Site) -> None:
    """One word of a stolen disk would end an honest line's day, and let its codes be ordered by another."""
    house, edge = await site.ready()
    await add_person(site.registry.pool, house.firm, Role.IT)
    given = await site.given(house, 100)
    await draw(edge, given["quota_key"], 1)
    thief = edge.copy()
    thief.fingerprint = "machine-2"
    thief.begin(edge, "recovered")
    thief.tell("lease_closed", quota_key=given["quota_key"], until=given["until"], drawn=1, unused=99)
    assert (await thief.refused())["kept"] == thief.head()
    assert await promised(site) == [("order", 100, 100)]
    assert await site.registry.pool.fetchval("SELECT closed_at FROM lease") is None


async def test_a_revoked_agent_gives_nothing_back_by_itself(site: Site) -> None:
    """Whoever has its secret could free what it printed and could not tell; an approver writes off instead."""
    house, edge = await site.ready()
    given = await site.given(house, 100)
    await draw(edge, given["quota_key"], 1)
    why = fleet.Why.COPIED
    await fleet.revoke(site.registry.pool, site.officer, "line-1", why, "示例原因", site.clock.now)
    edge.tell("lease_closed", quota_key=given["quota_key"], until=given["until"], drawn=1, unused=99)
    await edge.send(4)
    assert await promised(site) == [("order", 100, 100)]
    key = given["quota_key"]
    done = await write_off(site.registry.pool, site.approver, "line-1", key, "密钥泄露", site.clock.now)
    assert done["given_back"] == 99


async def test_what_an_agent_closed_and_kept_is_written_off(site: Site) -> None:
    """A false word of a lease's end would else hold the rest of a lot for ever."""
    house, edge = await site.ready()
    given = await site.given(house, 100, days=10)
    await draw(edge, given["quota_key"], 1)
    await close(edge, of_kind(await site.fed(edge), "lease"), 100, 0)
    assert await promised(site) == [("order", 100, 100)]
    pool, key = site.registry.pool, given["quota_key"]
    done = await write_off(pool, site.approver, "line-1", key, "报数不符", site.clock.now)
    assert done["given_back"] == 99
    with pytest.raises(ProblemError, match="没有可核销的余量"):
        await write_off(pool, site.approver, "line-1", key, "报数不符", site.clock.now)
