"""Issuing serials and judging windows: the hot path, and the guard of "intent before ink"."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from edge_agent.errors import HeldError, LedgerFullError, QuotaError
from edge_agent.ledger.allotted.certified import Certified
from edge_agent.ledger.holds import Holds
from edge_agent.ledger.lines import Lines
from edge_agent.ledger.log import Log
from edge_agent.ledger.quota import Quotas
from edge_agent.ledger.sampled import Sampled
from edge_agent.messages import refusal
from edge_agent.model.job import WINDOW_LABELS, Job, JobState, Window
from edge_agent.model.printer import ProofLevel, Verdict
from label_protocol.details import Evidence
from label_protocol.errors import InputError, StateError
from label_protocol.events import EventType, WindowInDoubt, WindowNeverSent, WindowPrinted, WindowSending

TRIES = 8
"""Tries before the random source itself is suspected: one collision in 65 random bits is news, eight are a fault."""

COUNTS_AS = ("printed", "commissioned")


class Issue(Sampled, Holds, Lines, Quotas, Certified):
    """One window at a time per printer: issue, then prove, doubt, or take back what was never sent."""

    def begin_window(
        self, job_id: str, *, printer: str | None = None, limit: int = WINDOW_LABELS, counter: int | None = None
    ) -> Window:
        """Issues up to `limit` serials; durable as `sending` when this returns. One transaction for checks and serials.

        `counter` is the printer's reading before the window, None if it has none; `printer` is who prints it, where the
        job is ordered from a group.

        Raises:
            InputError: `limit` is below 1.
            HeldError: not enrolled, a hold is in force, the witness cannot be written, or another printer may stand at
                this line.
            QuotaError: the allotment is used up, suspended or recalled, or its lease has ended.
            CertificateError: the lot's certificate is not what the labels say, or no longer stands.
            StateError: the job is not running or waiting, has nothing left, its printer has a window open, or a label
                of its last window has to be scanned first.
            NotFoundError: no such job.
            LedgerFullError: the disk is full; nothing was issued.
        """
        if limit < 1:
            raise InputError(f"window: expected a limit of at least 1, got {limit}")
        self._require_room()
        with self._commit(EventType.WINDOW_SENDING) as log:
            issuer = self._require_free_to_issue()
            job = self._require_job(job_id, printer)
            number = min(limit, job.left, self._require_quota(job))
            self._require_certified(job.quota_key, job.snapshot_hash)
            event = self._issue_window(log, job, issuer, number, counter)
        return Window(event["window"], job_id, event["printer"], job.snapshot_hash, tuple(event["serials"]), counter)

    def prove_window(self, window_id: str, verdict: Verdict, counts_as: str = "printed") -> Job:
        """Records proof for the whole window; `counts_as` is for the registry, the state here is `printed`.

        An integer `counter_after` in the evidence becomes the printer's last known counter.

        Raises:
            InputError: `counts_as` is none of `COUNTS_AS`.
            StateError: the verdict is no proof, or the window is not `sending`.
            NotFoundError: no such window.
        """
        if not verdict.printed or verdict.level < ProofLevel.IDLE:
            raise StateError(
                f"window {window_id}: expected proof of at least idle, got {verdict.level.word} ({verdict.reason}); "
                f"put the window in doubt"
            )
        if counts_as not in COUNTS_AS:
            raise InputError(f"counts_as: expected one of {', '.join(COUNTS_AS)}, got {counts_as!r}")
        with self._commit(EventType.WINDOW_PRINTED) as log:
            log.append(
                WindowPrinted(
                    type=EventType.WINDOW_PRINTED,
                    window=window_id,
                    level=verdict.level.word,
                    evidence=verdict.evidence,
                    counts_as=self._counted(window_id, counts_as),
                )
            )
        return self._job_of(window_id)

    def _counted(self, window_id: str, counts_as: str) -> str:
        """A lot that was stopped while its window was on paper is proven, and not called commissioned."""
        row = self._one("window_row", window_id)
        stopped = counts_as == "commissioned" and row is not None and self.stop(row[5])
        return "printed" if stopped else counts_as

    def doubt_window(self, window_id: str, reason: str, evidence: Evidence | None = None) -> Job:
        """Puts the whole window in doubt. Raises StateError, NotFoundError."""
        with self._commit(EventType.WINDOW_IN_DOUBT) as log:
            log.append(
                WindowInDoubt(type=EventType.WINDOW_IN_DOUBT, window=window_id, reason=reason, evidence=evidence or {})
            )
        return self._job_of(window_id)

    def never_sent(self, window_id: str, reason: str) -> Job:
        """Takes the window's serials out of the world; only if no write was begun. Raises StateError, NotFoundError."""
        with self._commit(EventType.WINDOW_NEVER_SENT) as log:
            log.append(WindowNeverSent(type=EventType.WINDOW_NEVER_SENT, window=window_id, reason=reason))
        return self._job_of(window_id)

    def _job_of(self, window_id: str) -> Job:
        return self.job(self._one("window_row", window_id)[4])

    def _require_room(self) -> None:
        """Bytes are not sent where their verdict might not fit."""
        disk = self.disk()
        if disk.full:
            raise LedgerFullError(refusal.no_room(str(self._path), disk))

    def _require_free_to_issue(self) -> str:
        """The issuer's characters, if nothing holds issuing."""
        for hold in self.holds():
            raise HeldError(refusal.held(hold["words"]))
        identity = self.identity()
        if identity is None:
            raise HeldError(refusal.NOT_ENROLLED)
        return identity.issuer

    def _require_job(self, job_id: str, printer: str | None) -> Job:
        """The job as it may be printed; its printer is the one that prints now."""
        ordered = self.job(job_id)
        job = replace(ordered, printer=printer or ordered.printer)
        if job.state not in (JobState.RUNNING, JobState.WAITING):
            raise StateError(f"job {job_id}: expected one that is running or waiting, got {job.state}; resume it first")
        if job.left < 1:
            raise StateError(f"job {job_id}: expected serials left to draw, got none of {job.quantity}; it is done")
        open_window = self._one("sending_on", job.printer)
        if open_window:
            raise StateError(
                f"printer {job.printer}: expected no open window, got {open_window[0]}; judge it before the next"
            )
        self._require_answered(job.printer)
        self._require_sampled(job)
        return job

    def _require_quota(self, job: Job) -> int:
        quota = self.quota(job.quota_key)
        if quota.blocked:
            raise QuotaError(f"{quota.blocked} ({job.quota_key}); ask the platform")
        if quota.free < 1:
            numbers = {"used": quota.used, "allotted": quota.allotted, "scrapped": quota.scrapped}
            raise QuotaError(refusal.no_quota(job.quota_key, **numbers, allowed_for=quota.spoilage_limit))
        return quota.free

    def _issue_window(self, log: Log, job: Job, issuer: str, number: int, counter: int | None) -> WindowSending:
        """Draws until the database takes the serials: its UNIQUE index decides, not a check before it."""
        for _ in range(TRIES):
            serials = [self._new_serial(issuer) for _ in range(number)]
            try:
                with self._savepoint():
                    return self._append_window(log, job, serials, counter)
            except sqlite3.IntegrityError:
                continue
        raise HeldError(refusal.random_source(TRIES))

    def _append_window(self, log: Log, job: Job, serials: Sequence[str], counter: int | None) -> WindowSending:
        replaced = job.replaces[job.drawn : job.drawn + len(serials)]
        event = WindowSending(
            type=EventType.WINDOW_SENDING,
            window=log.new_id(),
            job=job.job_id,
            printer=job.printer,
            snapshot=job.snapshot_hash,
            quota_key=job.quota_key,
            gtin=job.gtin,
            lot_no=job.lot_no,
            serials=list(serials),
            replaces=dict(zip(serials, replaced, strict=False)),
            counter=counter,
        )
        log.append(event)
        return event
