"""Random sequences of orders: rebuild == live, the balance adds up, quota is never exceeded, serials never return."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge_agent.errors import IssuingError, LotStoppedError
from edge_agent.ledger.quota import balance, spoilage_limit
from edge_agent.model.job import Job, JobState, Window
from label_protocol.errors import ConflictError, InputError, LedgerDamagedError
from label_protocol.states import SerialState, Step
from tests.kits.ledger_kit import PROOF, Place, a_job, allot, enrolled, history, link_of, printed, require_sound

OP = "操作员甲"
LOTS = ("L1", "L2")


class Factory(RuleBasedStateMachine):
    """Whatever people and printers do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.place = Place(Path(self._folder.name))
        self.ledger = enrolled(self.place.open(), allotted=40)
        self.ledger._db.execute("PRAGMA synchronous = OFF")
        self.most = dict.fromkeys(LOTS, 0) | {"L1": 40}
        self.jobs: list[Job] = []
        self.windows: list[Window] = []
        for fate in ("print", "doubt"):  # chance alone seldom gets so far as to draw a label
            self.produce("L1", 8, fate)

    def teardown(self) -> None:
        require_sound(self.ledger)
        self.ledger.close()
        self._folder.cleanup()

    def _try(self, *order: object, **more: object) -> None:
        call, *args = order
        with contextlib.suppress(ConflictError, IssuingError, InputError):
            call(*args, **more)  # type: ignore[operator]

    @rule(lot=st.sampled_from(LOTS), quantity=st.integers(0, 40), permille=st.sampled_from((0, 30, 500)))
    def feed(self, lot: str, quantity: int, permille: int) -> None:
        allot(self.ledger, quantity, lot, permille)
        self.most[lot] = max(self.most[lot], quantity)

    @rule(lot=st.sampled_from(LOTS), on=st.booleans())
    def suspend(self, lot: str, on: bool) -> None:
        item = {"kind": "suspension", "quota_key": f"lot:{lot}", "suspended": on, "reason": "复检"}
        self.ledger.receive_distribution("s", "e", [item])

    @rule(quantity=st.integers(1, 20), lot=st.sampled_from(LOTS), printer=st.sampled_from(("p1", "p2")))
    def order(self, quantity: int, lot: str, printer: str) -> None:
        try:
            job = a_job(self.ledger, quantity, lot_no=lot, quota_key=f"lot:{lot}", printer=printer)
        except LotStoppedError:
            assert self.ledger.stop(f"lot:{lot}")
            return
        assert not self.ledger.stop(f"lot:{lot}")
        self.jobs.append(job)

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 99), state=st.sampled_from(JobState))
    def move(self, pick: int, state: JobState) -> None:
        self._try(self.ledger.move_job, self.jobs[pick % len(self.jobs)].job_id, state, "why", OP)

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 99), limit=st.integers(1, 8), fate=st.sampled_from(("print", "doubt", "never", "open")))
    def window(self, pick: int, limit: int, fate: str) -> None:
        try:
            window = self.ledger.begin_window(self.jobs[pick % len(self.jobs)].job_id, limit=limit)
        except (ConflictError, IssuingError):
            return
        self.windows.append(window)
        if fate == "print":
            self.ledger.prove_window(window.window_id, PROOF)
        elif fate == "doubt":
            self.ledger.doubt_window(window.window_id, "silence")
        elif fate == "never":
            self.ledger.never_sent(window.window_id, "font")

    @rule(lot=st.sampled_from(LOTS), quantity=st.integers(1, 8), fate=st.sampled_from(("print", "doubt", "never")))
    def produce(self, lot: str, quantity: int, fate: str) -> None:
        """A whole order at once."""
        known = len(self.jobs)
        self.order(quantity, lot, "p3")
        if len(self.jobs) > known:
            self.window(known, quantity, fate)

    @precondition(lambda self: self.windows)
    @rule(pick=st.integers(0, 99), label=st.integers(0, 7), step=st.sampled_from(Step), garment=st.booleans())
    def label(self, pick: int, label: int, step: Step, garment: bool) -> None:
        window = self.windows[pick % len(self.windows)]
        serial = window.serials[label % len(window.serials)]
        lot = self.ledger.label(serial).lot_no or ""
        if step is Step.SCAN:
            self._try(self.ledger.scan, serial, link_of(serial, lot), OP, on_garment=garment)
        else:
            self._try(self.ledger.decide, serial, step, OP, "why")

    @precondition(lambda self: self.windows)
    @rule(pick=st.integers(0, 99), last=st.integers(-1, 7), rest=st.sampled_from(("invalid", "scrapped", "keep")))
    def settle_window(self, pick: int, last: int, rest: str) -> None:
        window = self.windows[pick % len(self.windows)]
        serial = window.serials[last % len(window.serials)] if last >= 0 else None
        text = link_of(serial) if serial else ""
        self._try(self.ledger.settle_window, window.window_id, serial, text, OP, rest=rest)

    @precondition(lambda self: self.windows)
    @rule(pick=st.integers(0, 99), key=st.text("ab", min_size=1, max_size=4), scrap=st.booleans())
    def replace(self, pick: int, key: str, scrap: bool) -> None:
        serial = self.windows[pick % len(self.windows)].serials[0]
        if scrap:
            self._try(self.ledger.scrap_and_replace, serial, OP, "污损", key)
        else:
            self._try(self.ledger.open_replacement, serial, key, OP)
        self.jobs = list(self.ledger.jobs())

    @rule()
    def restart(self) -> None:
        self.ledger.close()
        self.ledger = self.place.open()
        self.ledger._db.execute("PRAGMA synchronous = OFF")
        self.ledger.boot()
        assert self.ledger.open_windows() == () and self.ledger.holds() == ()

    @rule(gone=st.integers(0, 3))
    def recover(self, gone: int) -> None:
        """The registry has all but our last events, or all: either way a new life begins and nothing changes."""
        told = history(self.ledger)
        self.ledger.recover(told[: max(0, len(told) - gone)])

    @invariant()
    def quota_holds(self) -> None:
        for lot in LOTS:
            quota = self.ledger.quota(f"lot:{lot}")
            counted = [label for label in self.ledger.labels(None, 1_000) if label.lot_no == lot]
            out = sum(label.state == "invalid" for label in counted)
            scrapped = sum(label.state == "scrapped" for label in counted)
            assert len(counted) - out - scrapped <= self.most[lot]
            assert quota.used == len(counted) - out - min(scrapped, quota.spoilage_limit)

    @invariant()
    def books_add_up(self) -> None:
        *lines, total = self.ledger.balance()
        assert total.drawn == sum(line.drawn for line in lines) == len(self.ledger.labels(None, 1_000))
        drawn = sum(job.drawn for job in self.ledger.jobs())
        assert drawn == total.drawn and all(job.drawn <= job.quantity for job in self.ledger.jobs())


TestFactory = Factory.TestCase
TestFactory.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_the_spoilage_limit_is_never_rounded_up() -> None:
    assert [spoilage_limit(allotted, 30) for allotted in (0, 33, 34, 100, 5_000)] == [0, 0, 1, 3, 150]


def test_used_and_free_of_one_line() -> None:
    counts = {SerialState.PRINTED: 80, SerialState.IN_DOUBT: 5, SerialState.SCRAPPED: 9, SerialState.INVALID: 2}
    line = balance("lot:L1", 100, 3, counts)
    assert (line.drawn, line.used, line.free) == (96, 91, 9)
    assert balance("lot:L1", 10, 3, counts).free == 0


def test_books_that_were_edited_do_not_balance(tmp_path: Path) -> None:
    ledger = enrolled(Place(tmp_path).open())
    printed(ledger, a_job(ledger))
    ledger._db.execute("UPDATE tally SET n = n + 1 WHERE scope = 'quota'")
    with pytest.raises(LedgerDamagedError, match="books of lot:L1"):
        ledger.balance()
    ledger.close()
