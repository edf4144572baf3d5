"""Copies: labels that carry no code. Ordered once per key, windows noted before their first byte, never resumed.

They are no serials, so quota, holds and states have no say in them; what they have in common with issued labels is that
the ledger never says more than is known, and that the data behind them is a snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.ledger.lines import Lines
from edge_agent.ledger.log import Log
from edge_agent.ledger.queries import Reading
from edge_agent.ledger.sql import Q
from edge_agent.ledger.stops import Stops
from edge_agent.model import names
from edge_agent.model.copies import Copies, CopiesOrder, CopiesState
from edge_agent.model.printer import ProofLevel, Verdict
from label_protocol.chain import address, canonical
from label_protocol.errors import InputError, StateError
from label_protocol.events import CopiesEnded, CopiesJudged, CopiesOpened, CopiesSending, EventType

MAX_COPIES = 10_000
"""A roll has one to three thousand labels; a slip of the keyboard has more."""


class CopyOrders(Reading, Lines, Stops):
    """Orders of copies, and what became of them."""

    def open_copies(self, order: CopiesOrder) -> Copies:
        """Opens an order, or returns the one this key and body opened before; key, order and snapshot in one commit.

        Raises:
            IdempotencyError: the key was used with another body.
            InputError: a quantity out of bounds.
            LotStoppedError: its lot is suspended or recalled.
            RecordError: the snapshot is not canonical JSON, or the registry fed its lot with another style.
        """
        known = self.known_copies(order.key, order.request_hash)
        if known is not None:
            return known
        if not 1 <= order.quantity <= MAX_COPIES:
            raise InputError(f"copies: expected 1 to {MAX_COPIES}, got {order.quantity}; order a large number in parts")
        lot_no = (order.snapshot.get("lot") or {}).get("lot_no")
        with self._commit(EventType.COPIES_OPENED) as log:
            self._require_orderable(f"lot:{lot_no}", order.snapshot, "copies")
            copies_id = self._open_copies(log, order)
        return self.copies(copies_id)

    def _open_copies(self, log: Log, order: CopiesOrder) -> str:
        key, operator = names.key(order.key, "copies"), names.anybody(order.operator, "copies: operator")
        digest, copies_id = address(dict(order.snapshot)), log.new_id()
        self._db.execute(Q["add_snapshot"], (digest, canonical(dict(order.snapshot))))
        event = CopiesOpened(
            type=EventType.COPIES_OPENED,
            copies=copies_id,
            key=key,
            request_hash=order.request_hash,
            snapshot=digest,
            template=order.template,
            printer=order.printer,
            quantity=order.quantity,
            unchecked=order.unchecked,
            operator=operator,
        )
        if order.carton is not None:
            event |= {"carton": order.carton, "nth": order.nth}
        log.append(event)
        return copies_id

    def begin_copies(self, copies_id: str, labels: int, *, rows: int, counter: int | None) -> Copies:
        """Notes that so many copies are about to be sent, in `rows` of the printer's counter; durable when it returns.

        Raises:
            StateError: the order is over, has fewer left, or has a window open.
            HeldError: another printer may stand at this line.
            NotFoundError: no such order.
        """
        order = self.copies(copies_id)
        if not 1 <= labels <= order.left:
            raise StateError(f"copies {copies_id}: expected a window of 1 to {order.left}, got {labels}")
        with self._commit(EventType.COPIES_SENDING) as log:
            self._require_answered(order.printer)
            log.append(
                CopiesSending(
                    type=EventType.COPIES_SENDING,
                    copies=copies_id,
                    printer=order.printer,
                    labels=labels,
                    rows=rows,
                    counter=counter,
                )
            )
        return self.copies(copies_id)

    def judge_copies(self, copies_id: str, verdict: Verdict) -> Copies:
        """Records what the window in hand came to. Raises StateError: none is; NotFoundError."""
        order = self.copies(copies_id)
        with self._commit(EventType.COPIES_JUDGED) as log:
            _judge(log, order, verdict)
        return self.copies(copies_id)

    def end_copies(self, copies_id: str, state: CopiesState, reason: str, operator: str = "") -> Copies:
        """Ends an order: no more is sent. Raises StateError: it is over already; NotFoundError."""
        operator = names.anybody(operator, f"copies {copies_id}: operator")
        with self._commit(EventType.COPIES_ENDED) as log:
            _end(log, copies_id, state, reason, operator)
        return self.copies(copies_id)

    def known_copies(self, key: str, request_hash: str) -> Copies | None:
        """The order this key opened, None if it opened none. Raises IdempotencyError for another body."""
        copies_id = self._opened_by("copies_of_key", key, request_hash, "ordered copies")
        return None if copies_id is None else self.copies(copies_id)


def end_open_copies(log: Log, orders: Sequence[Copies], reason: str) -> None:
    """What a start finds open is over, and what was being sent is not proven: nobody resumes it but by a new order."""
    for order in orders:
        if order.sending:
            _judge(log, order, Verdict(False, ProofLevel.SENT, reason))
        if order.state is CopiesState.OPEN:
            _end(log, order.copies_id, CopiesState.ENDED, reason, "")


def _judge(log: Log, order: Copies, verdict: Verdict) -> None:
    log.append(
        CopiesJudged(
            type=EventType.COPIES_JUDGED,
            copies=order.copies_id,
            printer=order.printer,
            proven=verdict.printed,
            level=verdict.level.word if verdict.printed else None,
            reason=verdict.reason,
            evidence=verdict.evidence,
        )
    )


def _end(log: Log, copies_id: str, state: CopiesState, reason: str, operator: str) -> None:
    log.append(
        CopiesEnded(type=EventType.COPIES_ENDED, copies=copies_id, state=state.value, reason=reason, operator=operator)
    )
