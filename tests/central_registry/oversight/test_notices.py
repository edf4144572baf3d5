"""What may be suspended, lifted and recalled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.oversight import notices
from central_registry.problems import RefusedError
from tests.kits.registry_kit import Registry, with_two_lots


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with with_two_lots() as found:
        yield found


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


async def everything(registry: Registry) -> list[dict[str, Any]]:
    return await registry.rows("SELECT * FROM feed_item ORDER BY kind, key")
