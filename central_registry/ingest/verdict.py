"""What speaks against calling a label registered: the eighth promise (docs/flow.md). Pure.

A label is judged once, when it is told, by what its agent held when it was issued; what is allotted, lowered or
corrected later changes nothing. The rule for what lies above an allotment: serials count in the order in which their
agent told them, and those that come while as many stand (issued, neither scrapped nor invalid) as were ever allotted
lie above. So an honest agent has none, however late or in whatever pieces it tells, unless it was declared lost by
mistake: what it scrapped meanwhile of labels told before is withheld, frees nothing, and is counted in its alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag


class Against(IntFlag):
    """Stored as a sum in `serial.verdict`: the numbers never change their meaning. 0 is registered."""

    NOT_ENTITLED = 1
    NOT_ALLOTTED = 2
    TOLD_AFTER_LOSS = 4
    FACTS_DIFFER = 8


def judged(serials: Sequence[str], issuer: str, free: int, always: int = 0) -> dict[str, Against]:
    """What speaks against each of a window's serials, in its order; those against which nothing speaks are left out.

    `free`: how many the agent may still have; `always` speaks against all of them.
    """
    found = {}
    for index, serial in enumerate(serials):
        against = Against(always)
        if not serial.startswith(issuer):
            against |= Against.NOT_ENTITLED
        if index >= free:
            against |= Against.NOT_ALLOTTED
        if against:
            found[serial] = against
    return found


def covers(quota_key: str, lot_no: str | None) -> bool:
    """Whether an allotment under this key is one for labels of this lot, or for labels without a lot."""
    return quota_key == f"lot:{lot_no}" if lot_no is not None else quota_key.startswith("style:")


def reasons(verdict: int) -> tuple[str, ...]:
    """The names of what speaks against it, as pages and programs read them."""
    return tuple((one.name or "").lower() for one in Against if one & verdict)
