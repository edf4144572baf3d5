"""A month of three firms by chance: running sums are what a recount says, and what the agents' ledgers say."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

from central_registry.oversight.reconcile import reconcile
from edge_agent.ledger import Ledger
from edge_agent.model.job import Job
from label_protocol.errors import AgentError
from label_protocol.states import SerialState, Step
from tests.kits.ledger_kit import PROOF
from tests.kits.platform_story import Line, Story, a_story, garment_of

FIRMS, LOTS, LABELS, WINDOW = 3, 4, 2_000, 40
STATES = tuple(state.value for state in SerialState)


async def ready(story: Story, number: int, line_of: contextlib.AsyncExitStack) -> tuple[Line, list[Job]]:
    """A firm with its agent and a running job for each of its lots, all of them with the same numbers."""
    firm = await story.firm(f"示例{number}厂")
    name = f"line-{number}"
    line = await line_of.enter_async_context(story.line(firm, name))
    records = []
    for lot in range(LOTS):
        records.append(await story.graded(firm, garment_of(f"L{lot}", 100 + number), f"R-{number}-{lot}"))
        await story.codes(firm, name, LABELS // FIRMS // LOTS + WINDOW, f"L{lot}")
    await line.tell()
    return line, [await line.order(record, LABELS // FIRMS // LOTS + WINDOW) for record in records]


async def window(line: Line, job: Job, chance: random.Random) -> list[str]:
    """Printed, in doubt, or never sent."""
    do = line.at.ledger.do
    one = await do(Ledger.begin_window, job.job_id, limit=WINDOW)
    match chance.random():
        case seen if seen < 0.8:
            await do(Ledger.prove_window, one.window_id, PROOF)
        case seen if seen < 0.95:
            await do(Ledger.doubt_window, one.window_id, "silence", {"heard": None})
        case _:
            await do(Ledger.never_sent, one.window_id, "refused")
    return list(one.serials)


async def test_a_random_month(tmp_path: Path) -> None:
    chance = random.Random(20261130)
    async with a_story(tmp_path) as story, contextlib.AsyncExitStack() as stack:
        floor = [await ready(story, number, stack) for number in range(FIRMS)]
        drawn = 0
        known: dict[str, list[str]] = {}
        while drawn < LABELS:
            line, jobs = chance.choice(floor)
            serials: list[str] = []
            with contextlib.suppress(AgentError):  # a job that is done or waits for an answer
                serials = await window(line, chance.choice(jobs), chance)
            drawn += len(serials)
            mine = known.setdefault(line.at.edge.agent, [])
            mine += serials
            for serial in chance.sample(mine, min(3, len(mine))):  # most of them were told long ago
                with contextlib.suppress(AgentError):  # a step that the table of states has not
                    step = chance.choice([one for one in Step if one is not Step.SCAN])
                    await line.at.ledger.do(Ledger.decide, serial, step, "示例甲", "看过")
            if chance.random() < 0.2:
                await line.tell()
            if chance.random() < 0.1:
                story.later(hours=chance.randint(1, 20))
        for line, _ in floor:
            await line.tell()
            agent = line.at.edge.agent
            rows = await story.registry.rows("SELECT * FROM label_sum WHERE agent = $1", agent)
            assert {name: sum(row[name] for row in rows) for name in ("drawn", *STATES)} == await line.counted()
        books = await reconcile(story.pool, recount=True)
        assert all(row["balanced"] for row in books["rows"])
        assert books["rows"] == (await reconcile(story.pool))["rows"]
        assert sum(row[1] for row in await story.sums(story.officer)) == drawn
