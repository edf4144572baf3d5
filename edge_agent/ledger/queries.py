"""What the ledger can be asked. Reads only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.ledger.core import Core
from edge_agent.ledger.values import DistributionCursor, Head, Identity, Incarnation, SealedReceipt, StoredEvent
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.model.job import Job, JobState, Label, Window
from label_protocol.errors import LedgerDamagedError
from label_protocol.states import SerialState

GOOD = frozenset({SerialState.PRINTED, SerialState.COMMISSIONED})


class Reading(Core):
    """Queries; each answer is a frozen value or plain JSON facts."""

    def identity(self) -> Identity | None:
        """Who this agent is; None before enrolment."""
        row = self._one("identity")
        return Identity(*row) if row else None

    def job(self, job_id: str) -> Job:
        """One job. Raises NotFoundError."""
        row = self._one("job", job_id)
        if row is None:
            raise NotFoundError(f"job {job_id}: expected a job of this ledger, got an unknown number; list the jobs")
        return _job(row)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs, oldest first."""
        return tuple(_job(row) for row in self._all("jobs"))

    def recent_jobs(self, limit: int, after: str = "") -> tuple[Job, ...]:
        """The newest jobs, newest first; those older than the job `after`. Raises NotFoundError: no such job."""
        if after:
            rows = self._all("job_ids_before", self.job(after).job_id, limit)
        else:
            rows = self._all("recent_job_ids", limit)
        return tuple(self.job(job_id) for (job_id,) in rows)

    def open_jobs(self) -> tuple[Job, ...]:
        """Jobs that are running, waiting or paused, oldest first."""
        return tuple(self.job(job_id) for (job_id,) in self._all("open_job_ids"))

    def next_jobs(self, targets: Sequence[str]) -> tuple[Job, ...]:
        """Jobs that are running or waiting, ordered from any of these printers or groups, oldest first."""
        return tuple(self.job(job_id) for (job_id,) in self._all("next_jobs_on", json.dumps(list(targets))))

    def job_of_key(self, key: str) -> Job | None:
        """The job that an idempotency key opened."""
        row = self._one("job_of_key", key)
        return self.job(row[0]) if row else None

    def _opened_by(self, query: str, key: str, request_hash: str, did: str) -> str | None:
        """The order that this key and body opened before; raises IdempotencyError if the body was another."""
        row = self._one(query, key)
        if row is None:
            return None
        order_id, known_hash = row
        if known_hash != request_hash:
            raise IdempotencyError(
                f"idempotency key {key!r}: expected the body that {did} {order_id}, got another; "
                "use a new key for a new order"
            )
        return str(order_id)

    def label(self, serial: str) -> Label:
        """One label. Raises NotFoundError."""
        row = self._one("label", serial)
        if row is None:
            raise NotFoundError(f"label {serial}: expected a serial of this ledger, got an unknown one; check the code")
        return Label(*row)

    def labels(self, state: str | None = None, limit: int = 100, after: str = "") -> tuple[Label, ...]:
        """Labels in `state` (any, if None), in order of serial, after the serial `after`."""
        if state is None:
            rows = self._all("labels_all", after, limit)
        elif state in GOOD:
            rows = self._all("labels_good", state, after, limit)
        else:
            rows = self._all("labels_odd", state, after, limit)
        return tuple(self.label(serial) for (serial,) in rows)

    def window(self, window_id: str) -> Window:
        """One window with its serials in print order. Raises NotFoundError."""
        row = self._one("window", window_id)
        if row is None:
            raise NotFoundError(f"window {window_id}: expected a window of this ledger, got an unknown number")
        window_id, job_id, printer, snapshot, counter, first, size = row
        serials = tuple(serial for (serial,) in self._all("window_serials", first, first + size))
        return Window(window_id, job_id, printer, snapshot, serials, counter)

    def window_serials(self, window_id: str) -> tuple[str, ...]:
        """Serials in print order. Raises NotFoundError."""
        return self.window(window_id).serials

    def window_labels(self, window_id: str) -> tuple[Label, ...]:
        """Labels in print order; empty for an unknown window."""
        return tuple(Label(*row) for row in self._all("window_labels", window_id))

    def last_window(self, printer: str) -> Window | None:
        """The newest window that was sent to this printer, whatever became of it."""
        row = self._one("last_window_on", printer)
        return self.window(row[2]) if row else None

    def awaits_last_good(self, window_id: str) -> bool:
        """Whether labels of it are in doubt, and none is known to be good: neither a scan nor a person named one."""
        states = {label.state for label in self.window_labels(window_id)}
        return SerialState.IN_DOUBT in states and not states & GOOD

    def open_windows(self) -> tuple[Window, ...]:
        """Windows still `sending`: at most one per printer."""
        return tuple(self.window(window_id) for window_id, _ in self._all("sending_windows"))

    def open_window_on(self, printer: str) -> Window | None:
        """The window of a printer that is still `sending`, if there is one."""
        row = self._one("sending_on", printer)
        return self.window(row[0]) if row else None

    def doubts(self) -> tuple[tuple[Window, tuple[Label, ...]], ...]:
        """Windows with labels in doubt, oldest first, each with those labels in print order."""
        return tuple(
            (self.window(window_id), self._in_doubt(window_id)) for (window_id,) in self._all("doubted_windows")
        )

    def _in_doubt(self, window_id: str) -> tuple[Label, ...]:
        return tuple(label for label in self.window_labels(window_id) if label.state == SerialState.IN_DOUBT)

    def incarnations(self) -> tuple[Incarnation, ...]:
        """All lives of this ledger, oldest first; the last is the live one."""
        return tuple(
            Incarnation(ordinal, incarnation, Head(parent, seq, digest) if parent else None, last)
            for ordinal, incarnation, parent, seq, digest, last in self._all("incarnations")
        )

    def events(self, incarnation: str, after_seq: int = 0, limit: int = 1_000) -> tuple[StoredEvent, ...]:
        """Events with seq above `after_seq`, in order, as stored."""
        return tuple(StoredEvent(*row) for row in self._all("events_after", incarnation, after_seq, limit))

    def event_hash(self, incarnation: str, seq: int) -> bytes | None:
        """The stored hash of one event; None if the ledger does not hold it."""
        row = self._one("event_hash", incarnation, seq)
        return row[0] if row else None

    def snapshot(self, digest: str) -> bytes:
        """Canonical bytes of a snapshot by its hash.

        Raises:
            NotFoundError: no such snapshot.
            LedgerDamagedError: the bytes are not those of that hash; nothing may be printed from them (invariant 6).
        """
        row = self._one("snapshot", digest)
        if row is None:
            raise NotFoundError(f"snapshot {digest}: expected one this ledger holds, got an unknown hash")
        body = bytes(row[0])
        if hashlib.sha256(body).hexdigest() != digest:
            raise LedgerDamagedError(
                f"snapshot {digest}: expected the bytes of that hash, got others; the file was edited, restore a backup"
            )
        return body

    def distribution_cursor(self) -> DistributionCursor | None:
        """How far the registry's feed was read; None before the first."""
        row = self._one("feed")
        return DistributionCursor(*row) if row else None

    def lots(self) -> dict[str, Any]:
        """Lot number → record, as the registry fed them."""
        return {no: json.loads(record) for no, _, record in self._all("fed_records", "lot")}

    def styles(self) -> dict[str, Any]:
        """Style number → record, as the registry fed them."""
        return {no: json.loads(record) for no, _, record in self._all("fed_records", "style")}

    def printer_counter(self, printer: str) -> int | None:
        """The last counter reading the ledger knows of; None if there is none."""
        row = self._one("counter", printer)
        return row[0] if row else None

    def printer_doubt(self, printer: str) -> int:
        """Labels of the printer's last window if it ended in doubt, and copies sent since its counter was known: so
        many counts need no other explanation."""
        row, copied = self._one("last_window_on", printer), self._one("copied", printer)
        doubted = row[1] if row and row[0] == SerialState.IN_DOUBT else 0
        return int(doubted + (copied[0] if copied else 0))

    def copies(self, copies_id: str) -> Copies:
        """One order of copies. Raises NotFoundError."""
        row = self._one("copies", copies_id)
        if row is None:
            raise NotFoundError(f"copies {copies_id}: expected an order of this ledger, got an unknown number")
        name, state, *facts, unchecked = row
        fields: tuple[Any, ...] = (name, CopiesState(state), *facts, bool(unchecked))
        return Copies(*fields)

    def next_copies(self, printer: str) -> Copies | None:
        """The oldest order on this printer that is not over, or whose last window is not judged."""
        row = self._one("next_copies_on", printer)
        return self.copies(row[0]) if row else None

    def unfinished_copies(self) -> tuple[Copies, ...]:
        """All such orders, oldest first."""
        return tuple(self.copies(copies_id) for (copies_id,) in self._all("unfinished_copies"))

    def recent_copies(self, limit: int, skip: int = 0) -> tuple[Copies, ...]:
        """The newest orders of copies but for the first `skip`, newest first."""
        return tuple(self.copies(copies_id) for (copies_id,) in self._all("recent_copies", limit, skip))

    def alarms(self, *, closed: bool = False) -> tuple[dict[str, Any], ...]:
        """Open alarms, oldest first; with `closed`, all of them."""
        names = ("alarm", "kind", "printer", "detail", "raised_at", "closed_at", "operator", "reason")
        rows = (dict(zip(names, row, strict=True)) for row in self._all("alarms", closed))
        return tuple({**row, "detail": json.loads(row["detail"])} for row in rows)

    def acked(self, incarnation: str) -> int:
        """The last seq the registry has acknowledged; 0 if none."""
        row = self._one("acked", incarnation)
        return int(row[0]) if row else 0

    def receipt(self, incarnation: str) -> SealedReceipt | None:
        """The highest receipt for this incarnation that the registry sealed."""
        row = self._one("receipt", incarnation)
        return SealedReceipt(*row) if row else None

    def newest_receipt(self) -> SealedReceipt | None:
        """That of the last incarnation which has one."""
        row = self._one("newest_receipt")
        return SealedReceipt(*row) if row else None


def _job(row: tuple[Any, ...]) -> Job:
    job_id, state, *facts, replaces, scan_every, unscanned = row
    fields: tuple[Any, ...] = (job_id, JobState(state), *facts, tuple(json.loads(replaces)), scan_every, unscanned)
    return Job(*fields)
