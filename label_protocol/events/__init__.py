"""The events of the ledger: a type for each, under the names of `kinds.EventType`, and nowhere else. Pure.

The agent writes them (`edge_agent/ledger/`), the registry reads them (`central_registry/ingest/`), and an auditor may.
docs/ledger-format.md says what each one does; a test holds its table to these types. They are `TypedDict`s, so an event
is the JSON object that is hashed, stored and sent, and a key that no event has is found by the type checker.

What was stored once stays valid: a reader may meet fields and types that it does not know, and keeps them.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from label_protocol.details import (
    AlarmDetail,
    CertificateVersion,
    EventPlace,
    Evidence,
    HoldDetail,
    PrinterFacts,
    WorkOrderPlace,
)
from label_protocol.events.cartons import CartonClosed as CartonClosed
from label_protocol.events.cartons import CartonOpened as CartonOpened
from label_protocol.events.cartons import Packed as Packed
from label_protocol.events.event import Acted as Acted
from label_protocol.events.event import Event as Event
from label_protocol.events.labels import LabelDecided as LabelDecided
from label_protocol.events.labels import LabelSampled as LabelSampled
from label_protocol.events.labels import LabelScanned as LabelScanned
from label_protocol.events.leases import LeaseClosed as LeaseClosed
from label_protocol.events.reviews import Reviewed as Reviewed
from label_protocol.kinds import EventType as EventType


class IncarnationBegan(Event):
    """First of every incarnation; `parent` is the event it follows, None for the very first of a ledger."""

    type: Literal[EventType.INCARNATION_BEGAN]
    parent: EventPlace | None
    reason: str
    fingerprint: str


class Enrolled(Event):
    """An enrolment gave the agent its name and the three issuer characters of every serial."""

    type: Literal[EventType.ENROLLED]
    agent: str
    issuer: str
    epoch: str
    registry: str


class FeedReceived(Event):
    """The registry distributed `items`, up to `cursor`; each names its `kind`, and unknown kinds are kept."""

    type: Literal[EventType.FEED_RECEIVED]
    cursor: str
    epoch: str
    items: list[dict[str, Any]]


class JobOpened(Acted):
    """A job was ordered. `snapshot` is the hash of what its labels say, `replaces` lists the serials they replace,
    `work_order` says for which order of another program, if for one; `scan_every`: after so many windows a label of the
    last one is scanned before it goes on, if that is asked for; `firm` owns the allotment it draws on, `certificate` is
    the version that its facts were compared with."""

    type: Literal[EventType.JOB_OPENED]
    job: str
    key: str
    request_hash: str
    snapshot: str
    template: str
    printer: str
    quantity: int
    gtin: str
    lot_no: str | None
    quota_key: str
    replaces: list[str]
    operator: str
    work_order: NotRequired[WorkOrderPlace]
    scan_every: NotRequired[int]
    firm: NotRequired[str]
    certificate: NotRequired[CertificateVersion]


class JobMoved(Acted):
    """A job went to `state`: `running`, `waiting`, `paused`, `done`, `cancelled`."""

    type: Literal[EventType.JOB_MOVED]
    job: str
    state: str
    reason: str
    operator: str


class WindowSending(Event):
    """Serials were issued and are about to be sent. `replaces` is new → old, `counter` the printer's reading before."""

    type: Literal[EventType.WINDOW_SENDING]
    window: str
    job: str
    printer: str
    snapshot: str
    quota_key: str
    gtin: str
    lot_no: str | None
    serials: list[str]
    replaces: dict[str, str]
    counter: int | None


class WindowPrinted(Event):
    """The whole window is proven at `level`. `counts_as` is what the registry is to call its labels."""

    type: Literal[EventType.WINDOW_PRINTED]
    window: str
    level: str
    evidence: Evidence
    counts_as: str


class WindowInDoubt(Event):
    """What became of the window is not known."""

    type: Literal[EventType.WINDOW_IN_DOUBT]
    window: str
    reason: str
    evidence: Evidence


