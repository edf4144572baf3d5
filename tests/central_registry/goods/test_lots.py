"""What may be allotted of a lot, by whose word more; and what an import may change of what is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from central_registry.agents import enrolment
from central_registry.cli import lots as lots_cli
from central_registry.db import sql
from central_registry.goods import lot_import
from central_registry.goods.differences import differences, two_makers
from central_registry.goods.lot_limit import Override
from central_registry.goods.records import read_records
from central_registry.issuing import allotments
from central_registry.oversight import notices
from central_registry.oversight.reconcile import reconcile
from central_registry.problems import RefusedError
from tests.kits.registry_kit import AT, Registry, fresh_dsn, garment, running
from tests.product.test_newcomer import registry as command

SAID = Override("示例经办", "补检200件", AT)


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        for name in ("line-1", "line-2"):
            await found.enrolled(name)
        await lot_import.import_lots(found.pool, [garment("L1"), garment("L2", quantity=None)])
        yield found


async def allotted(registry: Registry) -> dict[str, int]:
    rows = await registry.rows("SELECT agent, key, quantity FROM feed_item WHERE kind = 'allotment'")
    return {f"{row['agent']} {row['key']}": row["quantity"] for row in rows}


# --- how much ---------------------------------------------------------------------------------------------------------


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


# --- by whose word ----------------------------------------------------------------------------------------------------


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


# --- notices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["lot:L9", "style:S9", "lot:l1", "style:L1"])
async def test_what_nobody_knows_is_neither_recalled_nor_suspended(registry: Registry, key: str) -> None:
    for order in (
        notices.recall(registry.pool, key, "染料"),
        notices.suspend(registry.pool, key, True, "复核"),
        notices.suspend(registry.pool, key, False, "完成"),
    ):
        with pytest.raises(RefusedError, match="got an unknown one"):
            await order
    assert await registry.rows("SELECT key FROM feed_item WHERE kind IN ('recall', 'suspension')") == []


@pytest.mark.parametrize("suspended", [True, False])
async def test_a_recall_is_neither_lifted_nor_renamed_by_a_suspension(registry: Registry, suspended: bool) -> None:
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    await notices.recall(registry.pool, "lot:L1", "染料")
    before = await everything(registry)
    with pytest.raises(RefusedError, match="已经召回"):
        await notices.suspend(registry.pool, "lot:L1", suspended, "另一个原因")
    assert await everything(registry) == before


async def test_what_is_not_suspended_is_not_called_lifted(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="没有暂停"):
        await notices.suspend(registry.pool, "lot:L1", False, "复核完成")
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    await notices.suspend(registry.pool, "lot:L1", False, "复核完成")
    with pytest.raises(RefusedError, match="没有暂停"):
        await notices.suspend(registry.pool, "lot:L1", False, "复核完成")


async def test_what_was_drawn_under_can_be_recalled_though_nobody_imported_it(registry: Registry) -> None:
    edge = (await registry.enrolled("line-1")).begin()
    edge.printed(edge.serials(2), lot_no="L9")
    await edge.send()
    await notices.recall(registry.pool, "lot:L9", "染料")


# --- imports ----------------------------------------------------------------------------------------------------------


async def everything(registry: Registry) -> list[dict[str, Any]]:
    return await registry.rows("SELECT * FROM feed_item ORDER BY kind, key")


async def test_the_same_import_again_changes_nothing_and_is_fed_to_nobody(registry: Registry) -> None:
    before = await everything(registry), await registry.rows("SELECT value FROM meta WHERE key = 'feed'")
    said = await lot_import.import_lots(registry.pool, [garment("L1"), garment("L2", quantity=None)])
    assert said == {"styles": 1, "lots": 2, "changed": 0, "other_sizes": 0}
    assert (await everything(registry), await registry.rows("SELECT value FROM meta WHERE key = 'feed'")) == before


async def test_an_import_that_differs_names_what_differs_and_changes_nothing(registry: Registry) -> None:
    graded = garment("L3", "S3", brand="示例", composition=[{"part": "面料", "percent": 100}])
    graded["lot"] |= {"report_no": "R1", "grade": {"overall": "AAAA"}}
    await lot_import.import_lots(registry.pool, [graded])
    other = json.loads(json.dumps(graded))
    other["product"]["composition"][0]["percent"] = 90
    other["lot"] |= {"quantity": 100_000, "grade": {"overall": "AAAAA"}, "lab": "示例检测"}
    del other["lot"]["report_no"]
    before = await everything(registry)
    with pytest.raises(RefusedError) as refused:
        await lot_import.import_lots(registry.pool, [garment("L4", "S4"), other])
    for words in (
        "style S3, product.composition[0].percent: 100 → 90",
        "lot L3, lot.quantity: 5000 → 100000",
        "lot L3, lot.grade.overall: AAAA → AAAAA",
        "lot L3, lot.report_no: R1 → –",
        "lot L3, lot.lab: – → 示例检测",
        "--replace",
    ):
        assert words in str(refused.value)
    assert await everything(registry) == before, "and nothing else of the file"
    said = await lot_import.import_lots(registry.pool, [garment("L4", "S4"), other], replace=True)
    assert said["changed"] == 4
    assert (await allotments.show_lot(registry.pool, "lot:L3"))["quantity"] == 100_000


async def test_one_file_that_says_two_things_of_a_lot_is_refused(registry: Registry) -> None:
    with pytest.raises(RefusedError, match=r"lot L5, lot.quantity: 5000 → 10"):
        await lot_import.import_lots(registry.pool, [garment("L5"), garment("L5", quantity=10)])


async def test_another_size_of_a_style_contradicts_nothing(registry: Registry) -> None:
    small = garment("L5", "S5", size="165/88A", colour="黑色", brand="示例")
    large = garment("L5", "S5", size="175/92A", colour="黑色", brand="示例")
    large["product"]["gtin"] = "06901234567908"
    said = await lot_import.import_lots(registry.pool, [small, large])
    assert said == {"styles": 1, "lots": 2, "changed": 2, "other_sizes": 2}
    large["product"]["brand"] = "示例二"
    with pytest.raises(RefusedError, match=r"style S5, product.brand: 示例 → 示例二"):
        await lot_import.import_lots(registry.pool, [large])


async def test_a_lot_that_gets_smaller_than_what_is_allotted_needs_a_word(registry: Registry) -> None:
    await allotments.allot(registry.pool, "line-1", "lot:L1", 4000)
    with pytest.raises(RefusedError, match="at most 3000 labels over all agents, got 4000"):
        await lot_import.import_lots(registry.pool, [garment("L1", quantity=3000)], replace=True)
    await lot_import.import_lots(registry.pool, [garment("L1", quantity=3000)], replace=True, override=SAID)
    shown = await allotments.show_lot(registry.pool, "lot:L1")
    assert (shown["above"], [row["agent"] for row in shown["overrides"]]) == (1000, [None])


_SHILI, _ANOTHER = "91330482MA00000001", "91330482MA00000002"


@pytest.mark.parametrize(
    ("one", "two", "refused"),
    [
        ({"name": "示例服饰", "uscc": _SHILI}, {"name": "示例服饰", "uscc": _ANOTHER}, True),
        ({"name": "示例服饰"}, {"name": "示例针织"}, True),
        ({"name": "示例服饰", "uscc": _SHILI}, {"name": "示例针织"}, True),
        ({"name": "示例服饰", "uscc": _SHILI}, {"name": "示例服饰有限公司", "uscc": _SHILI}, False),
        ({"name": "示例服饰"}, {"name": "示例 服饰", "uscc": _SHILI}, False),
        ({"name": "示例服饰"}, {}, False),
        (None, {"name": "示例服饰"}, False),
    ],
)
async def test_two_makers_under_one_number_are_refused_whatever_is_said(
    registry: Registry, one: Any, two: Any, refused: bool
) -> None:
    makers = [{} if maker is None else {"maker": maker} for maker in (one, two)]
    await lot_import.import_lots(registry.pool, [garment("L6", "S6", **makers[0])])
    before = await everything(registry)
    for record, words in ((garment("L6", "S7", **makers[1]), "lot L6"), (garment(None, "S6", **makers[1]), "style S6")):
        if refused:
            with pytest.raises(RefusedError, match=f"{words}: expected the maker 示例服饰"):
                await lot_import.import_lots(registry.pool, [record], replace=True)
            assert await everything(registry) == before
        else:
            await lot_import.import_lots(registry.pool, [record], replace=True)


def test_differences_are_paths_with_both_values() -> None:
    old = {"a": 1, "b": {"c": [1, 2]}, "d": [1], "long": "x" * 100, "same": None, "two": "a\nb"}
    new = {"a": 1, "b": {"c": [1, 3]}, "d": [1, 2], "long": "y", "same": None, "e": "f", "two": "c"}
    assert list(differences(old, new)) == [
        "b.c[1]: 2 → 3",
        "d: [1] → [1, 2]",
        f"long: {'x' * 59}… → y",
        'two: "a\\nb" → c',
        "e: – → f",
    ]
    assert list(differences(old, old)) == []
    assert two_makers({"maker": 3}, {"maker": {"name": 4}}) is None


@pytest.mark.parametrize("quantity", ["5000", 1.5, True, -1, 10**12])
def test_a_quantity_that_is_no_count_is_refused(quantity: Any) -> None:
    record = garment("L1", quantity=quantity)
    with pytest.raises(RefusedError, match=r"whole number in lot\.quantity"):
        read_records(json.dumps(record).encode())
