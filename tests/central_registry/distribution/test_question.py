"""Questions for news that come together are looked at together, and a look finds what the page would show."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from central_registry.db import in_transaction
from central_registry.distribution import pages, question
from central_registry.distribution.forms import Can
from central_registry.distribution.question import Question, Questions
from central_registry.goods import lot_import
from central_registry.issuing import allotments
from central_registry.oversight import notices
from tests.kits.registry_kit import AT, Edge, Registry, garment, running

LOTS = ("L1", "L2", "L3")


def of(edge: Edge, after: str = "", secret: str | None = None) -> Question:
    return Question(edge.agent, edge.secret if secret is None else secret, Can(), after, AT)


async def shown(registry: Registry, edge: Edge, after: str) -> dict[str, Any]:
    """The page as it is made when somebody looks for it, and nobody was asked whether there is anything."""
    await pages.look_around(registry.pool, edge.agent)
    agent = {"agent": edge.agent}
    return await in_transaction(registry.pool, lambda c: pages.page(c, agent, after, Can()), "repeatable_read")


async def test_a_look_finds_what_the_page_would_show_and_nothing_is_the_page_of_nothing() -> None:
    """A month of orders in any order, and each agent asks as often as it likes."""
    chance = random.Random(20)
    async with running() as registry:
        edges = [(await registry.enrolled(f"line-{number}")).begin() for number in range(3)]
        await lot_import.import_lots(registry.pool, [garment(lot, quantity=10**6) for lot in LOTS])
        asked, cursors, found = Questions(registry.pool), dict.fromkeys(range(3), ""), []
        for step in range(40):
            lot, number = chance.choice(LOTS), chance.randrange(3)
            if chance.random() < 0.3:
                await chance.choice((_allot, _recall, _draw))(registry, edges[number], lot, step)
            looked = await asked.look(of(edges[number], cursors[number]))
            assert looked is not None
            page = await shown(registry, edges[number], cursors[number])
            assert looked["news"] == bool(page["items"])
            if not page["items"]:
                assert pages.nothing(looked, cursors[number], Can()) == page
            found.append(looked["news"])
            cursors[number] = page["cursor"]
    assert 5 < sum(found) < 35, "both were met"


async def _allot(registry: Registry, edge: Edge, lot: str, step: int) -> None:
    await allotments.allot(registry.pool, edge.agent, f"lot:{lot}", 100 + step)


async def _recall(registry: Registry, _: Edge, lot: str, step: int) -> None:
    await notices.recall(registry.pool, f"lot:{lot}", f"染料 {step}")


async def _draw(_: Registry, edge: Edge, lot: str, __: int) -> None:
    edge.printed(edge.serials(1), lot_no=lot)
    await edge.send()


async def test_questions_at_once_are_one_statement_each_with_its_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever shows another secret has nothing looked up, and is none of this registry's agents if it is not."""
    async with running() as registry:
        one, two = await registry.enrolled("line-1"), await registry.enrolled("line-2")
        await registry.allot(one.agent, 10)
        sizes: list[int] = []
        told = question.sql.questions_asked

        def counted(pool: Any, *, agents: list[str], **more: Any) -> Any:
            sizes.append(len(agents))
            return told(pool, agents=agents, **more)

        monkeypatch.setattr(question.sql, "questions_asked", counted)
        questions = Questions(registry.pool)
        together = [of(two), of(one), of(one, secret=two.secret), of(two, secret="")]
        answers = await asyncio.gather(*(questions.look(asked) for asked in together))
        nobody = await questions.look(Question("nobody", "x", Can(), "", AT))
    assert sizes == [4, 1]
    assert [found and found["agent"] for found in answers] == ["line-2", "line-1", "line-1", "line-2"]
    assert [found and found["news"] for found in answers] == [False, True, None, None]
    assert nobody is None
