"""The book of work orders: taken once, given out in parts, closed by a person.

Every change is on the disk before it is answered. A part is written down before its job is ordered, so that after a
kill it is known what was meant; whether the job was opened is the ledger's to say.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_agent.clock import Clock, now_utc
from edge_agent.errors import IdempotencyError, NotFoundError
from edge_agent.model.work_order import OrderLine, Outcome, Part, ReadRow, Taking, WorkOrder
from edge_agent.work_orders.decide import decide
from edge_agent.work_orders.rules import RuleBook
from edge_agent.work_orders.store import Store

LINE = tuple(OrderLine.__dataclass_fields__)
_ORDER = f"SELECT {', '.join(LINE)}, taken_at, file, state, closed_by, reason, note FROM work_order"
_COUNT = "SELECT count(*) FROM work_order"
_PART = "SELECT order_id, part, quantity, printer, template, operator, rule, body, at, job_id FROM part"
_ADD = (
    f"INSERT INTO work_order ({', '.join(LINE)}, order_id, taken_at, taken_on, file) "
    f"VALUES ({', '.join('?' * len(LINE))}, ?, ?, ?, ?)"
)
_OPEN = "state = 'open' AND (?1 = '' OR instr(lower(order_no || ' ' || style_no || ' ' || ifnull(lot_no, '')), ?1))"

Answer = Callable[[Sequence[Outcome]], Mapping[str, Any]]
"""Makes of outcomes what is answered to whoever sent the file."""


class OrderBook:
    """The work orders of this site. Its methods may be called from any thread."""

    def __init__(self, path: Path | None = None, clock: Clock = now_utc) -> None:
        self._store, self._clock = Store(path), clock
        self.rules = RuleBook(self._store, clock)

    def close(self) -> None:
        """Closes the file."""
        self._store.close()

    # --- taking ---------------------------------------------------------------------------------------------------

    def take(
        self, file_id: str, name: str, source: str, rows: Sequence[ReadRow], *, limit: int, day: str, answer: Answer
    ) -> Mapping[str, Any]:
        """Takes the orders of a file and writes down what is answered, as one change; a file that was taken before
        gets its old answer. `limit`: labels of the source on the local `day`. Raises OrderBookError."""
        with self._store.change() as db:
            before = self.answer(file_id)
            if before is not None:
                return before
            known = {row.asked.identity: old for row in rows if row.asked and (old := self._line(row.asked.identity))}
            outcomes = decide(rows, known, limit=limit, taken_today=self.taken_on(source, day))
            told, at = answer(outcomes), self._clock()
            asked = [row.asked for row, one in zip(rows, outcomes, strict=True) if one.outcome is Taking.TAKEN]
            db.executemany(_ADD, [(*_values(one), one.order_id, at, day, name) for one in asked if one])
            row = (file_id, source, name, at, json.dumps(told, ensure_ascii=False))
            db.execute("INSERT INTO file (file_id, source, name, taken_at, answer) VALUES (?, ?, ?, ?, ?)", row)
        return told

    def answer(self, file_id: str) -> Mapping[str, Any] | None:
        """What was answered of a file; None: it was never taken."""
        row = self._store.one("SELECT answer FROM file WHERE file_id = ?", file_id)
        return None if row is None else json.loads(row["answer"])

    def last_file(self, source: str) -> tuple[str, str] | None:
        """Name and time of the file of this source that was taken last."""
        row = self._store.one("SELECT name, taken_at FROM file WHERE source = ? ORDER BY rowid DESC LIMIT 1", source)
        return None if row is None else (row["name"], row["taken_at"])

    def taken_on(self, source: str, day: str) -> int:
        """Labels of this source's orders that were taken on a local day."""
        row = self._store.one("SELECT sum(quantity) FROM work_order WHERE source = ? AND taken_on = ?", source, day)
        return int(row[0] or 0) if row else 0

    def _line(self, identity: tuple[str, str, str]) -> OrderLine | None:
        where = "WHERE source = ? AND order_no = ? AND line = ?"
        row = self._store.one(f"SELECT {', '.join(LINE)} FROM work_order {where}", *identity)
        return None if row is None else OrderLine(**dict(row))

    # --- asking ---------------------------------------------------------------------------------------------------

    def order(self, order_id: str) -> WorkOrder:
        """One order with its parts. Raises NotFoundError."""
        row = self._store.one(f"{_ORDER} WHERE order_id = ?", order_id)
        if row is None:
            raise NotFoundError(
                f"没有这张生产单 {order_id[:40]!r} · work order: expected one that was taken, got an unknown number; "
                "list them with edge-agent orders list"
            )
        return self._with_parts([_order(row)])[0]

    def open_orders(self, find: str = "", limit: int = 200) -> Sequence[WorkOrder]:
        """Orders that still want labels, the most urgent first; `find`: a fragment of order number, style or lot."""
        order_by = "ORDER BY wanted_by = '', wanted_by, taken_at, rowid LIMIT ?2"
        return self._with_parts(map(_order, self._store.all(f"{_ORDER} WHERE {_OPEN} {order_by}", find.lower(), limit)))

    def ended_orders(self, limit: int = 200) -> Sequence[WorkOrder]:
        """Orders that are done or closed, the newest first."""
        rows = self._store.all(f"{_ORDER} WHERE state <> 'open' ORDER BY rowid DESC LIMIT ?", limit)
        return self._with_parts(map(_order, rows))

    def count_open(self, source: str | None = None, find: str = "") -> int:
        """How many orders still want labels: of one source or of all, and `find` as in `open_orders`."""
        row = self._store.one(f"{_COUNT} WHERE {_OPEN} AND ifnull(?2, source) = source", find.lower(), source)
        return int(row[0]) if row else 0

    def untried(self, limit: int = 500) -> Sequence[WorkOrder]:
        """Orders that no rule was asked about yet, oldest first."""
        rows = self._store.all(f"{_ORDER} WHERE tried = 0 AND state = 'open' ORDER BY rowid LIMIT ?", limit)
        return self._with_parts(map(_order, rows))

    def order_of_job(self, job_id: str) -> tuple[WorkOrder, Part] | None:
        """The order and the part that a job was opened for; None: it was ordered otherwise."""
        row = self._store.one(f"{_PART} WHERE job_id = ?", job_id)
        return None if row is None else (self.order(row["order_id"]), Part(**dict(row)))

    def _with_parts(self, orders: Any) -> list[WorkOrder]:
        found = list(orders)
        parts: dict[str, list[Part]] = {}
        ids = json.dumps([one.order_id for one in found])
        sql = f"{_PART} WHERE order_id IN (SELECT value FROM json_each(?)) ORDER BY order_id, part"
        for row in self._store.all(sql, ids):
            parts.setdefault(row["order_id"], []).append(Part(**dict(row)))
        return [replace(one, order_parts=tuple(parts.get(one.order_id, ()))) for one in found]

    # --- giving out -----------------------------------------------------------------------------------------------

    def intend(self, part: Part, day: str) -> Part:
        """Writes down a part before its job is ordered; the same again is the same part. Raises IdempotencyError: the
        number stands for another part; OrderBookError."""
        with self._store.change() as db:
            row = self._store.one(f"{_PART} WHERE order_id = ? AND part = ?", part.order_id, part.part)
            if row is not None:
                return _same(Part(**dict(row)), part)
            db.execute(
                "INSERT INTO part (order_id, part, quantity, printer, template, operator, rule, body, at, day) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (part.order_id, part.part, part.quantity, part.printer, part.template, part.operator, part.rule,
                 part.body, part.at, day),
            )  # fmt: skip
        return part

    def opened(self, order_id: str, part: int, job_id: str) -> None:
        """The ledger opened the part's job."""
        with self._store.change() as db:
            db.execute("UPDATE part SET job_id = ? WHERE order_id = ? AND part = ?", (job_id, order_id, part))

    def take_back(self, order_id: str, part: int) -> None:
        """Forgets an intent whose job was never opened."""
        with self._store.change() as db:
            db.execute("DELETE FROM part WHERE order_id = ? AND part = ? AND job_id IS NULL", (order_id, part))

    def intents(self) -> Sequence[Part]:
        """Parts of which nobody knows whether their jobs were opened: what a kill leaves."""
        return [Part(**dict(row)) for row in self._store.all(f"{_PART} WHERE job_id IS NULL")]

    def note(self, order_id: str, note: str) -> None:
        """Rules were asked; `note` says why the order waits for a person, empty: it does not."""
        with self._store.change() as db:
            db.execute("UPDATE work_order SET tried = 1, note = ? WHERE order_id = ?", (note, order_id))

    # --- ending ---------------------------------------------------------------------------------------------------

    def end(self, order_id: str, state: str, by: str = "", reason: str = "") -> None:
        """The order is `done`, `closed` by somebody for a reason, or `open` again."""
        with self._store.change() as db:
            row = (state, by, reason, order_id)
            db.execute("UPDATE work_order SET state = ?, closed_by = ?, reason = ? WHERE order_id = ?", row)


def _values(line: OrderLine) -> tuple[Any, ...]:
    return tuple(getattr(line, name) for name in LINE)


def _order(row: sqlite3.Row) -> WorkOrder:
    told = dict(row)
    state, asked = told.pop("state"), OrderLine(**{name: told.pop(name) for name in LINE})
    return WorkOrder(asked, closed=state == "closed", done=state == "done", **told)


def _same(known: Part, part: Part) -> Part:
    """Raises IdempotencyError."""
    if known.body != part.body:
        raise IdempotencyError(
            f"这张单的第 {part.part} 次已经下过 {known.quantity} 张，内容不同；请按“打印”重新选这张单 · work order "
            f"{part.order_id}: expected part {part.part} as it was ordered ({known.quantity} on {known.printer}), got "
            f"{part.quantity} on {part.printer}; look at the order again"
        )
    return known
