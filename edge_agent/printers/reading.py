"""Questions asked together, their answers read out of what comes, and what nobody could read, kept as it came. Pure."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from edge_agent.errors import ReplyError
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, Query

MOST_SHOWN_BYTES = 200
"""So much of an answer that nobody can read is shown: whoever writes a reader needs its form, not all of a list."""

_START = re.compile(rb"(?<=[\r\n\x03])(?=.)|(?=[\x02\"])", re.DOTALL)
"""Where an answer can begin: behind the end of another, or with its own opening sign."""


class Reading:
    """What is asked, what was answered so far, and the `rest` that is still to be read."""

    def __init__(self, queries: Sequence[Query[Any]]) -> None:
        self.answers: list[Any] = []
        self.rest = b""
        self._queries = queries
        self._passed_over: dict[str, bytes] = {}

    @property
    def complete(self) -> bool:
        """Whether every question has its answer, or was passed over by a later one's."""
        return len(self.answers) == len(self._queries)

    def read(self, text: bytes) -> None:
        """Take `text` for the rest, and read as many answers as it holds. A reader that refuses what stands next leaves
        its question unanswered and the text to the next one.

        Raises:
            ReplyError: what stands next is in nobody's language, or there is too much of it.
        """
        self.rest = text
        if len(text) > MAX_REPLY_BYTES:
            name = self._queries[0].name
            raise ReplyError(f"{name}: expected a reply of at most {MAX_REPLY_BYTES} bytes, got more")
        while not self.complete:
            waiting = self._queries[len(self.answers) :]
            skipped, parsed = _next_answer(waiting, self.rest)
            if parsed is None:
                break
            if skipped:
                self._passed_over[waiting[0].name] = _before(waiting[skipped], self.rest, parsed)
            self.answers += [None] * skipped + [parsed[0]]
            self.rest = self.rest[parsed[1] :]

    def unread(self, before: Mapping[str, str]) -> dict[str, str]:
        """By the question's name, as `shown`: what came last and was no answer to it. What was unread `before` stays so
        until its question is answered; silence changes nothing."""
        now = {query.name: self._passed_over.get(query.name, b"") for query in self._queries[: len(self.answers)]}
        if self.rest and not self.complete:
            now[self._queries[len(self.answers)].name] = self.rest
        return {
            name: text for name, text in {**before, **{name: shown(text) for name, text in now.items()}}.items() if text
        }


def _next_answer(queries: Sequence[Query[Any]], text: bytes) -> tuple[int, tuple[Any, int] | None]:
    """How many questions the next answer passes over, and that answer, None for "need more"."""
    for skipped, query in enumerate(queries):
        try:
            return skipped, query.parse(text)
        except ReplyError:
            if query is queries[-1]:
                raise
    return 0, None


def _before(query: Query[Any], text: bytes, parsed: tuple[Any, int]) -> bytes:
    """What stands before this answer: all that it can do without."""
    end = parsed[1]
    starts = [found.start() for found in _START.finditer(text, 1, min(end, 2 * MOST_SHOWN_BYTES))]
    for at in reversed(starts):
        with contextlib.suppress(ReplyError):
            if query.parse(text[at:end]) == (parsed[0], end - at):
                return text[:at]
    return b""


def shown(answer: bytes) -> str:
    """An answer on one line of plain ASCII, what does not print as `\\x02`; cut to `MOST_SHOWN_BYTES` of it."""
    text = ascii(answer[:MOST_SHOWN_BYTES])[2:-1]
    more = len(answer) - MOST_SHOWN_BYTES
    return f"{text}… (+{more} bytes)" if more > 0 else text
