"""What is said of a job, a lot or a printer where the ledger's own words are not enough: while the disk takes nothing
no job moves, and what an earlier release wrote down as a bare word is told as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edge_agent.ledger.startup import RESTART
from edge_agent.ledger.values import Stop
from edge_agent.messages.hold import DISK_FULL
from edge_agent.messages.text import Words
from edge_agent.model.disk import Disk
from edge_agent.model.job import Job, JobState

ACTIVE = (JobState.RUNNING, JobState.WAITING)

BARE: Mapping[str, str] = {
    "restart": RESTART,
    "null": "",
    "None": "",
}
"""Reasons that are words and no sentences; ledgers keep them for ever."""


def as_it_stands(job: Job, disk: Disk) -> Job:
    """The job as people are told of it: one that would go on waits while the disk is full."""
    if disk.full and job.state in ACTIVE:
        return replace(job, state=JobState.WAITING, reason=str(DISK_FULL))
    return replace(job, reason=told(job.reason))


def told(reason: str | None) -> str:
    """A reason as a sentence."""
    return BARE.get(reason or "", reason or "")


def disk_full() -> Words:
    """What is said of a printer that could print if anything could be recorded."""
    return DISK_FULL


def words_of_stop(stop: Stop | None) -> Words | None:
    """A stop in both languages; None: nothing is stopped."""
    return None if stop is None else stop.words
