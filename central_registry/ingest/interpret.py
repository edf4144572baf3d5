"""What a run of events says, as plain values: issued windows, moves, alarms. Pure; `books.py` writes it down.

An event of an unknown type says nothing here. One of a known type that lacks a field says `malformed_event`: it is kept
like every other, because its hash is right and the agent cannot take it back, and the people at the registry are told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from central_registry.alarms import AlarmKind, Note
from central_registry.ingest.states import STEPS, State
from central_registry.ingest.values import MOST_TEXT, moment_in, serial_in, serials_in, text_in
from label_protocol import wire
from label_protocol.codes.sscc import validate as sscc_of
from label_protocol.events import (
    AlarmClosed,
    AlarmRaised,
    CartonClosed,
    EventType,
    FeedReceived,
    LabelDecided,
    LabelScanned,
    Packed,
    WindowInDoubt,
    WindowNeverSent,
    WindowPrinted,
    WindowSending,
    WindowSettled,
)

DRAW_BYTES = 12
"""Of an event's hash, to name its window: every label bears it (schema/0014_books.sql says why 12 are enough)."""


class Told(NamedTuple):
    """An event as first told: `hash` is that of its first telling, `origin` says where if it was told again."""

    seq: int
    hash: bytes
    event: Mapping[str, Any]
    origin: tuple[str, int] | None = None


class IssuedWindow(NamedTuple):
    """A `window_sending`: serials that came into the world. `draw`, as its column is called, begins the hash of the
    event that first told of it, `seq` is that of the event that told us."""

    draw: bytes
    seq: int
    window_id: str
    job: str
    snapshot: str
    quota_key: str
    gtin: str
    lot_no: str | None
    sent_at: str
    serials: tuple[str, ...]
    printer: str = ""


class Move(NamedTuple):
    """Serials, or all serials of a window, are now `state`."""

    state: State
    window_id: str | None = None
    serials: tuple[str, ...] = ()


class Together(NamedTuple):
    """What one event told again moves: all of it or nothing, as its ledger takes it."""

    moves: tuple[Move, ...]


class Placed(NamedTuple):
    """A unit was put into a carton or taken out of it (`kind` as the place room has it). A site's carton is named
    behind a stroke, as its agent writes it."""

    kind: str
    at: datetime
    unit: str
    carton: str = ""


@dataclass(frozen=True, slots=True)
class Fed:
    """A `feed_received` as it was told; whether the registry gave that is for the registry to say. `items`: as
    the event has them, with their bodies once these were put back (`fed_whole`)."""

    seq: int
    event: FeedReceived
    items: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class LeaseEnd:
    """An agent draws no more under a lease that ended at `until`, and gives back `unused` labels."""

    quota_key: str
    until: str
    unused: int


@dataclass(slots=True)
class Plan:
    """All that a run of events asks of the books; `steps` in the order they were told. `ended`: leases, once all steps
    are in the books."""

    steps: list[IssuedWindow | Move | Together | Fed] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    ended: list[LeaseEnd] = field(default_factory=list)
    places: list[Placed] = field(default_factory=list)

    @property
    def windows(self) -> list[IssuedWindow]:
        """The windows among the steps."""
        return [step for step in self.steps if isinstance(step, IssuedWindow)]

    @property
    def moves(self) -> list[Move]:
        """The moves among the steps."""
        steps = (step for step in self.steps if isinstance(step, Move | Together))
        return [move for step in steps for move in (step.moves if isinstance(step, Together) else (step,))]

    @property
    def fed(self) -> list[Fed]:
        """The feeds among the steps."""
        return [step for step in self.steps if isinstance(step, Fed)]


def told(seq: int, digest: bytes, event: Mapping[str, Any]) -> Told:
    """Unwrap `adopted`, as often as it was wrapped. A wrapping that is broken stays as it is and says nothing."""
    origin: tuple[str, int] | None = None
    while event.get("type") == EventType.ADOPTED:
        try:
            first, inner = event["origin"], event["event"]
            digest = bytes.fromhex(wire.hex_digits(first["hash"], 64, "adopted.origin.hash"))
            origin = (
                wire.hex_digits(first["incarnation"], 32, "origin.incarnation"),
                wire.positive(first["seq"], "origin.seq"),
            )
            event = {"type": "adopted_broken"} if not isinstance(inner, dict) else inner
        except (KeyError, TypeError, wire.WireError):
            return Told(seq, digest, {"type": "adopted_broken"})
    return Told(seq, digest, event, origin)


def plan(events: Sequence[Told]) -> Plan:
    """What `events` say, one after the other."""
    found = Plan()
    for item in events:
        teller = _TELLERS.get(str(item.event.get("type")))
        if teller is None:
            continue
        try:
            teller(found, item, item.event)
        except (KeyError, TypeError, ValueError, wire.WireError) as cause:
            about = f"{item.event.get('type')} at seq {item.seq}"
            found.notes.append(
                Note(AlarmKind.MALFORMED_EVENT, about, f"{about}: {type(cause).__name__} {str(cause)[:120]}")
            )
    return found


