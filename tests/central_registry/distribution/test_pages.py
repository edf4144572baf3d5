"""An agent is fed what is its own, whenever it came to be, and nothing of anybody else (docs/architecture.md, 7.4)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from central_registry import db
from central_registry.distribution import pages
from central_registry.distribution.items import key_of
from central_registry.goods import lot_import
from central_registry.issuing import allotments
from central_registry.oversight import notices
from central_registry.problems import RefusedError
from edge_agent.ledger import Ledger
from tests.kits.registry_kit import AT, Edge, Registry, fresh_dsn, garment, running
from tests.kits.sync_kit import station
from tests.kits.told_kit import told as events_told


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


def keys(items: Sequence[dict[str, Any]]) -> list[str]:
    """`kind key` of each item."""
    return [f"{item['kind']} {key_of(item)}" for item in items]


async def whole(edge: Edge, after: str = "") -> tuple[list[str], str]:
    """All that an agent is given after a cursor, page by page; and its new cursor."""
    found: list[str] = []
    while True:
        page = await edge.get("feed", after=after)
        after = page["cursor"]
        if not page["items"]:
            return found, after
        found += keys(page["items"])


async def test_an_agent_is_fed_its_own_and_nothing_of_another(registry: Registry) -> None:
    one, two = await registry.enrolled("line-1"), await registry.enrolled("line-2")
    records = [garment(f"L{n}", f"S{n}") for n in range(4)] + [garment(None, "S8"), garment(None, "S9")]
    await lot_import.import_lots(registry.pool, records)
    await allotments.allot(registry.pool, one.agent, "lot:L1", 10)
    await allotments.allot(registry.pool, one.agent, "style:S8", 10)
    await allotments.allot(registry.pool, two.agent, "lot:L2", 10)
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    await notices.recall(registry.pool, "lot:L2", "染料")
    await notices.recall(registry.pool, "style:S8", "绳带")
    assert sorted((await whole(one))[0]) == [
        "allotment lot:L1", "allotment style:S8", "lot L1", "recall style:S8", "style S1", "style S8",
        "suspension lot:L1",
    ]  # fmt: skip
    assert sorted((await whole(two))[0]) == ["allotment lot:L2", "lot L2", "recall lot:L2", "style S2"]


async def test_a_lot_comes_with_a_later_allotment_however_far_the_agent_has_read(registry: Registry) -> None:
    edge = await registry.enrolled()
    await lot_import.import_lots(registry.pool, [garment("L1", "S1"), garment("L2", "S2")])
    await notices.suspend(registry.pool, "lot:L2", True, "复核")
    await notices.suspend(registry.pool, "lot:L2", False, "复核完成")
    await notices.recall(registry.pool, "lot:L2", "染料")
    await allotments.allot(registry.pool, edge.agent, "lot:L1", 10)
    first, cursor = await whole(edge)
    assert sorted(first) == ["allotment lot:L1", "lot L1", "style S1"]
    await allotments.allot(registry.pool, edge.agent, "lot:L2", 10)
    later, cursor = await whole(edge, cursor)
    assert sorted(later) == ["allotment lot:L2", "lot L2", "recall lot:L2", "style S2", "suspension lot:L2"]
    await allotments.allot(registry.pool, edge.agent, "lot:L2", 20)
    assert (await whole(edge, cursor))[0] == ["allotment lot:L2"], "what has come does not come again"


async def test_what_is_replaced_reaches_those_who_have_it(registry: Registry) -> None:
    one, two = await registry.enrolled("line-1"), await registry.enrolled("line-2")
    await lot_import.import_lots(registry.pool, [garment("L1", "S1"), garment("L2", "S2")])
    await allotments.allot(registry.pool, one.agent, "lot:L1", 10)
    await allotments.allot(registry.pool, two.agent, "lot:L2", 10)
    at = [(await whole(edge))[1] for edge in (one, two)]
    await lot_import.import_lots(registry.pool, [garment("L1", "S3", quantity=7000)], replace=True)
    assert sorted((await whole(one, at[0]))[0]) == ["lot L1", "style S3"], "and the style that the lot is of now"
    assert (await whole(two, at[1]))[0] == []


async def test_who_drew_under_a_key_hears_its_notices(registry: Registry) -> None:
    """A registry that was restored may not hold the allotment any more, and labels of the lot are out there."""
    edge = (await registry.enrolled()).begin()
    edge.printed(edge.serials(2), lot_no="L7")
    await edge.send()
    _, cursor = await whole(edge)
    await notices.recall(registry.pool, "lot:L7", "染料")
    assert (await whole(edge, cursor))[0] == ["recall lot:L7"]
    assert (await whole(await registry.enrolled("line-2")))[0] == []


async def test_what_comes_into_view_comes_in_pages_and_once(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_ITEMS", 3)
    edge = await registry.enrolled()
    await lot_import.import_lots(registry.pool, [garment(f"L{n}", f"S{n}") for n in range(5)])
    for number in range(5):
        await allotments.allot(registry.pool, edge.agent, f"lot:L{number}", 1)
    page = await edge.get("feed")
    assert len(page["items"]) == 3
    found, _ = await whole(edge)
    assert len(found) == len(set(found)) == 15


async def test_items_of_one_number_are_never_parted(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken back from an agent's books bears the number of its page; a cursor within would skip the rest."""
    monkeypatch.setattr(pages, "PAGE_ITEMS", 3)
    edge = await registry.enrolled()
    for number in range(5):
        await registry.allot(edge.agent, 1, f"lot:L{number}")
    await registry.pool.execute("UPDATE feed_item SET n = 77 WHERE kind = 'allotment' AND key <> 'lot:L0'")
    found = [key for key in (await whole(edge))[0] if key.startswith("allotment")]
    assert sorted(found) == [f"allotment lot:L{number}" for number in range(5)]


