"""Words the end of a lease: until when serials may be drawn under an allotment (领用期限)."""

from __future__ import annotations

from edge_agent.messages.text import Words


def over(until: str, now: str, *, closed: bool) -> Words:
    """Of a lease that has ended; `closed`: what was left has gone back to the platform."""
    if closed:
        return Words(
            f"领用期限 {day(until)} 已过，没用完的码已退回平台，要打请重新申请",
            f"the lease ended at {until} and the unused codes went back, ask the platform for new ones",
        )
    return Words(
        f"领用期限 {day(until)} 已过（本机按 {now} 算），不能再发新码，已发的照常处理。"
        "请连上平台续期，时钟不对请先校准",
        f"the lease ended at {until} and it is {now} here, so no new serials are drawn; connect to the registry to "
        "renew it, set the clock if it is wrong",
    )


def ending(name: str, until: str, days: int, free: int) -> Words:
    """Of one that ends soon, with codes left under it."""
    return Words(
        f"{name} 的领用期限到 {day(until)} 为止，还有 {days} 天，还剩 {free} 个码没用",
        f"the lease of {name} ends at {until}, {days} days left, {free} codes unused",
    )


def ended(name: str, until: str, free: int) -> Words:
    """Of one that ended, with codes left under it that have not gone back."""
    return Words(
        f"{name} 的领用期限 {day(until)} 已过，还剩 {free} 个码不能用，请连上平台续期",
        f"the lease of {name} ended at {until} with {free} codes unused; connect to the registry to renew it",
    )


def day(moment: str) -> str:
    """The day of a moment, in UTC as it was leased."""
    return moment[:10]
