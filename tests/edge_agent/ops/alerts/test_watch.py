"""One message a cause and one when it is over, whatever comes between; quiet hours collect; failures lose nothing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from edge_agent.config.alerts import AlertRow
from edge_agent.messages.text import Words
from edge_agent.ops.alerts.cause import Cause
from edge_agent.ops.alerts.watch import PASSED_MOST, Watch, in_quiet

START = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
NOON = time(12)


def a_cause(event: Any = "backup_failed", key: str = "backup", zh: str = "自动备份没做成") -> Cause:
    return Cause(event, key, Words(zh, "a backup set was not made"))


class Desk:
    """A watch, and a clock in seconds from the start."""

    def __init__(self, **row: Any) -> None:
        self.watch = Watch(AlertRow(url="https://robot.example/x", **row))

    def at(self, second: float, *causes: Cause, local: time = NOON, take: bool = True) -> list[tuple[str, str]]:
        now = START + timedelta(seconds=second)
        self.watch.see(causes, now)
        notices = self.watch.due(now, local)
        if notices and take:
            self.watch.sent(notices, now)
        return [(one.state, one.cause.key) for one in notices]


def test_a_cause_is_told_once_and_then_that_it_is_over() -> None:
    desk = Desk(min_interval_s=5)
    told = [desk.at(second, *([a_cause()] if second < 100 else [])) for second in range(0, 200, 10)]
    assert [one for one in told if one] == [[("stands", "backup")], [("over", "backup")]]
    assert told[0] and told[10]


def test_words_that_change_are_no_new_cause() -> None:
    desk = Desk()
    assert desk.at(0, a_cause(zh="还空 400 MB"))
    assert not desk.at(500, a_cause(zh="还空 399 MB"))


@pytest.mark.parametrize(("event", "after_s"), [("printer_fault", 120), ("doubt", 120), ("registry_lost", 3600)])
def test_what_may_pass_by_itself_is_told_when_it_stands(event: str, after_s: int) -> None:
    desk, cause = Desk(), a_cause(event, "line-1")
    assert not desk.at(0, cause) and not desk.at(after_s - 1, cause)
    assert desk.at(after_s, cause) == [("stands", "line-1")]


def test_what_passed_before_it_was_long_enough_is_never_told() -> None:
    desk, cause = Desk(), a_cause("printer_fault", "line-1")
    assert [desk.at(second, *([cause] if second % 200 < 100 else [])) for second in range(0, 4000, 50)].count([]) == 80


def test_only_what_was_asked_for_is_told() -> None:
    assert not Desk(events=["doubt"]).at(0, a_cause())


def test_messages_keep_their_distance_and_nothing_is_lost_by_it() -> None:
    desk = Desk(min_interval_s=60)
    one, two = a_cause(key="one"), a_cause(key="two")
    assert desk.at(0, one) == [("stands", "one")]
    assert desk.at(30, one, two) == []
    assert desk.at(60, one, two) == [("stands", "two")]


def test_a_cause_that_flaps_between_two_messages_says_nothing() -> None:
    desk, cause = Desk(min_interval_s=60), a_cause()
    assert desk.at(0, cause)
    assert not desk.at(10) and not desk.at(20, cause) and not desk.at(61, cause)


def test_quiet_hours_collect_and_their_end_tells_what_stands_and_what_came_and_went() -> None:
    desk, night, morning = Desk(quiet="22:00-06:30", fault_after_s=60), time(3), time(6, 30)
    stands, passed, short = (a_cause("printer_fault", key) for key in ("stands", "passed", "short"))
    assert not desk.at(0, stands, passed, short, local=night)
    assert not desk.at(59, stands, passed, local=night)
    assert not desk.at(120, stands, passed, local=night)
    assert not desk.at(180, stands, local=night)
    assert desk.at(240, stands, local=morning) == [("stands", "stands"), ("passed", "passed")]
    assert desk.at(400, local=morning) == [("over", "stands")]


def test_a_night_of_much_is_bounded() -> None:
    desk = Desk(quiet="22:00-06:30")
    for number in range(PASSED_MOST + 20):
        desk.at(number * 2, a_cause(key=str(number)), local=time(23))
        desk.at(number * 2 + 1, local=time(23))
    assert len(desk.at(1000, local=NOON)) == PASSED_MOST


@pytest.mark.parametrize(
    ("hours", "local", "quiet"),
    [
        ("", "03:00", False),
        ("22:00-06:30", "21:59", False),
        ("22:00-06:30", "22:00", True),
        ("22:00-06:30", "00:00", True),
        ("22:00-06:30", "06:29", True),
        ("22:00-06:30", "06:30", False),
        ("12:00-13:00", "12:30", True),
        ("12:00-13:00", "13:00", False),
        ("08:00-08:00", "08:00", False),
    ],
)
def test_quiet_hours_go_over_midnight_and_end_at_their_end(hours: str, local: str, quiet: bool) -> None:
    assert in_quiet(hours, time.fromisoformat(local)) is quiet


def test_a_failure_is_tried_again_with_patience_and_with_what_is_true_then() -> None:
    desk, cause, other = Desk(min_interval_s=5), a_cause(), a_cause(key="other")
    tried, second = [], 0
    while second < 7 * 3600:
        if desk.at(second, cause, take=False):
            desk.watch.failed(START + timedelta(seconds=second))
            tried.append(second)
        second += 5
    assert [after - before for before, after in pairwise(tried)][:8] == [
        30, 60, 120, 240, 480, 960, 1920, 3600,
    ]  # fmt: skip
    assert desk.at(second + 3600, other) == [("stands", "other"), ("passed", "backup")]


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    desk = Desk()
    assert desk.at(100_000, a_cause(key="one"))
    assert desk.at(0, a_cause(key="one"), a_cause(key="two")) == [("stands", "two")]
