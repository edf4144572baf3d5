"""What counts as proof of print. Pure: observations in, a verdict out; no clock, no socket.

The rule of the house: the verdict is about the *whole* window, and anything that is not proof is doubt. Silence, a
fault, a link error, a sign of power-up, a count that differs from what was sent: each alone makes the window IN_DOUBT.
A prefix is never proven, because no printer says *which* labels a short count stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge_agent.model.printer import Fault, Health, Observation, PrinterStatus, ProofLevel, Verdict
from label_protocol.details import Evidence


@dataclass(frozen=True, slots=True)
class Expectation:
    """Says what must be seen for a window of `labels` serials after the quiet observation `before`.

    `background` is `(object name, size in bytes)` in run mode; `level` is what the profile can give. `rows`: what the
    printer counts, where several labels lie side by side; None = as many as labels.
    """

    labels: int
    before: Observation
    level: ProofLevel
    accepted: ProofLevel
    background: tuple[str, int | None] | None = None
    rows: int | None = None

    @property
    def counts(self) -> int:
        """By how much a counter must move, or how many confirmations must come."""
        return self.labels if self.rows is None else self.rows


@dataclass(frozen=True, slots=True)
class Trace:
    """What was seen from the first byte on: every fault, whether busy was seen, whether the link failed, whether the
    printer once did not answer, and whether it was this program that broke off."""

    faults: frozenset[Fault] = frozenset()
    busy_seen: bool = False
    link_trouble: str = ""
    silent: bool = False
    broken_off: bool = False

    def seen(self, status: PrinterStatus, told: frozenset[Fault] = frozenset()) -> Trace:
        """The trace after one more status, and after what the printer `told` by itself. A pause alone delays a window
        and spoils nothing."""
        return Trace(
            self.faults | ((status.faults | told) - {Fault.PAUSED}),
            self.busy_seen or status.idle is False,
            self.link_trouble,
            self.silent or status.health is Health.UNKNOWN,
        )


def holds_background(objects: Mapping[str, int | None] | None, background: tuple[str, int | None] | None) -> bool:
    """Whether the printer's own list shows the background with its right size; no list is no."""
    if background is None:
        return True
    name, size_bytes = background
    return objects is not None and name in objects and objects[name] == size_bytes


def is_baseline(first: Observation, second: Observation) -> bool:
    """Whether two observations in a row make a baseline: both quiet, the counter readings equal."""
    return first.quiet and second.quiet and first.counter == second.counter


def complete(want: Expectation, now: Observation, trace: Trace) -> bool:
    """Whether waiting longer could change nothing for the better: quiet, and the whole count is in.

    A quiet printer with a short count may not have begun to parse (stale zeros, F9); the caller keeps asking for a
    while before it takes the count for short.
    """
    if not now.quiet:
        return False
    moved = _moved(want, now)
    if want.level >= ProofLevel.RESPONSE:
        return moved is not None and moved >= want.counts
    return trace.busy_seen


def judge(want: Expectation, after: Observation | None, trace: Trace) -> Verdict:
    """The verdict on a window. `after` is the last of two equal quiet observations, or None if there was no such."""
    evidence = _evidence(want, after, trace)
    if want.level is ProofLevel.SENT and not trace.link_trouble:
        reason = "this printer cannot be heard: the labels were sent, and nothing more is known"
        return Verdict(False, ProofLevel.SENT, reason, evidence, awaits_scan=True)
    doubt = _why_doubt(want, after, trace)
    if doubt:
        return Verdict(False, ProofLevel.SENT, doubt, evidence, broken_off=trace.broken_off)
    level = min(want.level, ProofLevel.COUNTER)
    if level < want.accepted:
        reason = f"proof {level.word} is below the accepted {want.accepted.word}"
        return Verdict(False, level, reason, evidence, awaits_scan=True)
    return Verdict(True, level, "proven", evidence)


def _why_doubt(want: Expectation, after: Observation | None, trace: Trace) -> str:
    """The first reason for doubt, strongest first; empty if there is none."""
    if trace.link_trouble:
        return trace.link_trouble
    if trace.faults:
        return "fault during the window: " + ", ".join(sorted(trace.faults))
    if after is None or not after.quiet:
        return "the printer did not become quiet"
    if trace.silent and want.background is None:
        return "the printer was silent for a while, and nothing stored in it shows that it was not switched off"
    if not holds_background(after.objects, want.background):
        return "no proof that the stored background was still there"
    if want.level >= ProofLevel.RESPONSE:
        moved, what = _moved(want, after), "counter moved by" if want.level >= ProofLevel.COUNTER else "confirmed were"
        return "" if moved == want.counts else f"{what} {moved}, expected {want.counts}"
    return "" if trace.busy_seen else "no busy-to-ready edge was seen"


def _moved(want: Expectation, now: Observation) -> int | None:
    if want.level is ProofLevel.RESPONSE:
        return now.responses
    if now.counter is None or want.before.counter is None:
        return None
    return now.counter - want.before.counter


def _evidence(want: Expectation, after: Observation | None, trace: Trace) -> Evidence:
    return {
        "labels": want.labels,
        "counter_before": want.before.counter,
        "counter_after": after.counter if after else None,
        "rows": want.counts,
        "confirmed": after.responses if after else None,
        "background": want.background[0] if want.background else None,
        "faults": sorted(trace.faults),
        "busy_seen": trace.busy_seen,
        "link": trace.link_trouble,
    }


@dataclass(frozen=True, slots=True)
class CountChange:
    """What a counter did between windows, from `before` to `after`."""

    kind: str
    """`none`, `paper_fed` (explained by an edge or a doubt), `duplicate` (unexplained), `ahead` (first contact),
    `reset`."""
    before: int | None
    after: int | None


def between_windows(
    last_known: int | None, now: int | None, *, edge: bool, first_contact: bool, doubted: int = 0
) -> CountChange:
    """What the counts between two windows mean.

    Args:
        last_known: the counter after the last verdict, or what the ledger remembers.
        now: the new baseline.
        edge: a head-open or media edge, or a lost link, was seen since.
        first_contact: the first baseline since the agent started.
        doubted: labels of a doubted window that may still have come out.
    """
    if now is None or last_known is None or now == last_known:
        return CountChange("none", last_known, now)
    if now < last_known:
        return CountChange("reset", last_known, now)
    if edge or now - last_known <= doubted:
        return CountChange("paper_fed", last_known, now)
    return CountChange("ahead" if first_contact else "duplicate", last_known, now)
