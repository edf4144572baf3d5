"""Asks the registry for the keys of check codes, beside the pump."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from edge_agent.errors import SyncError
from edge_agent.identity.check_keys import KeyRing
from edge_agent.sync.contract import RegistryClient

ASK_EVERY_S = 600.0
"""How soon a rotation at the registry is heard of. An agent without keys asks at every turn of its pump."""

_log = structlog.get_logger("edge_agent.sync")


class KeyErrand:
    """Asks the registry for keys: at each turn while there are none or when a person orders it, else now and then."""

    def __init__(self, ring: KeyRing, client: RegistryClient, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._ring = ring
        self._client = client
        self._clock_s = clock_s
        self._asked_s = float("-inf")
        self._trouble = ""

    async def __call__(self, ordered: bool) -> None:
        """One turn. Whatever goes wrong is logged once and stops nothing: a recall must come down all the same."""
        waits = self._clock_s() - self._asked_s < ASK_EVERY_S
        if waits and self._ring.keys is not None and not ordered:
            return
        try:
            found = await self._client.check_keys()
            await asyncio.to_thread(self._ring.take, found)
        except (SyncError, OSError) as cause:
            self._note(str(cause))
        else:
            self._asked_s, self._trouble = self._clock_s(), ""

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.warning("no_check_keys", why=trouble)
        self._trouble = trouble
