"""The rules that leads signed: which orders of a source print without a person. Nothing is ever deleted."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence

from edge_agent.clock import Clock
from edge_agent.errors import NotFoundError
from edge_agent.model.actor import Actor
from edge_agent.model.work_order import Rule, RuleTerms
from edge_agent.work_orders.store import Store

_RULE = (
    "SELECT rule_id, source, styles, quantity_most, daily_most, printer, until, signed_by, signed_known, signed_at, "
    "ended_by, ended_at FROM rule"
)


class RuleBook:
    """The rules in the book's file."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def sign(self, terms: RuleTerms, by: Actor) -> Rule:
        """Writes down a rule that `by` signs now. Raises OrderBookError."""
        rule_id = secrets.token_hex(4)
        limits = (terms.quantity_most, terms.daily_most, terms.printer, terms.until)
        signature = (by.operator, by.known.value, self._clock())
        row = (rule_id, terms.source, json.dumps(list(terms.styles)), *limits, *signature)
        with self._store.change() as db:
            db.execute(
                "INSERT INTO rule (rule_id, source, styles, quantity_most, daily_most, printer, until, signed_by, "
                "signed_known, signed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return self.one(rule_id)

    def end(self, rule_id: str, by: str) -> Rule:
        """Ends a rule now. Raises NotFoundError, OrderBookError."""
        self.one(rule_id)
        with self._store.change() as db:
            sql = "UPDATE rule SET ended_by = ?, ended_at = ? WHERE rule_id = ? AND ended_at = ''"
            db.execute(sql, (by, self._clock(), rule_id))
        return self.one(rule_id)

    def one(self, rule_id: str) -> Rule:
        """One rule. Raises NotFoundError."""
        row = self._store.one(f"{_RULE} WHERE rule_id = ?", rule_id)
        if row is None:
            raise NotFoundError(
                f"没有这条规则 {rule_id[:40]!r} · rule: expected one that was signed, got an unknown number; list them "
                "with edge-agent orders rule list"
            )
        return _rule(row)

    def all(self) -> Sequence[Rule]:
        """Every rule there ever was, the newest first."""
        return [_rule(row) for row in self._store.all(f"{_RULE} ORDER BY rowid DESC")]

    def used_on(self, rule_id: str, day: str) -> int:
        """Labels that were ordered under a rule on a local day."""
        row = self._store.one("SELECT sum(quantity) FROM part WHERE rule = ? AND day = ?", rule_id, day)
        return int(row[0] or 0) if row else 0


def _rule(row: sqlite3.Row) -> Rule:
    told = dict(row)
    return Rule(**told | {"styles": tuple(json.loads(told["styles"]))})
