"""Says of a serial that nobody told of when its maker's agent last spoke. Pure.

Nothing tells whether such a label was printed: the factory may be offline, or the serial guessed. What is known is the
day to which the registry has heard the maker, so that is what is said.
"""

from __future__ import annotations

from datetime import timedelta, timezone

from central_registry.consumer.finding import Finding
from garment.facts import Words

_BEIJING = timezone(timedelta(hours=8))
_NEVER: Words = (
    "到目前为止平台没有收到它的登记；该生产企业的打印端还没有上报过。",
    "Not told to the registry so far: this maker's agent has not spoken yet.",
)


def spoke_on(finding: Finding) -> str | None:
    """The day, in China, on which the agent last spoke: `YYYY-MM-DD`; None if it never did."""
    return finding.spoke_at.astimezone(_BEIJING).date().isoformat() if finding.spoke_at else None


def spoke_words(finding: Finding) -> Words:
    """The sentence, Chinese and English."""
    day = spoke_on(finding)
    if day is None:
        return _NEVER
    return (
        f"到目前为止平台没有收到它的登记；该生产企业的打印端最近一次上报是在 {day}。",
        f"Not told to the registry so far: this maker's agent last spoke on {day}.",
    )
