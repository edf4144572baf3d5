"""The clock and the probe are arguments everywhere; here are the ones of production.

Times are ISO 8601 strings in UTC with milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], str]
"""Returns now as `2026-11-20T09:15:03.120Z`."""

Probe = Callable[[str], None]
"""Called by name where a crash would hurt most. Does nothing in production; tests kill the process there."""


def no_probe(_name: str) -> None:
    """The probe of production."""


def now_utc() -> str:
    """Now as `2026-11-20T09:15:03.120Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def today_local() -> str:
    """Today at the factory, `YYYY-MM-DD`: rules come into force by the local calendar."""
    return datetime.now().astimezone().date().isoformat()


def in_full(moment: str) -> str:
    """A moment in UTC in the form of `now_utc`, so that moments compare as texts. Raises ValueError: it is none."""
    read = datetime.fromisoformat(moment)
    if read.tzinfo is None:
        raise ValueError(f"expected a moment in UTC, got {moment!r} without a zone")
    return read.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