async def test_what_is_taken_back_from_one_agents_books_is_not_everybodys(registry: Registry) -> None:
    one, two = (await registry.enrolled("line-1")).begin(), (await registry.enrolled("line-2")).begin()
    await lot_import.import_lots(registry.pool, [garment("L1", "S1"), garment("L2", "S2")])
    for edge, lot in ((one, "lot:L1"), (two, "lot:L2")):
        await allotments.allot(registry.pool, edge.agent, lot, 10)
        await notices.recall(registry.pool, lot, "染料")
    got = {edge.agent: await edge.get("feed") for edge in (one, two)}
    await registry.pool.execute("DELETE FROM feed_item; DELETE FROM feed_shown")
    for edge in (one, two):
        for _ in range(2):
            edge.tell("unheard_of")
        await edge.send(1, 1)
        await edge.refused(3, 3)
        page = got[edge.agent]
        edge.tell("feed_received", cursor=page["cursor"], epoch=page["epoch"], items=page["items"])
        await edge.send(2)
    one.tell("unheard_of")
    await one.send(len(one.bodies))  # line-2 began one more epoch: line-1 checks in under it
    assert sorted((await whole(one))[0]) == ["allotment lot:L1", "lot L1", "recall lot:L1", "style S1"]
    assert sorted((await whole(two))[0]) == ["allotment lot:L2", "lot L2", "recall lot:L2", "style S2"]


async def test_an_agent_prints_a_lot_that_came_after_its_cursor(registry: Registry, tmp_path: Path) -> None:
    """A real ledger: the lot stands in it once it is allotted, and what is another's is never told back."""
    await lot_import.import_lots(registry.pool, [garment(f"L{n}", f"S{n}") for n in range(1, 40)])
    async with station(tmp_path, registry) as here:
        await allotments.allot(registry.pool, here.edge.agent, "lot:L2", 10)
        assert await here.sync() == "online"
        assert set(await here.ledger.do(Ledger.lots)) == {"L2"}
        await allotments.allot(registry.pool, here.edge.agent, "lot:L1", 100)
        assert await here.sync() == "online"
        assert set(await here.ledger.do(Ledger.lots)) == {"L1", "L2"}
        await here.print(8)
        assert await here.sync() == "online"
        told = b"".join(row["body"] for row in await events_told(registry.pool))
        assert b'"lot_no":"L1"' in told and b'"lot_no":"L3"' not in told


# --- a registry of before ---------------------------------------------------------------------------------------------