class WindowNeverSent(Event):
    """No byte of the window was written: its serials are invalid."""

    type: Literal[EventType.WINDOW_NEVER_SENT]
    window: str
    reason: str


class WindowSettled(Acted):
    """A person settled a window by its `last` good label (None: no good one); the lists name serials."""

    type: Literal[EventType.WINDOW_SETTLED]
    window: str
    last: str | None
    text: str
    operator: str
    printed: list[str]
    scrapped: list[str]
    invalid: list[str]


class AlarmRaised(Event):
    """Somebody has to look at something; `kind` is an `AlarmKind`, or one that an older or newer agent knows."""

    type: Literal[EventType.ALARM_RAISED]
    alarm: str
    kind: str
    printer: str | None
    detail: AlarmDetail


class AlarmClosed(Acted):
    """Somebody looked."""

    type: Literal[EventType.ALARM_CLOSED]
    alarm: str
    operator: str
    reason: str


class FeedNoted(Event):
    """A printer counted blanks: `after` is its reading from here on."""

    type: Literal[EventType.FEED_NOTED]
    printer: str
    before: int
    after: int


class PrinterIdentified(Event):
    """The printer of this line, from here on; `reason` is `first`, or `told_more`: the same one with newer firmware, at
    another port, or with a serial number that it had not told."""

    type: Literal[EventType.PRINTER_IDENTIFIED]
    printer: str
    identity: PrinterFacts
    reason: str


class PrinterQuestioned(Event):
    """Nothing goes to this printer until somebody answers; `question` is a `LineQuestion`, `before` and `after` are
    what the counter should say and says."""

    type: Literal[EventType.PRINTER_QUESTIONED]
    printer: str
    question: str
    known: PrinterFacts | None
    found: PrinterFacts | None
    before: int | None
    after: int | None


class PrinterAnswered(Acted):
    """`answer` is a `LineAnswer`. After `another` what was found is the printer of this line, and its counter is read
    anew; `put_back` leaves the line held."""

    type: Literal[EventType.PRINTER_ANSWERED]
    printer: str
    answer: str
    operator: str
    reason: str


class CopiesOpened(Acted):
    """Labels without a code were ordered. `unchecked`: printed though the check before the first finds something;
    `carton`: they are the label of that carton, printed for the `nth` time."""

    type: Literal[EventType.COPIES_OPENED]
    copies: str
    key: str
    request_hash: str
    snapshot: str
    template: str
    printer: str
    quantity: int
    unchecked: bool
    operator: str
    carton: NotRequired[str]
    nth: NotRequired[int]


class CopiesSending(Event):
    """So many `labels` are about to be sent, in `rows` of the printer's counter; `counter` is its reading before."""

    type: Literal[EventType.COPIES_SENDING]
    copies: str
    printer: str
    labels: int
    rows: int
    counter: int | None


class CopiesJudged(Event):
    """What was being sent is proven at `level`, or is not proven."""

    type: Literal[EventType.COPIES_JUDGED]
    copies: str
    printer: str
    proven: bool
    level: str | None
    reason: str
    evidence: Evidence


class CopiesEnded(Acted):
    """No more is sent; `state` is `printed`, `ended` or `cancelled`."""

    type: Literal[EventType.COPIES_ENDED]
    copies: str
    state: str
    reason: str
    operator: str


class HoldPlaced(Event):
    """Issuing stops; `kind` is a `HoldKind`, or one that an older or newer agent knows."""

    type: Literal[EventType.HOLD_PLACED]
    kind: str
    detail: HoldDetail


class HoldReleased(Acted):
    """A hold ends; `by` is `registry`, `operator`, `lead`: one who logged in, `command`: IT at the stopped agent."""

    type: Literal[EventType.HOLD_RELEASED]
    kind: str
    by: str
    operator: str
    reason: str


class Adopted(Event):
    """An event of a fork of this ledger, told again; `origin` is where it stood."""

    type: Literal[EventType.ADOPTED]
    origin: EventPlace
    event: dict[str, Any]
