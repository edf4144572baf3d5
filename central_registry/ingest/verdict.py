"""What speaks against calling a label registered, and what is known of its facts: the eighth promise. Pure.

A label is judged once, when it is told, by what its agent held when it was issued; what is allotted, lowered, certified
or corrected later changes nothing (docs/verdicts.md). The rule for what lies above an allotment: serials count in the
order in which their agent told them, and those that come while as many stand (issued, neither scrapped nor invalid) as
were ever allotted lie above. So an honest agent has none, however late or in whatever pieces it tells, unless it was
declared lost by mistake: what it scrapped meanwhile of labels told before is withheld, frees nothing, and is counted in
its alarm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum, IntFlag
from itertools import repeat


class Against(IntFlag):
    """Stored as sums in `serial.verdict` (what is of one serial) and `drawing.against` (what is of its whole window):
    the numbers never change their meaning. 0 in both is registered."""

    NOT_ENTITLED = 1
    NOT_ALLOTTED = 2
    TOLD_AFTER_LOSS = 4
    FACTS_DIFFER = 8
    TOLD_AFTER_COPY = 16
    TOLD_AFTER_BAR = 32
    WRITTEN_OFF = 64
    OTHER_FIRM = 128
    REJECTED = 256
    TWO_MACHINES = 512


TOLD_AFTER = Against.TOLD_AFTER_LOSS | Against.TOLD_AFTER_COPY | Against.TOLD_AFTER_BAR | Against.TWO_MACHINES
"""First told after its agent was revoked; which of the first three says why it was (`agent.revoked_why`). The fourth:
by a second machine of its identity, beside the line."""

APART = TOLD_AFTER | Against.REJECTED
"""Uses up no quota: a person has yet to say that it counts, or has said that it does not."""

REVOKED: Mapping[str, Against] = {
    "lost": Against.TOLD_AFTER_LOSS,
    "copied": Against.TOLD_AFTER_COPY,
    "barred": Against.TOLD_AFTER_BAR,
    "two_machines": Against.TWO_MACHINES,
}


class FactsVerdict(IntEnum):
    """Stored in `drawing.facts`: the numbers never change their meaning. Not stored: told before certificates were."""

    DECLARED = 0
    CONFIRMED = 1
    DIFFER = 2


BEFORE_CERTIFICATES = "before_certificates"

_CODES = (
    ("told_after_revocation", APART),
    ("not_entitled", Against.NOT_ENTITLED | Against.OTHER_FIRM),
    ("not_allotted", Against.NOT_ALLOTTED | Against.WRITTEN_OFF),
)


def judged(serials: Sequence[str], issuer: str, free: int, above: Against = Against.NOT_ALLOTTED) -> dict[str, Against]:
    """What speaks against each of a window's serials, in its order; those against which nothing speaks are left out.

    `free`: how many the agent may still have; `above` speaks against the others.
    """
    if free >= len(serials) and all(map(str.startswith, serials, repeat(issuer))):
        return {}  # as nearly always: one enum costs more than this
    found = {}
    for index, serial in enumerate(serials):
        against = Against(0) if serial.startswith(issuer) else Against.NOT_ENTITLED
        if index >= free:
            against |= above
        if against:
            found[serial] = against
    return found


def reasons(verdict: int) -> tuple[str, ...]:
    """The names of what speaks against it, as pages and programs read them."""
    return tuple((one.name or "").lower() for one in Against if one & verdict)


def codes_verdict(verdict: int) -> str:
    """One word for the code of a label: `registered`, or the gravest of what speaks against it; facts are no part."""
    return next((word for word, against in _CODES if against & verdict), "registered")


def facts_verdict(stored: int | None) -> str:
    """One word for the facts of a label: `confirmed`, `declared`, `differ`, `before_certificates`."""
    return BEFORE_CERTIFICATES if stored is None else FactsVerdict(stored).name.lower()
