"""The life of one serial as rows, oldest first, read from the event log: what the tables forget, the log still says.

A table holds how a label stands; its log says how it came there, also the scan before the decision and the order
behind it. Events of a fork that were told again stand where they were told, under the time when they happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.ledger.queries import Reading
from edge_agent.messages.life import OF_STEP, STEPS, LifeRow, LifeStep
from edge_agent.model.printer import ProofLevel
from label_protocol.chain import parse
from label_protocol.events import EventType
from label_protocol.states import Step


class Life(Reading):
    """What happened to a serial."""

    def life(self, serial: str) -> tuple[LifeRow, ...]:
        """All that the log says of this serial, in the order in which it was told. Raises NotFoundError."""
        label = self.label(serial)
        about = [serial, label.window_id, label.job_id]
        if label.replaced_by:
            about.append(self.label(label.replaced_by).window_id)
        found = self._all("events_about", *about, *[None] * (4 - len(about)))
        rows = [row for (body,) in found for row in rows_of(parse(body), label.serial, label.window_id)]
        return (*rows, *self._packed(serial))

    def _packed(self, serial: str) -> Iterator[LifeRow]:
        """The carton that it is in now: packing is no move of a label, and its events list many at once."""
        for carton, operator, at in self._all("packed_serial", serial):
            what = LifeStep.PACKED
            yield LifeRow(at=at, what=what, words=STEPS[what], operator=operator, other=carton)


def rows_of(event: Mapping[str, Any], serial: str, window: str) -> Iterator[LifeRow]:
    """What one event says of a serial of that window; nothing, if it only stands near it."""
    while event["type"] == EventType.ADOPTED:
        event = event["event"]
    if (teller := _TELLERS.get(event["type"])) is not None:
        yield from teller(event, serial, window)


def _ordered(event: Mapping[str, Any], _serial: str, _window: str) -> Iterator[LifeRow]:
    yield _row(event, LifeStep.ORDERED, job_id=event["job"])


def _sending(event: Mapping[str, Any], serial: str, window: str) -> Iterator[LifeRow]:
    """Its own window, or the one that holds the label which replaces it: that one may follow within its own."""
    if event["window"] == window:
        replaces = event["replaces"].get(serial, "")
        yield _row(event, LifeStep.SENT, printer=event["printer"], job_id=event["job"], other=replaces)
    for new, old in event["replaces"].items():
        if old == serial:
            yield _row(event, LifeStep.REPLACED, job_id=event["job"], other=new)


def _judged(event: Mapping[str, Any], _serial: str, window: str) -> Iterator[LifeRow]:
    if event["window"] == window:
        yield _row(event, _JUDGED[event["type"]])


_JUDGED = {
    EventType.WINDOW_PRINTED: LifeStep.PROVEN,
    EventType.WINDOW_IN_DOUBT: LifeStep.DOUBTED,
    EventType.WINDOW_NEVER_SENT: LifeStep.NEVER_SENT,
}


def _settled(event: Mapping[str, Any], serial: str, _window: str) -> Iterator[LifeRow]:
    if serial in event["printed"]:
        seen = serial == event["last"]
        level = ProofLevel.SCAN.word if seen else ""
        yield _row(event, LifeStep.SCANNED if seen else LifeStep.SETTLED_GOOD, level=level)
    elif serial in event["scrapped"]:
        yield _row(event, LifeStep.SCRAPPED)
    elif serial in event["invalid"]:
        yield _row(event, LifeStep.INVALIDATED)


def _scanned(event: Mapping[str, Any], _serial: str, _window: str) -> Iterator[LifeRow]:
    yield _row(event, OF_STEP[Step(event["step"])], level=ProofLevel.SCAN.word)


def _sampled(event: Mapping[str, Any], _serial: str, _window: str) -> Iterator[LifeRow]:
    yield _row(event, LifeStep.SAMPLED, level=ProofLevel.SCAN.word)


def _decided(event: Mapping[str, Any], _serial: str, _window: str) -> Iterator[LifeRow]:
    yield _row(event, OF_STEP[Step(event["step"])])


def _alarmed(event: Mapping[str, Any], _serial: str, _window: str) -> Iterator[LifeRow]:
    yield _row(event, LifeStep.ALARMED, operator=event["detail"].get("operator", ""))


def _row(event: Mapping[str, Any], what: LifeStep, **more: str) -> LifeRow:
    told = {name: event.get(name) or "" for name in ("operator", "reason", "level")}
    return LifeRow(at=event["at"], what=what, words=STEPS[what], **{**told, **more})


_TELLERS: Mapping[str, Callable[[Mapping[str, Any], str, str], Iterator[LifeRow]]] = MappingProxyType(
    {
        EventType.JOB_OPENED: _ordered,
        EventType.WINDOW_SENDING: _sending,
        EventType.WINDOW_PRINTED: _judged,
        EventType.WINDOW_IN_DOUBT: _judged,
        EventType.WINDOW_NEVER_SENT: _judged,
        EventType.WINDOW_SETTLED: _settled,
        EventType.LABEL_SCANNED: _scanned,
        EventType.LABEL_DECIDED: _decided,
        EventType.LABEL_SAMPLED: _sampled,
        EventType.ALARM_RAISED: _alarmed,
    }
)
