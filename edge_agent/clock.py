"""The production clocks; everywhere else a clock is an argument."""

from __future__ import annotations

from datetime import UTC, datetime


def now_utc() -> str:
    """Now as `2026-11-20T09:15:03.120Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def today_local() -> str:
    """Today at the factory, `YYYY-MM-DD`: rules come into force by the local calendar."""
    return datetime.now().astimezone().date().isoformat()