def serials_issued(events: Sequence[Mapping[str, Any]]) -> int:
    """How many serials the windows among `events` issued; for counting replays."""
    return sum(len(row.serials) for row in plan([told(0, b"", event) for event in events]).windows)


def _window_sending(found: Plan, item: Told, event: WindowSending) -> None:
    found.steps.append(
        IssuedWindow(
            draw=item.hash[:DRAW_BYTES],
            seq=item.seq,
            window_id=text_in(event["window"]),
            job=text_in(event["job"]),
            snapshot=wire.hex_digits(event["snapshot"], 64, "snapshot"),
            quota_key=text_in(event["quota_key"]),
            gtin=text_in(event["gtin"]),
            lot_no=None if event["lot_no"] is None else text_in(event["lot_no"]),
            sent_at=text_in(event["at"]),
            serials=serials_in(event["serials"]),
            printer=text_in(event.get("printer", "")),
        )
    )


def _window_printed(found: Plan, _: Told, event: WindowPrinted) -> None:
    counts_as = {"printed": State.PRINTED, "commissioned": State.COMMISSIONED}[event.get("counts_as", "printed")]
    found.steps.append(Move(counts_as, text_in(event["window"])))


def _window_in_doubt(found: Plan, _: Told, event: WindowInDoubt) -> None:
    found.steps.append(Move(State.IN_DOUBT, text_in(event["window"])))


def _window_never_sent(found: Plan, _: Told, event: WindowNeverSent) -> None:
    found.steps.append(Move(State.INVALID, text_in(event["window"])))


def _window_settled(found: Plan, item: Told, event: WindowSettled) -> None:
    """`last` moves only if `printed` lists it: a scan may have proven it before, even on its garment."""
    lists = {name: serials_in(event.get(name, [])) for name in ("printed", "scrapped", "invalid")}
    moves = (
        Move(State.PRINTED, serials=lists["printed"]),
        Move(State.SCRAPPED, serials=lists["scrapped"]),
        Move(State.INVALID, serials=lists["invalid"]),
    )
    found.steps += moves if item.origin is None else (Together(moves),)


def _label_moved(found: Plan, _: Told, event: LabelScanned | LabelDecided) -> None:
    found.steps.append(Move(STEPS[event["step"]], serials=(serial_in(event["serial"]),)))


def _alarm_raised(found: Plan, _: Told, event: AlarmRaised) -> None:
    found.notes.append(
        Note(
            text_in(event["kind"]),
            "agent:" + text_in(event["alarm"]),
            str(event.get("detail"))[:MOST_TEXT],
            by_agent=True,
        )
    )


def _alarm_closed(found: Plan, _: Told, event: AlarmClosed) -> None:
    found.closed.append("agent:" + text_in(event["alarm"]))


def _feed_received(found: Plan, item: Told, event: FeedReceived) -> None:
    items = event["items"]
    found.steps.append(Fed(item.seq, event, items if isinstance(items, list) else []))


def _lease_closed(found: Plan, _: Told, event: Mapping[str, Any]) -> None:
    unused = event["unused"]
    if not isinstance(unused, int) or isinstance(unused, bool) or unused < 0:
        raise ValueError(f"expected how many are unused, got {str(unused)[:40]!r}")
    found.ended.append(LeaseEnd(text_in(event["quota_key"]), text_in(event["until"]), unused))


def _packed(found: Plan, _: Told, event: Packed) -> None:
    at, carton = moment_in(event["at"]), "/" + text_in(event["carton"])
    put_in, taken_out = serials_in(event["put_in"]), serials_in(event["taken_out"])
    found.places += [Placed("packed", at, serial, carton) for serial in put_in]
    found.places += [Placed("unpacked", at, serial) for serial in taken_out]


def _carton_closed(found: Plan, _: Told, event: CartonClosed) -> None:
    """From here on the carton of the site lies in one that the world knows."""
    if event["sscc"] is not None:
        sscc = sscc_of(text_in(event["sscc"]))
        found.places.append(Placed("packed", moment_in(event["at"]), "/" + text_in(event["carton"]), sscc))


_TELLERS: dict[str, Callable[[Plan, Told, Any], None]] = {
    EventType.WINDOW_SENDING: _window_sending,
    EventType.WINDOW_PRINTED: _window_printed,
    EventType.WINDOW_IN_DOUBT: _window_in_doubt,
    EventType.WINDOW_NEVER_SENT: _window_never_sent,
    EventType.WINDOW_SETTLED: _window_settled,
    EventType.LABEL_SCANNED: _label_moved,
    EventType.LABEL_DECIDED: _label_moved,
    EventType.ALARM_RAISED: _alarm_raised,
    EventType.ALARM_CLOSED: _alarm_closed,
    EventType.FEED_RECEIVED: _feed_received,
    EventType.LEASE_CLOSED: _lease_closed,
    EventType.PACKED: _packed,
    EventType.CARTON_CLOSED: _carton_closed,
}
