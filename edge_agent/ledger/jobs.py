"""Jobs: opened once per key, moved by the table, replaced labels claimed once."""

from __future__ import annotations

from collections import Counter

from edge_agent.ledger.allotted.certified import Certified
from edge_agent.ledger.log import Log
from edge_agent.ledger.sampled import Sampled
from edge_agent.ledger.settle import decided
from edge_agent.ledger.sql import Q
from edge_agent.ledger.stops import Stops
from edge_agent.messages import refusal
from edge_agent.model import names
from edge_agent.model.job import Job, JobOrder, JobState
from label_protocol.chain import address, canonical
from label_protocol.errors import ConflictError, InputError, RecordError, StateError
from label_protocol.events import EventType, JobMoved, JobOpened
from label_protocol.states import SerialState, Step

MAX_QUANTITY = 1_000_000
"""No order on one printer is larger; a slip of the keyboard is."""

REPLACEABLE = (SerialState.SCRAPPED, SerialState.INVALID, SerialState.IN_DOUBT)


class Orders(Sampled, Stops, Certified):
    """What an operator orders."""

    def open_job(self, order: JobOrder) -> Job:
        """Opens a job, or returns the one this key and body opened before; key, job and snapshot in one commit.

        Raises:
            IdempotencyError: the key was used with another body.
            InputError: a quantity, lot, quota key or list of replaced serials that does not fit.
            NotFoundError: `replaces` names a serial nobody knows.
            ConflictError: a named serial is replaced already, or is neither scrapped, invalid nor in doubt.
            LotStoppedError: the lot is suspended or recalled.
            RecordError: the snapshot is not canonical JSON, the registry fed its lot with another style, or the key is
                another lot's.
            CertificateError: the lot's certificate is not what the labels say, or does not stand.
        """
        known = self.known_job(order.key, order.request_hash)
        if known is not None:
            return known
        _check_order(order)
        with self._commit(EventType.JOB_OPENED) as log:
            self._require_replaceable(order.replaces)
            self._require_own_key(order)
            self._require_orderable(order.quota_key, order.snapshot, "job")
            job_id = self._open(log, order)
        return self.job(job_id)

    def move_job(self, job_id: str, state: JobState, reason: str, operator: str = "") -> Job:
        """Moves a job by `JOB_MOVES`; the same state with the same reason is no event.

        Raises:
            NotFoundError: no such job.
            StateError: the table lists no such move, `done` comes before all serials are issued and judged, or it would
                go on before a label of its last window was scanned.
        """
        job, operator = self.job(job_id), names.anybody(operator, f"job {job_id}: operator")
        if (job.state, job.reason) == (state, reason):
            return job
        if state is JobState.DONE:
            self._require_all_issued(job)
        if state is JobState.DONE or (job.state, state) == (JobState.PAUSED, JobState.RUNNING):
            self._require_sampled(job)
        with self._commit(EventType.JOB_MOVED) as log:
            log.append(
                JobMoved(type=EventType.JOB_MOVED, job=job_id, state=state.value, reason=reason, operator=operator)
            )
        return self.job(job_id)

    def advance_job(self, job_id: str, state: JobState, reason: str) -> Job:
        """`move_job` for whoever prints the job: only while it is running or waiting, because an operator's pause or
        cancel stands. Raises: as `move_job`."""
        job = self.job(job_id)
        return self.move_job(job_id, state, reason) if job.state in (JobState.RUNNING, JobState.WAITING) else job

    def open_replacement(self, serial: str, key: str, operator: str) -> Job:
        """A job of one for the label that replaces `serial`: same snapshot, template, printer and allotment.

        Raises: as `open_job`.
        """
        known = self.known_job(key, address({"replaces": serial}))
        if known is not None:
            return known
        with self._commit(EventType.JOB_OPENED) as log:
            job_id = self._open_for(log, serial, key, operator)
        return self.job(job_id)

    def scrap_and_replace(self, serial: str, operator: str, reason: str, key: str) -> Job:
        """Scraps a spoiled label and opens the job of its replacement, both in one commit.

        Raises: as `decide` and `open_job`.
        """
        known = self.known_job(key, address({"replaces": serial}))
        if known is not None:
            return known
        operator, reason = names.person(operator, "scrap: operator"), names.reason(reason, "scrap: reason")
        with self._commit(EventType.LABEL_DECIDED) as log:
            log.append(decided(serial, Step.SCRAP, operator, reason))
            job_id = self._open_for(log, serial, key, operator)
        return self.job(job_id)

    def known_job(self, key: str, request_hash: str) -> Job | None:
        """The job this key opened, None if it opened none. Raises IdempotencyError for another body."""
        job_id = self._opened_by("job_of_key", key, request_hash, "opened job")
        return None if job_id is None else self.job(job_id)

    def _open(self, log: Log, order: JobOrder) -> str:
        body = canonical(dict(order.snapshot))
        digest = address(dict(order.snapshot))
        self._require_certified(order.quota_key, digest, order.snapshot)
        self._db.execute(Q["add_snapshot"], (digest, body))
        return self._append_job(log, order, digest)

    def _open_for(self, log: Log, serial: str, key: str, operator: str) -> str:
        old = self.job(self.label(serial).job_id)
        return self._append_replacement(log, old, (serial,), key, address({"replaces": serial}), operator)

    def _append_replacement(
        self, log: Log, old: Job, serials: tuple[str, ...], key: str, request_hash: str, operator: str
    ) -> str:
        """A job like `old` for labels that replace `serials` of it. Raises as `open_job`."""
        self._require_replaceable(serials)
        self._require_going(old.quota_key, f"replacement of {serials[0]}", refusal.NO_REPLACEMENT)
        self._require_certified(old.quota_key, old.snapshot_hash)
        order = JobOrder(
            key=key,
            request_hash=request_hash,
            template=old.template,
            printer=old.printer,
            quantity=len(serials),
            snapshot={},
            gtin=old.gtin,
            lot_no=old.lot_no,
            quota_key=old.quota_key,
            replaces=serials,
            operator=operator,
            scan_every=old.scan_every,
        )
        return self._append_job(log, order, old.snapshot_hash)

    def _append_job(self, log: Log, order: JobOrder, snapshot_hash: str) -> str:
        key, operator = names.key(order.key, "job"), names.anybody(order.operator, "job: operator")
        job_id = log.new_id()
        event = JobOpened(
            type=EventType.JOB_OPENED,
            job=job_id,
            key=key,
            request_hash=order.request_hash,
            snapshot=snapshot_hash,
            template=order.template,
            printer=order.printer,
            quantity=order.quantity,
            gtin=order.gtin,
            lot_no=order.lot_no,
            quota_key=order.quota_key,
            replaces=list(order.replaces),
            operator=operator,
        )
        if order.work_order is not None:
            event["work_order"] = order.work_order
        if order.scan_every:
            event["scan_every"] = order.scan_every
        if (allotted := self.allotted_to(order.quota_key)) and allotted.firm:
            event["firm"] = allotted.firm
        if certificate := self.certificate(order.quota_key):
            event["certificate"] = {"version": certificate.version, "sha256": certificate.sha256}
        log.append(event)
        return job_id

    def _require_own_key(self, order: JobOrder) -> None:
        """Raises RecordError: the key is the allotment of another lot, or of a style where there is a lot."""
        allotted = self.allotted_to(order.quota_key)
        own = _is_own(order) if allotted is None else allotted.lot_no == order.lot_no
        if not own:
            raise RecordError(
                f"quota key: expected the allotment of lot {order.lot_no} (or of the style, without a lot), "
                f"got {order.quota_key!r}; a label draws on its own lot"
            )

    def _require_replaceable(self, serials: tuple[str, ...]) -> None:
        for serial in serials:
            label = self.label(serial)
            taken = label.replaced_by or self._claimant(serial)
            if taken:
                raise ConflictError(f"label {serial}: expected one without a replacement, got {taken}; nothing to do")
            if label.state not in REPLACEABLE:
                raise StateError(
                    f"label {serial}: expected one that is scrapped, invalid or in doubt, got {label.state}; "
                    f"scrap it before it is replaced"
                )

    def _claimant(self, serial: str) -> str:
        row = self._one("claimant", serial)
        return f"job {row[0]}" if row else ""

    def _require_all_issued(self, job: Job) -> None:
        sending = any(window.job_id == job.job_id for window in self.open_windows())
        if job.left or sending:
            raise StateError(
                f"job {job.job_id}: cannot become done with {job.left} serials to draw"
                f"{' and a window open' if sending else ''}; print them or cancel the job"
            )


def _check_order(order: JobOrder) -> None:
    if not 1 <= order.quantity <= MAX_QUANTITY:
        raise InputError(f"quantity: expected 1 to {MAX_QUANTITY}, got {order.quantity}; correct the order")
    if not order.key or not order.printer:
        raise InputError("order: expected an idempotency key and a printer, got an empty one; name both")
    _check_replaces(order)


def _is_own(order: JobOrder) -> bool:
    """Of a key that no allotment describes: it is of before, when a key was made of its lot or style."""
    if order.lot_no is None:
        return order.quota_key.startswith("style:")
    return order.quota_key == f"lot:{order.lot_no}"


def _check_replaces(order: JobOrder) -> None:
    if not order.replaces:
        return
    twice = [serial for serial, times in Counter(order.replaces).items() if times > 1]
    if twice:
        raise InputError(f"replaces: expected each serial once, got {twice[0]} twice; name it once")
    if len(order.replaces) != order.quantity:
        raise InputError(
            f"replaces: expected as many serials as labels ({order.quantity}), got {len(order.replaces)}; "
            f"make them equal"
        )
