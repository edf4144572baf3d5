"""How long printers stood: what counts, what does not, and that the same minute never counts twice."""

from __future__ import annotations

from edge_agent.model.report import JobMove
from edge_agent.reports.stood import Stood, stood

PAPER, COVER = "缺纸 · out of labels", "盖子开了 · head open"


def at(minute: int) -> str:
    return f"2026-11-20T{9 + minute // 60:02d}:{minute % 60:02d}:00.000Z"


def move(job: str, minute: int, state: str, reason: str = "", printer: str = "p1", *, person: bool = False) -> JobMove:
    return JobMove(job, printer, at(minute), state, reason, person)


def told(*moves: JobMove, since: int = 0, until: int = 60) -> list[tuple[str, str, int, int]]:
    rows = stood(moves, at(since), at(until))
    assert all(isinstance(row, Stood) for row in rows)
    return [(row.printer, row.reason, row.times, row.seconds // 60) for row in rows]


def test_a_job_stands_while_it_waits_and_each_reason_has_its_own_time() -> None:
    moves = [
        move("a", 0, "running"),
        move("a", 5, "waiting", PAPER),
        move("a", 9, "waiting", COVER),
        move("a", 10, "running"),
        move("a", 20, "waiting", PAPER),
        move("a", 25, "done"),
    ]
    assert told(*moves) == [("p1", PAPER, 2, 9), ("p1", COVER, 1, 1)]


def test_what_the_agent_paused_stands_and_what_a_person_paused_does_not() -> None:
    doubt = move("a", 1, "paused", "存疑 · in doubt")
    assert told(doubt, move("a", 8, "running", person=True)) == [("p1", "存疑 · in doubt", 1, 7)]
    assert told(move("a", 1, "paused", "操作员已暂停", person=True), move("a", 8, "running", person=True)) == []


def test_time_outside_the_shift_is_not_its_own() -> None:
    moves = [move("a", 10, "waiting", PAPER), move("a", 50, "running")]
    assert told(*moves, since=20, until=30) == [("p1", PAPER, 1, 10)]
    assert told(*moves, since=50) == told(*moves, until=10) == []
    assert told(moves[0], until=40) == [("p1", PAPER, 1, 30)], "it stands still"


def test_orders_that_wait_together_at_one_printer_count_once() -> None:
    a = [move("a", 0, "waiting", PAPER), move("a", 10, "running")]
    b = [move("b", 5, "waiting", PAPER), move("b", 15, "running")]
    c = [move("c", 5, "waiting", PAPER, "p2"), move("c", 6, "running", printer="p2")]
    assert told(*a, *b, *c) == [("p1", PAPER, 1, 15), ("p2", PAPER, 1, 1)]
