"""What happened between two moments, counted by the database: what a shift is reported from. Reads only.

All of it is read from the tables that follow from the events, so that labels add up as the books do: each was drawn at
one moment and stands in one state. What tables forget is read from the log: how long a job stood. Whoever asks takes a
few hours at a time, since printers wait for this thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from edge_agent.ledger.find import Find
from edge_agent.model.copies import Copies
from edge_agent.model.job import Job
from edge_agent.model.report import DrawnLabels, JobFacts, JobMove, MovedLabels
from label_protocol.chain import parse
from label_protocol.events import EventType


class Reported(Find):
    """Counts of a time from `since` on and before `until`, moments as events write them (UTC)."""

    def labels_drawn(self, since: str, until: str) -> tuple[DrawnLabels, ...]:
        """Labels whose serials were drawn then, as they stand now."""
        return tuple(DrawnLabels(*row) for row in self._named("labels_drawn", since=since, until=until))

    def labels_moved(self, since: str, until: str) -> tuple[MovedLabels, ...]:
        """Labels to which something last happened then, apart from their window, and those never sent."""
        return tuple(MovedLabels(*row) for row in self._named("labels_moved", since=since, until=until))

    def garments_packed(self, since: str, until: str) -> dict[str, int]:
        """Who → how many garments that are in a carton now were put there then."""
        return dict(self._named("garments_packed", since=since, until=until))

    def cartons_closed(self, since: str, until: str) -> dict[str, int]:
        """Who → how many cartons that are closed now were closed then."""
        return dict(self._named("cartons_closed", since=since, until=until))

    def copies_ordered(self, since: str, until: str) -> tuple[Copies, ...]:
        """Orders of labels without a code that were given then, as they stand now, oldest first."""
        return tuple(self.copies(name) for (name,) in self._named("copies_ordered", since=since, until=until))

    def labels_in_doubt(self) -> int:
        """How many labels are in doubt now, of whatever day."""
        return int(self._one("labels_in_doubt")[0])

    def facts_of_jobs(self, jobs: Iterable[str]) -> Mapping[str, JobFacts]:
        """Job → what it is of. Raises NotFoundError: no such job."""
        return {job_id: self._facts_of(job_id) for job_id in jobs}

    def _facts_of(self, job_id: str) -> JobFacts:
        job = self.job(job_id)
        return JobFacts(self.ordered_by(job_id), job.lot_no or "", self.goods(job.snapshot_hash))

    def jobs_not_over(self, oldest: str, since: str, until: str) -> tuple[str, ...]:
        """Jobs that were ordered from `oldest` on, before `until`, and were not over before `since`, oldest first."""
        rows = self._named("jobs_not_over", oldest=oldest, since=since, until=until)
        return tuple(job_id for (job_id,) in rows)

    def job_moves(self, jobs: Iterable[str]) -> tuple[JobMove, ...]:
        """All moves of these jobs; job by job, in the order in which they were told. Raises NotFoundError."""
        return tuple(move for job_id in jobs for move in self._moves_of(self.job(job_id)))

    def _moves_of(self, job: Job) -> Iterator[JobMove]:
        for (body,) in self._all("events_about", job.job_id, None, None, None):
            event = parse(body)
            while event["type"] == EventType.ADOPTED:
                event = event["event"]
            if event["type"] == EventType.JOB_MOVED:
                told = event["at"], event["state"], event["reason"], bool(event["operator"])
                yield JobMove(job.job_id, job.printer, *told)
