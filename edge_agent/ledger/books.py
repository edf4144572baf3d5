"""The books: a balance that adds up to the last label, and the events as JSON lines."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import IO

from edge_agent.ledger.allotted.leases import Leases
from edge_agent.ledger.queries import Reading
from edge_agent.ledger.quota import NO_ALLOTMENT, balance, spoilage_limit
from edge_agent.ledger.sql import Q
from edge_agent.ledger.store import connect
from edge_agent.ledger.values import Balance, Report
from edge_agent.ledger.verify import inspect
from edge_agent.ledger.witness import Witness
from label_protocol.errors import LedgerDamagedError
from label_protocol.states import SerialState

TOTAL = "total"


class Books(Reading, Leases):
    """What an auditor asks for."""

    def balance(self) -> tuple[Balance, ...]:
        """One line per allotment and a total; counted from the labels themselves.

        Raises:
            LedgerDamagedError: the running tallies differ from the labels; names the line.
        """
        counted: dict[str, dict[str, int]] = defaultdict(dict)
        for quota_key, state, number in self._all("counted"):
            counted[quota_key][state] = number
        lines = [self._line(key, counted[key]) for (key,) in self._all("quota_keys")]
        return (*lines, _total(lines))

    def _line(self, quota_key: str, counted: dict[str, int]) -> Balance:
        tally = {state: number for state, number in self._all("tally", quota_key) if number}
        if tally != counted:
            raise LedgerDamagedError(
                f"books of {quota_key}: expected {counted} from the labels, got {tally}; run 'edge-agent ledger verify'"
            )
        allotted, permille, *_ = self._one("allotment", quota_key) or NO_ALLOTMENT
        line = balance(quota_key, allotted, spoilage_limit(allotted, permille), counted)
        return replace(line, free=0) if self.lease_over(quota_key) else line

    def export(self, out: IO[str]) -> int:
        """Writes `{"incarnation", "seq", "hash", "event"}` lines in order; returns how many."""
        return _export(self._db, out)

    def verify(self, *, rebuild: bool = True) -> Report:
        """The whole audit of the open ledger. Blocks its thread; for a large ledger verify a backup instead."""
        return inspect(self._db, Witness(self._witness.path), rebuild=rebuild)


def export_copy(copy: Path, out: IO[str]) -> int:
    """`Books.export` of a backup, while an agent has the ledger itself. Raises LedgerDamagedError."""
    with contextlib.closing(connect(copy)) as db:
        return _export(db, out)


def _export(db: sqlite3.Connection, out: IO[str]) -> int:
    number = 0
    for _, life, *_ in db.execute(Q["incarnations"]).fetchall():
        for seq, body, digest in db.execute(Q["events_after"], (life, 0, -1)):
            out.write(f'{{"incarnation":"{life}","seq":{seq},"hash":"{digest.hex()}","event":{body.decode()}}}\n')
            number += 1
    return number


def _total(lines: list[Balance]) -> Balance:
    columns = ("allotted", "drawn", *SerialState, "used", "free")
    return Balance(TOTAL, **{name: sum(getattr(line, name) for line in lines) for name in columns})
