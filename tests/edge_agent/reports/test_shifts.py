"""Which shift a moment is in, and which times are no report's."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from edge_agent.reports.shifts import between, moment, read_moment, shift_at
from label_protocol.errors import InputError

DAY_AND_NIGHT = (time(8), time(20))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


@pytest.mark.parametrize(
    ("at", "begins", "since", "until"),
    [
        ("2026-11-20T08:00", DAY_AND_NIGHT, "2026-11-20T08:00", "2026-11-20T20:00"),
        ("2026-11-20T19:59:59.999", DAY_AND_NIGHT, "2026-11-20T08:00", "2026-11-20T20:00"),
        ("2026-11-20T20:00", DAY_AND_NIGHT, "2026-11-20T20:00", "2026-11-21T08:00"),
        ("2026-11-20T03:00", DAY_AND_NIGHT, "2026-11-19T20:00", "2026-11-20T08:00"),
        ("2027-01-01T00:30", DAY_AND_NIGHT, "2026-12-31T20:00", "2027-01-01T08:00"),
        ("2026-11-20T00:00", (), "2026-11-20T00:00", "2026-11-21T00:00"),
        ("2026-11-20T23:59", (), "2026-11-20T00:00", "2026-11-21T00:00"),
        ("2026-11-20T05:00", (time(6, 30),), "2026-11-19T06:30", "2026-11-20T06:30"),
    ],
)
def test_a_moment_is_in_one_shift(at: str, begins: tuple[time, ...], since: str, until: str) -> None:
    found = shift_at(local(at), begins)
    assert (found.since, found.until) == (local(since), local(until))
    assert shift_at(local(at).astimezone(UTC), begins) == found
    assert shift_at(found.until, begins).since == found.until, "shifts leave no gap"


def test_a_time_that_is_no_reports_is_refused() -> None:
    at = local("2026-11-20T08:00")
    assert between(at, at + timedelta(days=31)).moments == (moment(at), moment(at + timedelta(days=31)))
    for until in (at, at - timedelta(hours=1), at + timedelta(days=31, seconds=1)):
        with pytest.raises(InputError, match="最长 31 天"):
            between(at, until)


def test_moments_are_read_as_people_and_programs_write_them() -> None:
    assert moment(read_moment("2026-11-20T09:15:03.120Z", "at")) == "2026-11-20T09:15:03.120Z"
    assert moment(read_moment("2026-11-20T17:15+08:00", "at")) == "2026-11-20T09:15:00.000Z"
    assert read_moment("2026-11-20", "at") == local("2026-11-20T00:00")
    for text in ("", "gestern", "2026-13-01", "0001-01-01", "9999-12-31T23:59:59+00:00", "2026-11-20T25:00"):
        with pytest.raises(InputError, match="时间请写成 2026-11-20T08:00 · at: expected"):
            moment(read_moment(text, "at"))
