"""Alarms, holds, printer counters: what stops issuing, and what a person has to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.errors import NotFoundError
from edge_agent.ledger import room
from edge_agent.ledger.core import Core
from edge_agent.ledger.log import Log
from edge_agent.model import names
from label_protocol.errors import ConflictError, InputError
from label_protocol.events import AlarmClosed, AlarmRaised, EventType, FeedNoted, HoldPlaced, HoldReleased

HOLD_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "witness_ahead": (
            "账本比见证文件旧，可能丢失了发码记录，请联网核对 · the ledger is older than its witness, "
            "records of issued serials may be lost; let it ask the registry, or restore the newest backup"
        ),
        "witness_missing": (
            "见证文件缺失，无法确认账本完整 · the witness file is missing or unreadable, so nothing shows "
            "that the ledger is whole; let it ask the registry"
        ),
        "witness_other": (
            "见证文件属于另一账本 · the witness belongs to another life of this ledger; let it ask the registry"
        ),
        "counter_ahead": (
            "打印机计数超过账本，可能有未记录的标签 · the printer's counter is ahead of the ledger, "
            "labels may be on paper that it does not know; check the printer's output"
        ),
        "registry_ahead": (
            "平台的记录比本机多，正在恢复 · the registry knows more than this ledger; it has to recover first"
        ),
        "forked": ("本机记录与平台分叉，正在恢复 · this ledger and the registry's copy part; it has to recover first"),
        "cloned": (
            "另一台电脑在使用同一身份，只有中心平台能解除 · another computer uses this agent's identity; stop one of "
            "them, and ask the platform for a token to enrol this one anew"
        ),
    }
)
"""What an operator reads, Chinese first."""

RELEASE: Mapping[str, str] = MappingProxyType(
    {
        "counter_ahead": "page",
        "witness_ahead": "command",
        "witness_missing": "command",
        "witness_other": "command",
        "registry_ahead": "command",
        "forked": "command",
        "cloned": "registry",
    }
)
"""Who may lift a hold besides the registry: `page`, an operator at the page who looked at the printer; `command`, IT at
this computer with the agent stopped, after the ledger was verified; `registry`, nobody else. A kind of which this
version knows nothing is the registry's."""

ENDS_BY_ITSELF = ("disk_full", "witness_fault")
"""Seen and not recorded (`Holds.holds`)."""

RELEASED_BY = ("registry", "operator", "command")
_MAY = {"page": ("registry", "operator", "command"), "command": ("registry", "command")}


class Holds(Core):
    """A hold is durable: it survives a restart and ends only with a recorded release."""

    def holds(self) -> tuple[dict[str, Any], ...]:
        """Holds in force: `kind`, `detail`, `placed_at`, `words` for an operator, and who may lift it (`RELEASE`)."""
        return (*self._recorded_holds(), *self._seen_holds())

    def _seen_holds(self) -> Iterator[dict[str, Any]]:
        """What stops issuing only while it is so, and is in no event: where nothing can be written, nothing is."""
        disk, none = self.disk(), {"release": "none"}
        if disk.full:
            detail = {"free_bytes": disk.free_bytes, "reserve_bytes": disk.reserve_bytes, "refused": disk.refused}
            yield {"kind": "disk_full", "detail": detail, "placed_at": self._room.since, "words": room.WORDS, **none}
        if self._witness.fault:
            words = (
                f"见证文件无法写入，停止发码 · issuing is held: the witness file cannot be written "
                f"({self._witness.fault}); make room or correct its folder's rights, then start again"
            )
            yield {"kind": "witness_fault", "detail": {}, "placed_at": self._log.clock(), "words": words, **none}

    def _recorded_holds(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            {
                "kind": kind,
                "detail": json.loads(detail),
                "placed_at": at,
                "words": HOLD_WORDS.get(kind, kind),
                "release": RELEASE.get(kind, "registry"),
            }
            for kind, detail, at in self._all("holds")
        )

    def place_hold(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Stops issuing; the same kind with the same detail is no second event."""
        if any(hold["kind"] == kind and hold["detail"] == dict(detail) for hold in self._recorded_holds()):
            return
        with self._commit(EventType.HOLD_PLACED) as log:
            log.append(HoldPlaced(type=EventType.HOLD_PLACED, kind=kind, detail=dict(detail)))

    def release_hold(self, kind: str, *, by: str, operator: str = "", reason: str = "") -> None:
        """Lets issuing go on: by the registry's word, or by a person who signs for it, where `RELEASE` lets one.

        Raises:
            NotFoundError: no such hold is in force.
            InputError: an unknown `by`, or a person's name or reason is missing.
            ConflictError: it is not for this person to lift, or not in this way.
        """
        if by not in RELEASED_BY:
            raise InputError(f"hold {kind}: expected a release by {' or '.join(RELEASED_BY)}, got {by!r}")
        if by != "registry":
            operator = names.person(operator, f"hold {kind}: operator")
            reason = names.reason(reason, f"hold {kind}: reason")
        if kind in ENDS_BY_ITSELF:
            raise ConflictError(
                "不用解除，清理磁盘后自动继续 · "
                f"hold {kind}: expected one that somebody lifts, got one that ends by itself; "
                "make room on the disk"
            )
        if all(hold["kind"] != kind for hold in self._recorded_holds()):
            raise NotFoundError(f"hold {kind}: expected one in force, got none; list the holds")
        _require_theirs(kind, by)
        with self._commit(EventType.HOLD_RELEASED) as log:
            append_release(log, kind, by, operator, reason)

    def raise_alarm(self, kind: str, printer: str | None, detail: Mapping[str, Any]) -> str:
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

    def feed_noted(self, printer: str, before: int, after: int) -> None:
        """Records blanks that were counted after a head-open or media edge: `after` is the new baseline."""
        with self._commit(EventType.FEED_NOTED) as log:
            log.append(FeedNoted(type=EventType.FEED_NOTED, printer=printer, before=before, after=after))


def append_alarm(log: Log, kind: str, printer: str | None, detail: Mapping[str, Any]) -> str:
    """Records an alarm inside a commit; returns its name."""
    alarm = log.new_id()
    log.append(AlarmRaised(type=EventType.ALARM_RAISED, alarm=alarm, kind=kind, printer=printer, detail=dict(detail)))
    return alarm


def append_release(log: Log, kind: str, by: str, operator: str, reason: str) -> None:
    """Records the end of a hold inside a commit."""
    log.append(HoldReleased(type=EventType.HOLD_RELEASED, kind=kind, by=by, operator=operator, reason=reason))


def _require_theirs(kind: str, by: str) -> None:
    who = RELEASE.get(kind, "registry")
    if by in _MAY.get(who, ("registry",)):
        return
    if who == "command":
        raise ConflictError(
            "不能在页面上解除，请技术人员停止代理，再用命令解除 · "
            f"hold {kind}: expected a release by the registry or by IT at this computer, got one by {by}; "
            "stop the agent, then: edge-agent hold release {kind} --operator O "
            "--reason R"
        )
    raise ConflictError(
        f"只有中心平台能解除，请联系平台 · hold {kind}: expected a release by the registry, got one by {by}; "
        "call the platform"
    )
