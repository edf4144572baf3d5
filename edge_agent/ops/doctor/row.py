"""One row of the doctor's table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from label_protocol.errors import AgentError


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at."""

    ok: bool
    what: str
    found: str
    warns: bool = False
    """It works, and somebody should know at what price."""


async def row_of(what: str, look: Callable[[], Awaitable[str]]) -> Row:
    """What `look` finds, or why it could not; never raises for what it finds."""
    try:
        return Row(True, what, await look())
    except (AgentError, OSError, aiohttp.ClientError, TimeoutError) as cause:
        return Row(False, what, str(cause) or type(cause).__name__)
