"""Times as people say them: 今天 14:05. In full they stand in the tooltip and in exports. Pure: now is an argument."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""The time zone of everybody who reads these pages."""


def spoken(at: datetime | None, now: datetime) -> str:
    """A moment in the words of an office; a dash where there was none."""
    if at is None:
        return "—"
    then, today = at.astimezone(BEIJING), now.astimezone(BEIJING).date()
    days = (today - then.date()).days
    day = {0: "今天", 1: "昨天", -1: "明天"}.get(days) or then.strftime(
        "%m-%d" if then.year == today.year else "%Y-%m-%d"
    )
    return f"{day} {then:%H:%M}"


def in_full(at: datetime | None) -> str:
    """The same to the second with its time zone."""
    return "" if at is None else at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S %z")


def read(text: str) -> datetime | None:
    """A moment as an agent told it; None if it cannot be shown: agents tell anything, the year 1 in the far east."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return None if at.tzinfo is None else at.astimezone(BEIJING)
    except (ValueError, OverflowError):
        return None


def left(due: datetime, now: datetime) -> str:
    """How much time is left until `due`: 还剩 5 小时; 已过期 when it is over."""
    minutes = int((due - now).total_seconds() // 60)
    if minutes < 0:
        return "已过期"
    if minutes < 60:
        return f"还剩 {minutes} 分钟"
    return f"还剩 {minutes // 60} 小时" if minutes < 72 * 60 else f"还剩 {minutes // 1440} 天"


def day(value: date | None) -> str:
    """A date as it is written; a dash where there is none."""
    return "—" if value is None else value.isoformat()
