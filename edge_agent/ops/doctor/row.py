"""One row of the doctor's table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from edge_agent.errors import HeldError, LedgerFullError, reason_of
from edge_agent.messages.error import sentence, words_of
from edge_agent.messages.text import Words
from edge_agent.ops.doctor.todo import DISK, HOLDS
from label_protocol.errors import AgentError

NOTHING = Words("", "")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found where that is no fault. With a `todo` it works, and somebody should know at what price."""

    words: Words
    todo: Words = NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at."""

    ok: bool
    what: str
    found: str
    warns: bool = False
    """It works, and somebody should know at what price."""
    words: Words = NOTHING
    """The same in each language alone, where it was found in words."""
    todo: Words = NOTHING
    """What to do about it; empty while nothing is to be done."""

    @property
    def state(self) -> str:
        """`ok`, `warn` or `bad`."""
        return "bad" if not self.ok else "warn" if self.warns else "ok"

    def told(self) -> dict[str, Any]:
        """For programs: what rows always had, and beside it the state and each language alone."""
        zh, en = (self.words.zh, self.words.en) if self.words != NOTHING else _parts(self.found)
        plain = {name: value for name, value in asdict(self).items() if name not in ("words", "todo")}
        return plain | {"state": self.state, "zh": zh, "en": en, "todo_zh": self.todo.zh, "todo_en": self.todo.en}


def _parts(found: str) -> tuple[str, str]:
    """A sentence in both languages has ` · ` between them; any other is told as it stands in either."""
    zh, between, en = found.partition(" · ")
    return (zh, en) if between else (found, found)


def _why(cause: Exception) -> str:
    """Chinese first, as commands tell it."""
    words = words_of(cause) if isinstance(cause, AgentError) else "没看成"
    return sentence(words, reason_of(cause))


_OF_CAUSE: Mapping[type[Exception], Words] = {LedgerFullError: DISK, HeldError: HOLDS}
"""What these tell to do, whichever row they stand in: a full disk or a hold is no damage, and no backup mends it."""


async def row_of(what: str, look: Callable[[], Awaitable[str | Found]], todo: Words = NOTHING) -> Row:
    """What `look` finds, or why it could not, and then what to do; never raises for what it finds."""
    try:
        found = await look()
    except (AgentError, OSError, aiohttp.ClientError, TimeoutError) as cause:
        return Row(False, what, _why(cause), todo=_OF_CAUSE.get(type(cause), todo))
    if isinstance(found, str):
        return Row(True, what, found)
    return Row(True, what, str(found.words), found.todo != NOTHING, found.words, found.todo)
