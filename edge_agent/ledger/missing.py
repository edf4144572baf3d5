"""What is missing: labels of a job or a lot that are void and that nothing replaces; the one order for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from edge_agent.ledger.find import Find
from edge_agent.ledger.jobs import Orders
from edge_agent.messages import refusal
from edge_agent.model.job import Job
from edge_agent.model.search import MissingLabels
from label_protocol.chain import address
from label_protocol.errors import ConflictError, InputError
from label_protocol.events import EventType

MISSING_MOST = 1_000
"""So many at most are counted and ordered at once: a person confirms the number, and a slip of a lot is a roll."""


class Missing(Orders, Find):
    """Counts what is missing, and orders it."""

    def missing(self, *, job_id: str = "", lot_no: str = "") -> tuple[MissingLabels, ...]:
        """Void labels without a replacement of this job, or of every job of this lot; a row for each job that lacks
        some, the oldest first, at most `MISSING_MOST` serials in all.

        Raises:
            InputError: neither or both are named.
            NotFoundError: no such job.
        """
        if bool(job_id) is bool(lot_no):
            raise InputError("missing: expected a job or a lot, got neither or both; name one")
        if job_id:
            self.job(job_id)
        found: dict[str, list[str]] = defaultdict(list)
        rows = self._named("missing_labels", job_id=job_id or None, lot_no=lot_no or None, limit=MISSING_MOST)
        for job, serial in rows:
            found[job].append(serial)
        return tuple(self._of_job(self.job(job), serials) for job, serials in found.items())

    def _of_job(self, job: Job, serials: list[str]) -> MissingLabels:
        return MissingLabels(job, self.goods(job.snapshot_hash), tuple(serials))

    def replace_missing(
        self, key: str, operator: str, expected: int, *, job_id: str = "", lot_no: str = ""
    ) -> tuple[Job, ...]:
        """Opens a job of replacements beside each job that lacks labels, all in one commit, or gives those that this
        key opened before. Each new serial will name the one it replaces. `expected`: the number that somebody
        confirmed.

        Raises: as `missing` and `open_job`; ConflictError: another number is missing by now, or none.
        """
        scope = address({"missing_of_job": job_id, "missing_of_lot": lot_no, "expected": expected})
        known = tuple(self._known_jobs(key, scope))
        if known:
            return known
        lacking = self.missing(job_id=job_id, lot_no=lot_no)
        number = sum(len(one.serials) for one in lacking)
        if number != expected or not number:
            raise ConflictError(refusal.other_number_missing(expected, number))
        with self._commit(EventType.JOB_OPENED) as log:
            opened = [
                self._append_replacement(log, one.job, tuple(one.serials), f"{key}/{one.job.job_id}", scope, operator)
                for one in lacking
            ]
        return tuple(self.job(job) for job in opened)

    def _known_jobs(self, key: str, request_hash: str) -> Iterator[Job]:
        """Those of an order that was given before. Raises IdempotencyError: the key was used for another body."""
        for (one,) in self._all("keys_below", key):
            job = self.known_job(one, request_hash)
            if job is not None:
                yield job
