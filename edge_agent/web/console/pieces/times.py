"""Times as people say them: 今天 14:05. In full they stand in the tooltip and in exports. Pure: now is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta


def spoken(at: str, now: datetime) -> str:
    """A time of the ledger in the words of the workshop, in the time zone of `now`; as it stands if it is no time."""
    then = _read(at, now)
    if then is None:
        return at
    days = (now.date() - then.date()) / timedelta(days=1)
    day = {0.0: "今天", 1.0: "昨天"}.get(days) or then.strftime("%m-%d" if then.year == now.year else "%Y-%m-%d")
    return f"{day} {then:%H:%M}"


def in_full(at: str, now: datetime) -> str:
    """The same to the second with its time zone."""
    then = _read(at, now)
    return at if then is None else then.strftime("%Y-%m-%d %H:%M:%S %z")


def _read(at: str, now: datetime) -> datetime | None:
    try:
        return datetime.fromisoformat(at).astimezone(now.tzinfo)
    except ValueError:
        return None
