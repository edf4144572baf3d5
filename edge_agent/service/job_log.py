"""What the log tells of orders and scans: ids and our own sentences; no link, no name, no words of a person."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import structlog

from edge_agent.messages.error import words_of
from edge_agent.model.job import Job
from label_protocol.errors import AgentError

_log = structlog.get_logger("edge_agent.service")


def opened(job: Job) -> None:
    """A job was ordered; an order that is sent again under its key is told again."""
    ids = {"job": job.job_id, "printer": job.printer, "template": job.template, "lot": job.lot_no}
    _log.info("job_opened", **ids, quantity=job.quantity, replaces=list(job.replaces))


def moved(job: Job) -> None:
    """An operator paused, resumed or cancelled it."""
    _log.info(f"job_{job.state}", job=job.job_id, printer=job.printer, why=job.reason)


@contextlib.contextmanager
def refusals_told(**ids: str | None) -> Iterator[dict[str, str | None]]:
    """Tells of a scan that is refused, by the ids that are known by then; what was scanned may be a link, or anything.

    Gives the ids, for the caller to add what it learns.
    """
    try:
        yield ids
    except AgentError as cause:
        known = {name: value for name, value in ids.items() if value}
        _log.warning("scan_refused", **known, error=type(cause).__name__, why=words_of(cause))
        raise
