"""What may be allotted of a lot, and by whose word more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from central_registry.agents import enrolment
from central_registry.cli import lots as lots_cli
from central_registry.db import sql
from central_registry.goods.lot_limit import Override
from central_registry.goods.quota_keys import quota_key
from central_registry.issuing import allotments
from central_registry.oversight.reconcile import reconcile
from central_registry.problems import RefusedError
from tests.kits.registry_kit import AT, Registry, fresh_dsn, garment, with_two_lots
from tests.product.test_newcomer import registry as command

SAID = Override("示例经办", "补检200件", AT)


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with with_two_lots() as found:
        yield found


async def allotted(registry: Registry) -> dict[str, int]:
    rows = await registry.rows("SELECT agent, key, quantity FROM feed_item WHERE kind = 'allotment'")
    return {f"{row['agent']} {row['key']}": row["quantity"] for row in rows}


async def test_no_more_is_allotted_than_the_lot_has(registry: Registry) -> None:
    with pytest.raises(RefusedError, match=r"at most 5000 labels over all agents, got 100000; allot 95000 fewer"):
        await allotments.allot(registry.pool, "line-1", "lot:L1", 100_000)
    assert await allotted(registry) == {}
    await allotments.allot(registry.pool, "line-1", "lot:L1", 3000)
    with pytest.raises(RefusedError, match="got 5001"):
        await allotments.allot(registry.pool, "line-2", "lot:L1", 2001)
    await allotments.allot(registry.pool, "line-2", "lot:L1", 2000)
    await allotments.allot(registry.pool, "line-1", "lot:L1", 2500)
    await allotments.allot(registry.pool, "line-2", "lot:L1", 2500)
    assert await allotted(registry) == {"line-1 lot:L1": 2500, "line-2 lot:L1": 2500}, "a total, not an addition"


async def test_two_orders_at_once_do_not_exceed_a_lot_together(registry: Registry) -> None:
    """Both wait behind a third that changes the feed, so neither can have seen what the other allots."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with registry.pool.acquire() as other, other.transaction():
        await sql.next_feed_number(other)
        orders = [asyncio.create_task(allotments.allot(registry.pool, f"line-{n}", "lot:L1", 3000)) for n in (1, 2)]
        async with asyncio.timeout(20):
            while await registry.pool.fetchval(waiting) < 2:
                await asyncio.sleep(0.01)
    ended = await asyncio.gather(*orders, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["NoneType", "RefusedError"]
    assert list((await allotted(registry)).values()) == [3000]


async def test_a_lot_nobody_imported_is_not_allotted_by_any_word(registry: Registry) -> None:
    for said in (None, SAID):
        with pytest.raises(RefusedError, match="lot L9: expected one that was imported"):
            await allotments.allot(registry.pool, "line-1", "lot:L9", 1, override=said)
    assert await allotted(registry) == {}


async def test_a_style_has_no_quantity_and_no_bound_of_it(registry: Registry) -> None:
    assert await allotments.allot(registry.pool, "line-1", "style:S1", 100_000) is None


async def test_less_than_was_drawn_is_refused_with_both_numbers(registry: Registry) -> None:
    edge = (await registry.enrolled("line-1")).begin()
    await allotments.allot(registry.pool, "line-1", "lot:L1", 100)
    serials = edge.serials(12)
    edge.printed(serials)
    edge.tell("label_decided", serial=serials[0], operator="o", reason="r", step="scrap")
    await edge.send()
    with pytest.raises(RefusedError, match="at least the 11 that line-1 has drawn and not scrapped, got 10"):
        await allotments.allot(registry.pool, "line-1", "lot:L1", 10, override=SAID)
    await allotments.allot(registry.pool, "line-1", "lot:L1", 11)
    await allotments.allot(registry.pool, "line-2", "lot:L1", 10)
    assert await allotted(registry) == {"line-1 lot:L1": 11, "line-2 lot:L1": 10}


async def test_what_was_allotted_above_a_lot_before_can_be_lowered_without_a_word(registry: Registry) -> None:
    await allotments.allot(registry.pool, "line-1", "lot:L1", 100_000, override=SAID)
    await allotments.allot(registry.pool, "line-1", "lot:L1", 50_000)
    with pytest.raises(RefusedError, match="got 50001"):
        await allotments.allot(registry.pool, "line-1", "lot:L1", 50_001)


async def test_what_a_lost_agent_cannot_use_any_more_is_given_to_another(registry: Registry) -> None:
    await allotments.allot(registry.pool, "line-1", "lot:L1", 5000)
    await enrolment.lose_agent(registry.pool, "line-1", AT)
    with pytest.raises(RefusedError, match="declared lost"):
        await allotments.allot(registry.pool, "line-1", "lot:L1", 5001, override=SAID)
    with pytest.raises(RefusedError, match="at most 5000"):
        await allotments.allot(registry.pool, "line-2", "lot:L1", 4000)
    await allotments.allot(registry.pool, "line-1", "lot:L1", 1000)
    await allotments.allot(registry.pool, "line-2", "lot:L1", 4000)
    assert await allotted(registry) == {"line-1 lot:L1": 1000, "line-2 lot:L1": 4000}


async def test_an_override_is_kept_and_shown(registry: Registry) -> None:
    assert await allotments.allot(registry.pool, "line-1", "lot:L1", 5000, override=SAID) is None, "it was not needed"
    found = await allotments.allot(registry.pool, "line-2", "lot:L1", 200, override=SAID)
    assert found is not None
    assert (found.allotted, found.inspected) == (5200, 5000)
    kept = {
        "quota_key": "lot:L1", "agent": "line-2", "allotted": 5200, "inspected": 5000, "above": 200,
        "by_whom": "示例经办", "reason": "补检200件", "at": AT,
    }  # fmt: skip
    shown = await allotments.show_lot(registry.pool, "lot:L1")
    assert (shown["quantity"], shown["allotted"], shown["above"]) == (5000, 5200, 200)
    assert shown["overrides"] == [kept]
    assert [(row["agent"], row["allotted"], row["drawn"]) for row in shown["agents"]] == [
        ("line-1", 5000, 0),
        ("line-2", 200, 0),
    ]
    for books in (await reconcile(registry.pool), await reconcile(registry.pool, "lot:L1")):
        assert books["overrides"] == [kept]
        assert books["above"] == [{"quota_key": "lot:L1", "inspected": 5000, "allotted": 5200, "above": 200}]
    assert (await reconcile(registry.pool, "lot:L2"))["overrides"] == []


async def test_a_lot_without_a_quantity_needs_a_word(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="to state the inspected quantity, got none"):
        await allotments.allot(registry.pool, "line-1", "lot:L2", 1)
    found = await allotments.allot(registry.pool, "line-1", "lot:L2", 7, override=SAID)
    assert found is not None and found.inspected is None
    shown = await allotments.show_lot(registry.pool, "lot:L2")
    assert (shown["above"], [row["above"] for row in shown["overrides"]]) == (None, [None])


async def test_an_override_says_why(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="expected a reason"):
        await allotments.allot(registry.pool, "line-1", "lot:L1", 9000, override=Override("示例经办", " ", AT))
    assert await allotted(registry) == {}


def test_the_office_allots_and_reads_it_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots_cli.getpass, "getuser", lambda: "shili")
    dsn = ("--dsn", asyncio.run(fresh_dsn()))
    file = tmp_path / "lots.json"
    file.write_text(json.dumps(garment("L1", maker={"name": "示例服饰"})), "utf-8")
    command(capsys, "agents", "add", "line-1", *dsn)
    assert "new or replaced: 2" in command(capsys, "lots", "import", str(file), *dsn)[1]
    assert "new or replaced: 0" in command(capsys, "lots", "import", str(file), *dsn)[1]
    order = ("allot", "--lot", "L1", "--agent", "line-1", "--quantity", "5200", *dsn)
    code, _, err = command(capsys, *order)
    assert code == 1
    assert "超出检验数量" in err and "--override" in err and len(err.splitlines()) == 1
    code, out, _ = command(capsys, *order, "--override", "补检200件", "--json")
    assert json.loads(out)["override"] == {"allotted": 5200, "inspected": 5000}
    said = command(capsys, "lots", "show", "L1", *dsn)[1]
    assert "above 200" in said and "补检200件" in said and "shili" in said
    found = json.loads(command(capsys, "lots", "show", "L1", "--json", *dsn)[1])
    assert found["overrides"][0]["by_whom"] == "shili"
    assert "补检200件" in command(capsys, "reconcile", *dsn)[1]
    assert json.loads(command(capsys, "reconcile", "--json", *dsn)[1])["above"][0]["above"] == 200
    code, _, err = command(capsys, "lots", "show", "L7", *dsn)
    assert (code, "没有此批次" in err) == (1, True)
    file.write_text(json.dumps(garment("L1", quantity=6000, maker={"name": "示例服饰"})), "utf-8")
    assert "lot.quantity: 5000 → 6000" in command(capsys, "lots", "import", str(file), *dsn)[2]
    assert command(capsys, "lots", "import", str(file), "--replace", *dsn)[0] == 0


async def test_allotments_out_of_bounds_or_for_nobody_are_refused(registry: Registry) -> None:
    edge = await registry.enrolled()
    for agent, quantity, permille in (
        ("nobody", 1, 30),
        (edge.agent, -1, 30),
        (edge.agent, 2**40, 30),
        (edge.agent, 1, 1001),
    ):
        with pytest.raises(RefusedError):
            await allotments.allot(registry.pool, agent, "lot:L1", quantity, spoilage_permille=permille)
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    with pytest.raises(RefusedError, match="declared lost"):
        await registry.allot(edge.agent, 1)
    with pytest.raises(RefusedError):
        quota_key("L1", "S1")
    with pytest.raises(RefusedError):
        quota_key(None, None)
