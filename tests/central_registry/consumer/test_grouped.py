"""Look-ups that come at once are answered together, each with its own answer; what is kept is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from central_registry import db, grouped
from central_registry.consumer.grouped import Kept
from central_registry.consumer.labels import Asked, Labels
from central_registry.grouped import Grouped
from tests.kits.registry_kit import AT, Registry, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def test_who_comes_while_a_group_is_at_work_is_in_the_next() -> None:
    groups: list[list[int]] = []
    gate = asyncio.Event()

    async def work(group: Sequence[int]) -> list[int]:
        groups.append(list(group))
        await gate.wait()
        return [one * 10 for one in group]

    one = Grouped(work)
    asking = [asyncio.create_task(one.ask(1))]
    await asyncio.sleep(0)
    asking += [asyncio.create_task(one.ask(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking[2].cancel()
    gate.set()
    assert await asyncio.gather(*asking[:2], asking[3]) == [10, 20, 40]
    assert groups[0] == [1]
    assert sorted(one for group in groups for one in group) == [1, 2, 4], "nobody works for who went away"
    assert len(groups) == 2


async def test_a_group_that_fails_tells_each_and_the_next_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouped, "GROUP_MOST", 2)

    async def work(group: Sequence[int]) -> Sequence[int]:
        if 2 in group:
            raise ConnectionError("gone")
        return group

    one = Grouped(work)
    found = await asyncio.gather(*(one.ask(number) for number in (1, 2, 3, 4)), return_exceptions=True)
    assert [type(answer) for answer in found] == [ConnectionError, ConnectionError, int, int]


def test_what_was_asked_for_last_is_kept() -> None:
    kept: Kept[str] = Kept(10)
    for name in "abc":
        kept.put(name, name.upper(), 4)
    assert [name in kept for name in "abc"] == [False, True, True]
    assert kept.get("b") == "B"
    kept.put("d", "D", 4)
    assert [name in kept for name in "bcd"] == [True, False, True]
    kept.put("b", "BB", 6)
    kept.put("x", "too large", 11)
    assert (kept.get("b"), kept.get("d"), kept.get("x")) == ("BB", "D", None)


async def test_looks_at_once_are_one_statement_and_one_count(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known labels, one of them thrice, one that nobody told of; again within ten minutes nothing is written."""
    edge = (await registry.enrolled()).begin()
    edge.printed(serials := edge.serials(5))
    edge.tell("label_decided", serial=serials[4], operator="o", reason="r", step="scrap")
    await edge.send()
    said: list[str] = []
    for name in ("labels", "count_scans", "readable_snapshots"):
        monkeypatch.setattr(db.sql, name, _told(getattr(db.sql, name), name, said))
    labels = Labels(registry.pool)
    asked = [*serials, serials[0], serials[0], edge.serial()]

    async def at(minutes: int) -> list[Any]:
        moment = AT + timedelta(minutes=minutes)
        said.clear()
        return await asyncio.gather(*(labels.known(Asked(serial, True, moment)) for serial in asked))

    found = await at(0)
    assert [known and known.times for known in found] == [1, 1, 1, 1, 1, 1, 1, None]
    assert sorted(set(said)) == ["count_scans", "labels", "readable_snapshots"]
    assert said.count("count_scans") == 1
    assert await registry.alarms() == ["overdraft", "void_scanned"]
    assert [known and known.times for known in await at(9)][:2] == [1, 1]
    assert set(said) == {"labels"}, "nothing counted, and the snapshot is kept"
    assert [known and known.times for known in await at(10)] == [2, 2, 2, 2, 2, 2, 2, None]
    rows = await registry.rows("SELECT DISTINCT times FROM scan")
    assert rows == [{"times": 2}]


def _told(statement: Any, name: str, said: list[str]) -> Any:
    def asked(*values: Any, **more: Any) -> Any:
        said.append(name)
        return statement(*values, **more)

    return asked
