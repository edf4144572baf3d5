"""What an import may change of what is known, and how it tells what differs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.goods import lot_import
from central_registry.goods.differences import differences, two_makers
from central_registry.goods.lot_limit import Override
from central_registry.issuing import allotments
from central_registry.problems import RefusedError
from tests.kits.registry_kit import AT, Registry, garment, with_two_lots

SAID = Override("示例经办", "补检200件", AT)


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with with_two_lots() as found:
        yield found


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
