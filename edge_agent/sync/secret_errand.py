"""Changes the agent's secret when the registry says that it is time, beside the pump; no person carries a token."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from edge_agent.errors import SyncError
from edge_agent.identity.next_secret import SecretFile
from edge_agent.sync.pump import Errand
from label_protocol.errors import AgentError

_log = structlog.get_logger("edge_agent.sync")


class SecretClient(Protocol):
    """What the errand asks of a registry's client. `secret`: the one that is good, as far as is known; `secret_due`:
    the registry's last word of news asked for another. All raise as `RegistryClient`."""

    secret: str
    secret_due: bool

    async def next_secret(self) -> str:
        """Another one; the one that is good stays good until the other is proven."""
        ...

    async def prove(self, secret: str) -> None:
        """Show the next one, which is `secret` from then on."""
        ...


class SecretErrand:
    """Asks for the next secret, keeps it, proves it, in this order; a crash between two of them costs nothing."""

    def __init__(self, file: SecretFile, client: SecretClient) -> None:
        self._file = file
        self._client = client
        self._settled = ""
        self._trouble = ""

    async def __call__(self, ordered: bool) -> None:
        """One turn. Whatever goes wrong is logged once and stops nothing: the secret that is good stays good."""
        del ordered
        try:
            await self._settle()
            if self._client.secret_due:
                found = await self._client.next_secret()
                await asyncio.to_thread(self._file.keep_next, found)
                await self._client.prove(found)
                await self._settle()
        except (SyncError, AgentError, OSError) as cause:
            self._note(str(cause))
        else:
            self._trouble = ""

    async def _settle(self) -> None:
        """What the registry took is what the file says."""
        if self._settled != self._client.secret:
            await asyncio.to_thread(self._file.settle, self._client.secret)
            self._settled = self._client.secret

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.warning("secret_not_changed", why=trouble)
        self._trouble = trouble


def one_after_the_other(*errands: Errand) -> Errand:
    """All of them at each turn."""

    async def run(ordered: bool) -> None:
        for errand in errands:
            await errand(ordered)

    return run
