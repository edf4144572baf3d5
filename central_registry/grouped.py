"""Answers many questions at once: those that come while a group is at work are the next group.

A question that comes alone is at once a group of its own, so nobody waits for others to come; the more there are, the
more share the way to the database and its commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")

GROUP_MOST = 200
"""Questions of one group: what is more waits for the next, so that no statement grows without end."""


class Grouped(Generic[_Question, _Answer]):
    """`work` answers a group of at most `most` in its order; what it raises, each of the group is told."""

    def __init__(
        self, work: Callable[[Sequence[_Question]], Awaitable[Sequence[_Answer]]], most: int | None = None
    ) -> None:
        self._work = work
        self._most = most or GROUP_MOST
        self._waiting: list[tuple[_Question, asyncio.Future[_Answer]]] = []
        self._at_work: asyncio.Task[None] | None = None

    async def ask(self, question: _Question) -> _Answer:
        """The answer to `question`; raises what `work` raises."""
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._at_work is None or self._at_work.done():
            self._at_work = asyncio.create_task(self._until_nobody_waits())
        return await answer

    async def _until_nobody_waits(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._answer([one for one in group if not one[1].done()])

    async def _answer(self, group: Sequence[tuple[_Question, asyncio.Future[_Answer]]]) -> None:
        """Who went away meanwhile is not told."""
        try:
            answers = await self._work([question for question, _ in group])
        except Exception as cause:
            for _, waiting in group:
                if not waiting.done():
                    waiting.set_exception(cause)
            return
        for (_, waiting), answer in zip(group, answers, strict=True):
            if not waiting.done():
                waiting.set_result(answer)
