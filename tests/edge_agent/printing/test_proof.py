"""What counts as proof: every kind of not-knowing, alone, makes the whole window doubtful."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.printer import Fault, Health, Observation, PrinterStatus, ProofLevel
from edge_agent.printers.status import SILENCE, combine
from edge_agent.printing.proof import (
    Expectation,
    Trace,
    between_windows,
    complete,
    holds_background,
    is_baseline,
    judge,
)

READY = PrinterStatus(Health.OK, idle=True)
BUSY = PrinterStatus(Health.OK, idle=False)
BACKGROUND = ("AB12CD34.GRF", 19200)
BEFORE = Observation(READY, 100, {BACKGROUND[0]: BACKGROUND[1]})
AFTER = replace(BEFORE, counter=108)
WANT = Expectation(8, BEFORE, ProofLevel.COUNTER, ProofLevel.IDLE, BACKGROUND)


def test_exact_count_quiet_printer_and_background_is_proof_at_counter_level() -> None:
    verdict = judge(WANT, AFTER, Trace(busy_seen=True))
    assert (verdict.printed, verdict.level) == (True, ProofLevel.COUNTER)
    assert verdict.evidence["counter_after"] == 108


DOUBTS = {
    "no quiet after": (WANT, None, Trace()),
    "link lost": (WANT, AFTER, Trace(link_trouble="connection reset")),
    "one label short": (WANT, replace(AFTER, counter=107), Trace()),
    "one label too many": (WANT, replace(AFTER, counter=109), Trace()),
    "counter fell back": (WANT, replace(AFTER, counter=8), Trace()),
    "counter silent after": (WANT, replace(AFTER, counter=None), Trace()),
    "background gone": (WANT, replace(AFTER, objects={}), Trace()),
    "background of another size": (WANT, replace(AFTER, objects={BACKGROUND[0]: 19201}), Trace()),
    "object list silent": (WANT, replace(AFTER, objects=None), Trace()),
    "status silent after": (WANT, replace(AFTER, status=SILENCE), Trace()),
    "still busy": (WANT, replace(AFTER, status=BUSY), Trace()),
    "below the accepted level": (replace(WANT, accepted=ProofLevel.SCAN), AFTER, Trace()),
    "idle level without an edge": (replace(WANT, level=ProofLevel.IDLE, background=None), AFTER, Trace()),
    "silent, and nothing stored": (replace(WANT, background=None), AFTER, Trace(silent=True)),
    "sent is never proof": (replace(WANT, level=ProofLevel.SENT, background=None), AFTER, Trace()),
    **{
        f"fault {fault}": (WANT, AFTER, Trace(faults=frozenset({fault})))
        for fault in Fault
        if fault is not Fault.PAUSED
    },
}


@pytest.mark.parametrize("name", DOUBTS)
def test_each_kind_of_not_knowing_alone_is_doubt(name: str) -> None:
    verdict = judge(*DOUBTS[name])
    assert not verdict.printed
    assert verdict.reason


def test_busy_to_ready_edge_proves_at_idle_level_only() -> None:
    want = replace(WANT, level=ProofLevel.IDLE, background=None)
    verdict = judge(want, AFTER, Trace(busy_seen=True))
    assert (verdict.printed, verdict.level) == (True, ProofLevel.IDLE)


@given(
    moved=st.integers(-3, 12),
    labels=st.integers(1, 8),
    faults=st.frozensets(st.sampled_from(list(Fault))),
    trouble=st.sampled_from(["", "reset"]),
    status=st.sampled_from([READY, BUSY, SILENCE, PrinterStatus(Health.FAULT, frozenset({Fault.OTHER}), True)]),
)
def test_printed_needs_everything_at_once(
    moved: int, labels: int, faults: frozenset[Fault], trouble: str, status: PrinterStatus
) -> None:
    want = replace(WANT, labels=labels)
    verdict = judge(want, Observation(status, 100 + moved, BEFORE.objects), Trace(faults, True, trouble))
    assert verdict.printed == (moved == labels and not faults and not trouble and status is READY)


def test_a_fault_told_by_one_answer_counts_though_others_are_silent() -> None:
    told = combine([None, PrinterStatus(Health.FAULT, frozenset({Fault.RIBBON_OUT}))])
    assert told.health is Health.FAULT
    assert told.faults == {Fault.RIBBON_OUT}


@pytest.mark.parametrize(
    ("answers", "health", "idle"),
    [
        ([], Health.UNKNOWN, None),
        ([None], Health.UNKNOWN, None),
        ([READY, None], Health.UNKNOWN, True),
        ([READY, BUSY], Health.OK, False),
        ([READY, PrinterStatus(Health.OK)], Health.OK, True),
        ([PrinterStatus(Health.OK)], Health.OK, None),
    ],
)
def test_silence_is_never_health_and_idle_must_be_said(
    answers: list[PrinterStatus | None], health: Health, idle: bool | None
) -> None:
    told = combine(answers)
    assert (told.health, told.idle) == (health, idle)
    assert Observation(told).quiet == (health is Health.OK and idle is True)


def test_a_pause_alone_delays_and_spoils_nothing() -> None:
    paused = PrinterStatus(Health.FAULT, frozenset({Fault.PAUSED}), idle=False)
    assert Trace().seen(paused) == Trace(frozenset(), True)
    both = PrinterStatus(Health.FAULT, frozenset({Fault.PAUSED, Fault.MEDIA_OUT}))
    assert Trace().seen(both).faults == {Fault.MEDIA_OUT}


def test_stale_zeros_do_not_complete_a_window() -> None:
    assert not complete(WANT, BEFORE, Trace())
    assert complete(WANT, AFTER, Trace())
    idle = replace(WANT, level=ProofLevel.IDLE)
    assert not complete(idle, BEFORE, Trace())
    assert complete(idle, BEFORE, Trace(busy_seen=True))


def test_baseline_needs_two_equal_quiet_readings() -> None:
    assert is_baseline(BEFORE, BEFORE)
    assert not is_baseline(BEFORE, AFTER)
    assert not is_baseline(replace(BEFORE, status=BUSY), BEFORE)


def test_background_is_held_only_by_the_printers_own_word() -> None:
    assert holds_background(None, None)
    assert not holds_background(None, BACKGROUND)
    assert holds_background({BACKGROUND[0]: BACKGROUND[1]}, BACKGROUND)


@pytest.mark.parametrize(
    ("last", "now", "edge", "first", "doubted", "kind"),
    [
        (None, 5, False, True, 0, "none"),
        (5, 5, False, False, 0, "none"),
        (5, None, False, False, 0, "none"),
        (5, 6, True, False, 0, "paper_fed"),
        (5, 6, False, False, 0, "duplicate"),
        (5, 6, False, True, 0, "ahead"),
        (5, 13, False, False, 8, "paper_fed"),
        (5, 14, False, False, 8, "duplicate"),
        (5, 4, False, False, 0, "reset"),
    ],
)
def test_counts_between_windows(
    last: int | None, now: int | None, edge: bool, first: bool, doubted: int, kind: str
) -> None:
    assert between_windows(last, now, edge=edge, first_contact=first, doubted=doubted).kind == kind
