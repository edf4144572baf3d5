"""When shifts begin and end, by the site's own clock. Pure."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from label_protocol.errors import InputError

MIDNIGHT = time()
YEARS = range(2000, 2200)
"""Before and after these nobody printed."""
LONGEST = timedelta(days=31)
"""A month is what is paid; more would make printers wait for its counting."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on and before `until`, both with a time zone."""

    since: datetime
    until: datetime

    @property
    def moments(self) -> tuple[str, str]:
        """As events write them."""
        return moment(self.since), moment(self.until)


def moment(at: datetime) -> str:
    """As events write moments: `2026-11-20T09:15:03.120Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shift_at(at: datetime, begins: Sequence[time]) -> Period:
    """The shift that holds the moment `at`; a day, where the site has none. `begins`: when they begin, in order."""
    day, times = _local(at).replace(tzinfo=None), begins or (MIDNIGHT,)
    days = [day.date() + timedelta(days=n) for n in (-1, 0, 1, 2)]
    starts = [_local(datetime.combine(one, begin)) for one in days for begin in times]
    n = max(n for n, start in enumerate(starts) if start <= _local(at))
    return Period(starts[n], starts[n + 1])


def between(since: datetime, until: datetime) -> Period:
    """Any time. Raises InputError: it ends before it begins, or is longer than `LONGEST`."""
    if not timedelta() < until - since <= LONGEST:
        raise InputError(
            f"报表的时间要先有头后有尾，最长 {LONGEST.days} 天 · report: expected at most {LONGEST.days} days that end "
            f"after they begin, got {moment(since)} to {moment(until)}; correct it"
        )
    return Period(since, until)


def read_moment(text: str, name: str) -> datetime:
    """A moment as people and programs write it: `2026-11-20`, `2026-11-20T08:00` by the site's own clock, or with a
    zone. Raises InputError."""
    at = None
    with contextlib.suppress(ValueError, OverflowError, OSError):
        at = _local(datetime.fromisoformat(text))
    if at is None or at.year not in YEARS:
        raise InputError(
            f"时间请写成 2026-11-20T08:00 · {name}: expected a moment like that, got {text[:40]!r}; correct it"
        )
    return at


def _local(at: datetime) -> datetime:
    """By the clock of this computer, whose summer time may begin within a shift."""
    return at.astimezone()
