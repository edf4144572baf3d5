"""Alarms, holds, printer counters: what stops issuing, and what a person has to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.errors import NotFoundError
from edge_agent.ledger.allotted.agent_time import AgentTime, is_behind
from edge_agent.ledger.log import Log
from edge_agent.messages import refusal
from edge_agent.messages.hold import DISK_FULL, clock_behind, of_hold, witness_fault
from edge_agent.model import names
from label_protocol.details import AlarmDetail, HoldDetail
from label_protocol.errors import ConflictError, InputError
from label_protocol.events import AlarmClosed, AlarmRaised, EventType, FeedNoted, HoldPlaced, HoldReleased
from label_protocol.kinds import SEEN, AlarmKind, HoldKind

RELEASE: Mapping[str, str] = MappingProxyType(
    {
        HoldKind.COUNTER_AHEAD: "page",
        HoldKind.CLOCK_BEHIND: "page",
        HoldKind.WITNESS_AHEAD: "command",
        HoldKind.WITNESS_MISSING: "command",
        HoldKind.WITNESS_OTHER: "command",
        HoldKind.REGISTRY_AHEAD: "command",
        HoldKind.FORKED: "command",
        HoldKind.CLONED: "registry",
    }
)
"""Who may lift a hold besides the registry: `page`, an operator at the page who looked at the printer; `command`, IT at
this computer with the agent stopped, after the ledger was verified, or a lead who logged in, while the registry cannot
be reached; `registry`, nobody else. A kind of which this version knows nothing is the registry's."""

HISTORY = frozenset(kind for kind, by in RELEASE.items() if by == "command")
"""Holds for a doubt about the ledger's own history."""

RELEASED_BY = ("registry", "operator", "command", "lead")
_MAY = {"page": ("registry", "operator", "command", "lead"), "command": ("registry", "command", "lead")}


class Holds(AgentTime):
    """A hold is durable: it survives a restart and ends only with a recorded release."""

    def holds(self) -> tuple[dict[str, Any], ...]:
        """Holds in force: `kind`, `detail`, `placed_at`, `words` for an operator, and who may lift it (`RELEASE`)."""
        return (*self._recorded_holds(), *self._seen_holds())

    def _seen_holds(self) -> Iterator[dict[str, Any]]:
        """What stops issuing only while it is so, and is in no event: where nothing can be written, nothing is."""
        disk, none = self.disk(), {"release": "none"}
        if disk.full:
            detail = {"free_bytes": disk.free_bytes, "reserve_bytes": disk.reserve_bytes, "refused": disk.refused}
            yield {
                "kind": HoldKind.DISK_FULL,
                "detail": detail,
                "placed_at": self._room.since,
                "words": str(DISK_FULL),
                **none,
            }
        if self._witness.fault:
            words = str(witness_fault(self._witness.fault))
            yield {
                "kind": HoldKind.WITNESS_FAULT,
                "detail": {},
                "placed_at": self._log.clock(),
                "words": words,
                **none,
            }
        if clock := self.clock_behind():
            yield {
                "kind": HoldKind.CLOCK_BEHIND,
                "detail": dict(clock),
                "placed_at": clock["now"],
                "words": str(clock_behind(clock)),
                "release": RELEASE[HoldKind.CLOCK_BEHIND],
            }

    def _recorded_holds(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            {
                "kind": kind,
                "detail": json.loads(detail),
                "placed_at": at,
                "words": of_hold(kind),
                "release": RELEASE.get(kind, "registry"),
            }
            for kind, detail, at in self._all("holds")
        )

    def place_hold(self, kind: HoldKind, detail: HoldDetail) -> None:
        """Stops issuing; the same kind with the same detail is no second event."""
        if any(hold["kind"] == kind and hold["detail"] == detail for hold in self._recorded_holds()):
            return
        with self._commit(EventType.HOLD_PLACED) as log:
            log.append(HoldPlaced(type=EventType.HOLD_PLACED, kind=kind, detail=detail))

    def release_hold(self, kind: str, *, by: str, operator: str = "", reason: str = "") -> None:
        """Lets issuing go on: by the registry's word, or by a person who signs for it, where `RELEASE` lets one.

        Raises:
            NotFoundError: no such hold is in force.
            InputError: an unknown `by`, or a person's name or reason is missing.
            ConflictError: it is not for this person to lift, or not in this way; the registry tells another time.
        """
        if by not in RELEASED_BY:
            raise InputError(f"hold {kind}: expected a release by {' or '.join(RELEASED_BY)}, got {by!r}")
        if by != "registry":
            operator = names.person(operator, f"hold {kind}: operator")
            reason = names.reason(reason, f"hold {kind}: reason")
        if kind in SEEN:
            raise ConflictError(refusal.ends_by_itself(kind))
        if all(hold["kind"] != kind for hold in self.holds()):
            raise NotFoundError(f"hold {kind}: expected one in force, got none; list the holds")
        _require_theirs(kind, by)
        if kind == HoldKind.CLOCK_BEHIND and is_behind(self._log.clock(), self.heard_time()):
            raise ConflictError(refusal.clock_not_the_registrys(self._log.clock(), self.heard_time()))
        with self._commit(EventType.HOLD_RELEASED) as log:
            append_release(log, kind, by, operator, reason)

    def raise_alarm(self, kind: AlarmKind, printer: str | None, detail: AlarmDetail) -> str:
        """Records an alarm; returns its name."""
        with self._commit(EventType.ALARM_RAISED) as log:
            return append_alarm(log, kind, printer, detail)

    def close_alarm(self, alarm: str, operator: str, reason: str) -> None:
        """Closes an alarm with a name and a reason. Raises NotFoundError, ConflictError, InputError."""
        operator, reason = names.person(operator, "alarm: operator"), names.reason(reason, "alarm: reason")
        row = self._one("alarm", alarm)
        if row is None:
            raise NotFoundError(f"alarm {alarm}: expected one of this ledger, got an unknown name; list the alarms")
        if row[0] is not None:
            raise ConflictError(f"alarm {alarm}: expected an open one, got one closed at {row[0]}; nothing to do")
        with self._commit(EventType.ALARM_CLOSED) as log:
            log.append(AlarmClosed(type=EventType.ALARM_CLOSED, alarm=alarm, operator=operator, reason=reason))

    def note_paper_fed(self, printer: str, before: int, after: int) -> None:
        """Records blanks that were counted after a head-open or media edge: `after` is the new baseline."""
        with self._commit(EventType.FEED_NOTED) as log:
            log.append(FeedNoted(type=EventType.FEED_NOTED, printer=printer, before=before, after=after))


def append_alarm(log: Log, kind: AlarmKind, printer: str | None, detail: AlarmDetail) -> str:
    """Records an alarm inside a commit; returns its name."""
    alarm = log.new_id()
    log.append(AlarmRaised(type=EventType.ALARM_RAISED, alarm=alarm, kind=kind, printer=printer, detail=detail))
    return alarm


def append_release(log: Log, kind: str, by: str, operator: str, reason: str) -> None:
    """Records the end of a hold inside a commit."""
    log.append(HoldReleased(type=EventType.HOLD_RELEASED, kind=kind, by=by, operator=operator, reason=reason))


def _require_theirs(kind: str, by: str) -> None:
    who = RELEASE.get(kind, "registry")
    if by in _MAY.get(who, ("registry",)):
        return
    if who == "command":
        raise ConflictError(refusal.lifted_by_command(kind, by))
    raise ConflictError(refusal.lifted_by_the_registry(kind, by))