async def of_before(dsn: str, rows: Sequence[tuple[str, str, str, int, int | None, dict[str, Any]]]) -> None:
    """The schema as it was when everybody was fed everything, with these feed items."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await db.sql.create_migration_table(connection)
    for number, name, text in db.migrations():
        if number < 6:
            await db._apply(connection, number, name, text)
    await connection.execute("INSERT INTO meta VALUES ('epoch', 'e1'), ('seal', 'ab'), ('feed', '100')")
    for agent in ("line-1", "line-2"):
        await connection.execute(
            "INSERT INTO agent (agent, issuer, created_at, enrolled_at, checked_epoch) VALUES ($1, $1, $2, $2, 'e1')",
            agent,
            AT,
        )
    insert = "INSERT INTO feed_item (agent, kind, key, n, quantity, body) VALUES ($1, $2, $3, $4, $5, $6)"
    await connection.executemany(insert, [(*row[:5], json.dumps(row[5], ensure_ascii=False)) for row in rows])
    await connection.execute("INSERT INTO quota_use VALUES ('line-1', 'lot:L3', 5, 0)")
    await connection.close()


def _of_lot(number: int, n: int, **facts: Any) -> list[tuple[str, str, str, int, int | None, dict[str, Any]]]:
    record = garment(f"L{number}", f"S{number}", **facts)
    style = {"kind": "style", "style_no": f"S{number}", "record": {"product": record["product"]}}
    return [
        ("*", "style", f"S{number}", n, None, style),
        ("*", "lot", f"L{number}", n + 1, None, {"kind": "lot", "lot_no": f"L{number}", "record": record}),
    ]


def _allotted(agent: str, number: int, n: int) -> tuple[str, str, str, int, int, dict[str, Any]]:
    key = f"lot:L{number}"
    item = {"kind": "allotment", "quota_key": key, "quantity": 50, "spoilage_permille": 30}
    return agent, "allotment", key, n, 50, item


def _recalled(number: int, n: int) -> tuple[str, str, str, int, None, dict[str, Any]]:
    key = f"lot:L{number}"
    return "*", "recall", key, n, None, {"kind": "recall", "quota_key": key, "reason": "染料"}


async def test_an_agent_half_way_through_the_old_feed_misses_nothing_and_is_not_flooded_again() -> None:
    """line-1 has read up to 40 of 100: what is its own and newer comes, what is older and what is another's does not;
    a lot it was fed with everybody's comes anew once it is allotted, as it stands by then."""
    dsn = await fresh_dsn()
    rows = [row for number in range(1, 7) for row in _of_lot(number, 10 * number)]
    rows += [_allotted("line-1", 1, 15), _allotted("line-1", 6, 66), _allotted("line-2", 5, 55)]
    rows += [_recalled(1, 70), _recalled(2, 71), _recalled(3, 72), _recalled(4, 18)]
    await of_before(dsn, rows)
    async with running(dsn=dsn) as registry:
        one = await registry.enrolled("line-1")
        found, cursor = await whole(one, "e1:40:whatever")
        assert found == ["style S6", "lot L6", "allotment lot:L6", "recall lot:L1", "recall lot:L3"]
        assert (await whole(one, cursor))[0] == []
        await allotments.allot(registry.pool, "line-1", "lot:L4", 5)
        assert sorted((await whole(one, cursor))[0]) == ["allotment lot:L4", "lot L4", "recall lot:L4", "style S4"]
        two = await registry.enrolled("line-2")
        assert (await whole(two))[0] == ["style S5", "lot L5", "allotment lot:L5"]


async def test_a_lot_with_a_fact_that_the_database_cannot_read_is_upgraded_too() -> None:
    """A record may hold NUL, which PostgreSQL's JSON refuses to look into."""
    dsn = await fresh_dsn()
    await of_before(dsn, [*_of_lot(1, 10, brand="示例\0"), *_of_lot(2, 20), _allotted("line-1", 1, 30)])
    async with running(dsn=dsn) as registry:
        one = await registry.enrolled("line-1")
        assert (await whole(one))[0] == ["style S1", "lot L1", "allotment lot:L1"]


async def test_4990_of_5000_drawn_before_the_upgrade_leave_10_free_after_it() -> None:
    """The key keeps its text and its sum: what is allotted is what it was, for an agent of before and for one that
    knows leases; it has none, and nothing of it may be lowered below what was drawn."""
    dsn = await fresh_dsn()
    item = {"kind": "allotment", "quota_key": "lot:L1", "quantity": 5000, "spoilage_permille": 30}
    await of_before(dsn, [*_of_lot(1, 10), ("line-1", "allotment", "lot:L1", 30, 5000, item)])
    connection = await asyncpg.connect(dsn)
    await connection.execute("INSERT INTO quota_use VALUES ('line-1', 'lot:L1', 4990, 0)")
    await connection.close()
    async with running(dsn=dsn) as registry:
        one = await registry.enrolled("line-1")
        assert item in (await one.get("feed"))["items"]
        head = {**one.auth(), "X-Agent-Can": "certificates, leases, firms"}
        answer = await registry.http.get("/v1/agents/line-1/feed", headers=head)
        items = (await answer.json())["items"]
        assert item in items
        assert {one["kind"] for one in items} == {"allotment", "lot", "style"}
        rows = await registry.rows("SELECT quantity FROM promised WHERE quota_key = 'lot:L1'")
        assert rows == [{"quantity": 5000}]
        with pytest.raises(RefusedError, match="at least the 4990"):
            await allotments.allot(registry.pool, "line-1", "lot:L1", 4989)
