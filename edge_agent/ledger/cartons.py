"""Cartons: which garments are in which, under which number. Offline as online, and without a say in any label's life.

An SSCC is given when a carton is closed for the first time, and is the carton's for good. The first one after a start
is drawn by chance from the site's block, and each further one is the next: a counter in this file would give the same
numbers again after a backup was restored, and chance for each would meet lost ones far more often. Whatever this file
knows is never given twice: `carton.sscc` is UNIQUE.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from edge_agent.errors import LotStoppedError, NotFoundError
from edge_agent.ledger.copies import CopyOrders
from edge_agent.ledger.settle import Settle
from edge_agent.messages import carton as words
from edge_agent.model import names
from edge_agent.model.cartons import Carton, CartonState, PackedGarment
from edge_agent.model.copies import Copies, CopiesOrder
from label_protocol.codes.sscc import SsccBlock
from label_protocol.errors import ConflictError, StateError
from label_protocol.events import CartonClosed, CartonOpened, EventType, Packed
from label_protocol.states import SerialState

TRIES = 10_000
"""Numbers that are passed over before the block counts as used up: a thousand times what one day packs."""


class Packing(NamedTuple):
    """A garment and its carton; `repeated`: it was in there, and nothing was recorded."""

    carton: Carton
    serial: str
    repeated: bool


class Cartons(CopyOrders, Settle):
    """Who opens, packs, closes. `from_print`: at this site a proven label counts as being on its garment."""

    _next_number: int | None = None

    def carton(self, name: str) -> Carton:
        """A carton by its number here or its SSCC. Raises NotFoundError."""
        row = self._one("carton", name)
        if row is None:
            raise NotFoundError(
                f"没有箱 {name[:40]}，请核对箱号 · carton {name[:40]!r}: expected a carton of this ledger, got an "
                "unknown number; list the cartons"
            )
        return Carton(row[0], CartonState(row[1]), *row[2:])

    def cartons(self, limit: int, *, only_open: bool = False) -> tuple[Carton, ...]:
        """The newest cartons, newest first."""
        query = "open_cartons" if only_open else "recent_cartons"
        return tuple(self.carton(name) for (name,) in self._all(query, limit))

    def packed_in(self, carton: str) -> tuple[PackedGarment, ...]:
        """What is in a carton, in the order in which it went in; empty for an unknown one."""
        return tuple(PackedGarment(*row) for row in self._all("packed_in", carton))

    def carton_of(self, serial: str) -> Carton | None:
        """The carton that a garment is in; None: in none."""
        row = self._one("carton_of_serial", serial)
        return self.carton(row[0]) if row else None

    def open_carton(self, key: str, operator: str) -> Carton:
        """Opens a new carton, or returns the one that this key opened. Raises InputError: no key, or no name."""
        key, operator = names.key(key, "carton"), names.anybody(operator, "carton: operator")
        row = self._one("carton_of_key", key)
        if row is not None:
            return self.carton(row[0])
        with self._commit(EventType.CARTON_OPENED) as log:
            name = "C" + log.new_id()[:8].upper()
            log.append(_opened(name, key, operator, ""))
        return self.carton(name)

    def open_again(self, carton: str, operator: str, reason: str) -> Carton:
        """Opens a closed carton, by a person with a reason. Raises NotFoundError, InputError; StateError: it is
        open."""
        operator, reason = names.person(operator, "carton: operator"), names.reason(reason, "carton: reason")
        found = self.carton(carton)
        if found.state is not CartonState.CLOSED:
            raise StateError(words.not_closed(found.carton, "opening it again"))
        with self._commit(EventType.CARTON_OPENED) as log:
            log.append(_opened(found.carton, "", operator, reason))
        return self.carton(found.carton)

    def pack(self, carton: str, serial: str, text: str, operator: str, *, from_print: bool) -> Packing:
        """Puts a garment into an open carton; one that is in there already is not counted again.

        Raises:
            NotFoundError: no such carton or label.
            StateError: the carton is closed, or the label is not on its garment; a void one is an alarm first.
            ConflictError: it is in another carton.
            LotStoppedError: its lot is suspended or recalled.
        """
        operator = names.anybody(operator, "carton: operator")
        found, label = self._require_open(carton), self.label(serial)
        where = self._one("carton_of_serial", serial)
        if where is not None and where[0] == found.carton:
            return Packing(found, serial, repeated=True)
        if where is not None:
            raise ConflictError(words.in_another(serial, where[0]))
        self._refuse_void(label, text or serial, operator)
        if label.state not in _good(from_print):
            raise StateError(words.not_yet(serial, label.state))
        self._require_going(self.job(label.job_id).quota_key, f"label {serial}", words.NO_CARTON)
        return Packing(self._record(found.carton, [serial], [], text, operator), serial, repeated=False)

    def take_out(self, carton: str, serial: str, text: str, operator: str) -> Carton:
        """Takes a garment out of an open carton, whatever became of its label meanwhile. Raises NotFoundError;
        StateError: the carton is closed; ConflictError: it is not in it."""
        operator = names.anybody(operator, "carton: operator")
        found = self._require_open(carton)
        if self._one("carton_of_serial", serial) != (found.carton,):
            raise ConflictError(words.not_in(serial, found.carton))
        return self._record(found.carton, [], [serial], text, operator)

    def close_carton(
        self, carton: str, count: int, operator: str, block: SsccBlock | None, *, from_print: bool
    ) -> Carton:
        """Closes a carton in which its closer has seen `count` garments, and numbers it if it has no SSCC yet (`block`
        None: the site gives none). A closed one stays as it is.

        Raises:
            NotFoundError: no such carton.
            StateError: it is empty, or holds a label that is not on its garment any more.
            ConflictError: it holds another number of garments; its block has no number left.
            LotStoppedError: it holds a garment of a lot that was stopped meanwhile.
        """
        operator = names.anybody(operator, "carton: operator")
        found = self.carton(carton)
        if found.packed != count:
            raise ConflictError(words.other_count(found.carton, count, found.packed))
        if found.state is CartonState.CLOSED:
            return found
        if not count:
            raise StateError(words.empty(found.carton))
        self._require_fit(found.carton, from_print=from_print)
        sscc = found.sscc or (self._free_sscc(block) if block else None)
        with self._commit(EventType.CARTON_CLOSED) as log:
            log.append(
                CartonClosed(
                    type=EventType.CARTON_CLOSED, carton=found.carton, sscc=sscc, count=count, operator=operator
                )
            )
        return self.carton(found.carton)

    def open_carton_label(self, order: CopiesOrder, *, from_print: bool) -> Copies:
        """Orders the label of the carton that `order` names, printed for the `nth` time, or returns what this key
        ordered before.

        Raises:
            IdempotencyError: the key was used with another body.
            ConflictError: the carton is not as the label says.
            LotStoppedError, StateError: as `close_carton`.
        """
        known = self.known_copies(order.key, order.request_hash)
        if known is not None:
            return known
        found = self.carton(order.carton or "")
        if (found.state, found.printings + 1) != (CartonState.CLOSED, order.nth):
            raise ConflictError(words.changed_meanwhile(found.carton))
        self._require_fit(found.carton, from_print=from_print)
        with self._commit(EventType.COPIES_OPENED) as log:
            copies_id = self._open_copies(log, order)
        return self.copies(copies_id)

    def _record(self, carton: str, put_in: list[str], taken_out: list[str], text: str, operator: str) -> Carton:
        text = names.scanned(text, "carton: scan") if text else ""
        with self._commit(EventType.PACKED) as log:
            log.append(
                Packed(
                    type=EventType.PACKED,
                    carton=carton,
                    put_in=put_in,
                    taken_out=taken_out,
                    text=text,
                    operator=operator,
                )
            )
        return self.carton(carton)

    def _require_open(self, carton: str) -> Carton:
        found = self.carton(carton)
        if found.state is not CartonState.OPEN:
            raise StateError(words.closed(found.carton))
        return found

    def _require_fit(self, carton: str, *, from_print: bool) -> None:
        """A recall may come while a carton is filled: what is in it is asked again before it leaves."""
        inside = self.packed_in(carton)
        stops = {one.quota_key: self.stop(one.quota_key) for one in inside}
        if stopped := [one for one in inside if stops[one.quota_key]]:
            why = stops[stopped[0].quota_key]
            raise LotStoppedError(words.unfit(carton, _serials(stopped), str(why.words if why else "")))
        if void := [one for one in inside if one.state not in _good(from_print)]:
            raise StateError(words.unfit(carton, _serials(void), void[0].state))

    def _free_sscc(self, block: SsccBlock) -> str:
        """The next number of this start that no carton has."""
        start = self._log.random_below(block.count) if self._next_number is None else self._next_number
        for step in range(min(TRIES, block.count)):
            number = (start + step) % block.count
            found = block.sscc(number)
            if not self._one("sscc_taken", found):
                self._next_number = number + 1
                return found
        raise ConflictError(words.used_up(block.prefix))


def _good(from_print: bool) -> tuple[SerialState, ...]:
    return (SerialState.COMMISSIONED, SerialState.PRINTED) if from_print else (SerialState.COMMISSIONED,)


def _serials(garments: Sequence[PackedGarment]) -> list[str]:
    return [one.serial for one in garments]


def _opened(carton: str, key: str, operator: str, reason: str) -> CartonOpened:
    return CartonOpened(type=EventType.CARTON_OPENED, carton=carton, key=key, operator=operator, reason=reason)
