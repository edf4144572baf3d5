"""How long printers stood, from the moves of their jobs. Pure.

A job stands while it waits for its printer, and after it was paused by the agent itself; what a person pauses stands
because somebody wants it to. The orders of one printer wait together, so times that overlap count once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from edge_agent.model.job import JobState
from edge_agent.model.report import JobMove

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Stood:
    """A printer, or a group of them, stood `times` times for this reason, `seconds` in all."""

    printer: str
    reason: str
    times: int
    seconds: int


def stood(moves: Iterable[JobMove], since: str, until: str) -> tuple[Stood, ...]:
    """What stood between two moments, the longest first. `moves` are those of each job, in order, one job after the
    other."""
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for _, of_job in groupby(moves, lambda move: move.job_id):
        for move, end in _standing(list(of_job), until):
            begin = max(move.at, since)
            if begin < end:
                spans[move.printer, move.reason].append((_time(begin), _time(end)))
    found = [Stood(printer, reason, *_joined(of)) for (printer, reason), of in spans.items()]
    return tuple(sorted(found, key=lambda one: (-one.seconds, one.printer, one.reason)))


def _standing(moves: Sequence[JobMove], until: str) -> Iterator[tuple[JobMove, str]]:
    """Each move after which its job stood, and when that ended."""
    for move, following in pairwise((*moves, None)):
        assert move is not None  # noqa: S101 - only the last is none
        waits = move.state == JobState.WAITING or (move.state == JobState.PAUSED and not move.by_person)
        if waits:
            yield move, min(following.at, until) if following else until


def _joined(spans: list[Span]) -> tuple[int, int]:
    """How many there are once those that touch are one, and how many seconds they last."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((begin, end))
    return len(joined), round(sum((end - begin).total_seconds() for begin, end in joined))


def _time(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
