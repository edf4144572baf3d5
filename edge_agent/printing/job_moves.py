"""Moves jobs for the printer that prints them: an operator's pause or cancel stands, whatever comes meanwhile."""

from __future__ import annotations

import structlog

from edge_agent.change_signal import ChangeSignal
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages.text import Words
from edge_agent.model.job import Job, JobState

ACTIVE = frozenset({JobState.RUNNING, JobState.WAITING})

_log = structlog.get_logger("edge_agent.printing.worker")


class JobMoves:
    """Asks how a job stands, moves it, and says so in the log."""

    def __init__(self, ledger: LedgerThread, changes: ChangeSignal) -> None:
        self._ledger = ledger
        self._changes = changes

    async def now(self, job_id: str) -> Job:
        """The job as it stands."""
        return await self._ledger.do(Ledger.job, job_id)

    async def pause(self, job_id: str, why: Words, logged: str = "") -> None:
        """From here on it is an operator's turn."""
        if (await self.now(job_id)).state in ACTIVE:
            await self.move(job_id, JobState.PAUSED, why, logged)

    async def move(self, job_id: str, state: JobState, why: Words, logged: str = "") -> None:
        """`logged` stands in the log for a `why` that may quote what people wrote."""
        moved = await self._ledger.do(Ledger.advance_job, job_id, state, str(why))
        if moved.state is state:
            _log.info(f"job_{state}", job=job_id, why=logged or moved.reason)
        self._changes.tell()
