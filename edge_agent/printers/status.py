"""One status from the answers to all status questions of a language; silence is unknown. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.model.printer import Fault, Health, PrinterStatus

SILENCE = PrinterStatus(Health.UNKNOWN)
"""What an unanswered question is worth."""


def combine(answers: Iterable[PrinterStatus | None]) -> PrinterStatus:
    """One status from the answers to all status questions of a language.

    A fault told by any is a fault, even when others are silent (a Zebra may not answer ~HS while it is out of media);
    without a fault, one silence makes the whole unknown. Idle needs one that says so and none that denies it.
    """
    heard = [answer if answer is not None else SILENCE for answer in answers]
    faults = frozenset[Fault]().union(*(one.faults for one in heard))
    idles = {one.idle for one in heard}
    return PrinterStatus(
        health=_health(heard, faults),
        faults=faults,
        idle=False if False in idles else (True if True in idles else None),
        label_waiting=any(one.label_waiting for one in heard),
        label_length_dots=next((one.label_length_dots for one in heard if one.label_length_dots), None),
        warnings=tuple(word for one in heard for word in one.warnings),
    )


def _health(heard: list[PrinterStatus], faults: frozenset[Fault]) -> Health:
    if faults or any(one.health is Health.FAULT for one in heard):
        return Health.FAULT
    if not heard or any(one.health is Health.UNKNOWN for one in heard):
        return Health.UNKNOWN
    return Health.OK
