"""What the log tells of orders and scans: ids and our own sentences; no link, no name, no words of a person."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import PurePath

import structlog

from edge_agent.messages.error import words_of
from edge_agent.model.job import Job
from label_protocol.errors import AgentError

_ID = re.compile(r"[0-9A-Za-z]{16,32}")
"""A serial, or the number of a window. What a program asks for under another name may be a link, or anything."""

_log = structlog.get_logger("edge_agent.service")


def opened(job: Job) -> None:
    """A job was ordered; an order that is sent again under its key is told again. A site's own template
    is told by the name of its file: its folder may be named after a person."""
    ids = {"job": job.job_id, "printer": job.printer, "template": PurePath(job.template).stem, "lot": job.lot_no}
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
        known = {name: value for name, value in ids.items() if value and _ID.fullmatch(value)}
        _log.warning("scan_refused", **known, error=type(cause).__name__, why=words_of(cause))
        raise
