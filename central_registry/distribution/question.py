"""Looks at many agents' questions for news at once: one statement for all that ask while another is answered.

Nearly every question finds nothing, so all that it takes to know that is in the statement: whose question it is, how
its firm stands, whether a lease is due, whether anything has come. Who finds something goes on to write or to read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.agents.enrolment import digest_of, may_be_agent
from central_registry.db import Pool, sql
from central_registry.distribution.forms import Can
from central_registry.distribution.pages import place_in
from central_registry.grouped import Grouped


@dataclass(frozen=True, slots=True)
class Question:
    """What `agent` asks: for what came after the cursor `after`. `secret` was shown with it."""

    agent: str
    secret: str
    can: Can
    after: str
    at: datetime


class Questions:
    """All questions of a process, on its pool for agents."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._grouped: Grouped[Question, Mapping[str, Any] | None] = Grouped(self._look)

    async def look(self, question: Question) -> Mapping[str, Any] | None:
        """The agent's row, and `owner_status`, `lease_due`, `news`, `epoch`, `seal` beside it; None: there is no such
        agent. The three that ask about its feed are None for who shows no secret of its own."""
        return await self._grouped.ask(question) if may_be_agent(question.agent) else None

    async def _look(self, group: Sequence[Question]) -> list[Mapping[str, Any] | None]:
        places = [place_in(one.after) for one in group]
        rows = sql.questions_asked(
            self._pool,
            agents=[one.agent for one in group],
            shown=[digest_of(one.secret) for one in group],
            epochs=[of for of, _ in places],
            numbers=[number for _, number in places],
            hidden=[",".join(one.can.hidden) for one in group],
            parts=[not one.can.leases for one in group],
            ats=[one.at for one in group],
        )
        found = {row["place"]: row async for row in rows}
        return [found.get(place) for place in range(1, len(group) + 1)]
