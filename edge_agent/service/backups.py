"""Copies of the ledger while the agent runs: into the folder of backups by name, or to be handed out and forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.files import make_folder
from edge_agent.ledger import Ledger
from edge_agent.service.parts import AgentParts

_SENDING = ".sending"
"""Begins names that no backup can have; what a killed agent left there goes with the next copy."""


class BackupService:
    """Copies the ledger into the one folder of the configuration."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, name: str, who: Who = "") -> Path:
        """A copy in the folder of backups; never over a file that is there. `name` names a file of one folder, which is
        the caller's to see to. Raises as `Ledger.backup`; AccessError: who may not."""
        await self._parts.people.allow(who, Action.BACKUP, "ledger backup")
        return await self._parts.ledger.do(Ledger.backup, self._parts.backups / name)

    @contextlib.asynccontextmanager
    async def passing(self, who: Who = "") -> AsyncIterator[Path]:
        """The ledger as it stands now, as a file that is gone when the block ends; one at a time. Raises as
        `Ledger.backup`; AccessError: who may not."""
        await self._parts.people.allow(who, Action.COPY, "ledger copy")
        # a thread of a request that was given up may still be at its own folder, so each has another
        folder = self._parts.backups / f"{_SENDING}-{secrets.token_hex(8)}"
        async with self._one_at_a_time:
            try:
                await asyncio.to_thread(_made, folder)
                yield await self._parts.ledger.do(Ledger.backup, folder / "ledger.db")
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _made(folder: Path) -> None:
    for left in folder.parent.glob(f"{_SENDING}*"):
        shutil.rmtree(left, ignore_errors=True)
    make_folder(folder)
