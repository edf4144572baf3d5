"""Says how a complaint goes on: its states, who takes which step, how many days each state may last. Pure.

One closed table: what stands in no row of it cannot be done. An appeal leads back to work and never past it, and what
is closed stays closed: a new complaint is a new case.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum


class About(StrEnum):
    """What somebody complains of."""

    QUALITY = "quality"
    CONTENT = "content"
    FAKE = "fake"
    CODE = "code"
    OTHER = "other"


class CaseState(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    AT_WORK = "at_work"
    ASKED = "asked"
    ANSWERED = "answered"
    APPEALED = "appealed"
    CLOSED = "closed"


class Step(StrEnum):
    """What somebody does to it."""

    TAKE = "take"
    NOTE = "note"
    ASK_FIRM = "ask_firm"
    FIRM_SAYS = "firm_says"
    ANSWER = "answer"
    APPEAL = "appeal"
    CLOSE = "close"


class By(StrEnum):
    """Whose step it is."""

    OFFICE = "office"
    FIRM = "firm"
    COMPLAINANT = "complainant"


BY: Mapping[Step, By] = {
    Step.TAKE: By.OFFICE,
    Step.NOTE: By.OFFICE,
    Step.ASK_FIRM: By.OFFICE,
    Step.FIRM_SAYS: By.FIRM,
    Step.ANSWER: By.OFFICE,
    Step.APPEAL: By.COMPLAINANT,
    Step.CLOSE: By.OFFICE,
}
SEEN_BY_COMPLAINANT = frozenset({Step.ANSWER, Step.APPEAL, Step.CLOSE})
"""Steps whose words the complainant reads; what office and firm say to each other is theirs."""

MOVES: Mapping[tuple[CaseState, Step], CaseState] = {
    (CaseState.RECEIVED, Step.TAKE): CaseState.AT_WORK,
    (CaseState.RECEIVED, Step.CLOSE): CaseState.CLOSED,
    (CaseState.AT_WORK, Step.TAKE): CaseState.AT_WORK,
    (CaseState.AT_WORK, Step.NOTE): CaseState.AT_WORK,
    (CaseState.AT_WORK, Step.ASK_FIRM): CaseState.ASKED,
    (CaseState.AT_WORK, Step.ANSWER): CaseState.ANSWERED,
    (CaseState.ASKED, Step.NOTE): CaseState.ASKED,
    (CaseState.ASKED, Step.FIRM_SAYS): CaseState.AT_WORK,
    (CaseState.ASKED, Step.ANSWER): CaseState.ANSWERED,
    (CaseState.ANSWERED, Step.APPEAL): CaseState.APPEALED,
    (CaseState.ANSWERED, Step.CLOSE): CaseState.CLOSED,
    (CaseState.APPEALED, Step.TAKE): CaseState.APPEALED,
    (CaseState.APPEALED, Step.NOTE): CaseState.APPEALED,
    (CaseState.APPEALED, Step.ASK_FIRM): CaseState.ASKED,
    (CaseState.APPEALED, Step.ANSWER): CaseState.ANSWERED,
}

_BEIJING = timezone(timedelta(hours=8))

_DAYS: Mapping[CaseState, int] = {
    CaseState.RECEIVED: 7,
    CaseState.AT_WORK: 30,
    CaseState.ASKED: 10,
    CaseState.ANSWERED: 15,
    CaseState.APPEALED: 15,
}
"""Our own: no law sets an association a term. The last but one is the complainant's, for an appeal."""

KEPT_MONTHS = 24
"""So long after its last step a case loses what was said in it, whether somebody closed it or not."""


def due(state: CaseState, at: datetime) -> datetime | None:
    """Until when a case that came into this state at `at` should leave it; None: it is closed."""
    days = _DAYS.get(state)
    return None if days is None else at + timedelta(days=days)


def forgotten_on(at: datetime) -> date:
    """The day of Beijing on which what was said is deleted, if `at` was the last step."""
    day = at.astimezone(_BEIJING).date()
    month = day.year * 12 + day.month - 1 + KEPT_MONTHS
    first = day.replace(day=1, year=month // 12, month=month % 12 + 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def steps_from(state: CaseState, by: By) -> list[Step]:
    """What that side may do now, in the order of the table."""
    return [step for (before, step) in MOVES if before is state and BY[step] is by]
