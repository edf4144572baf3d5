"""What events carry inside: snapshots, evidence, details of alarms and holds. Pure; types and nothing else.

Agents write them so. A reader of what older and newer agents wrote asks for each field and may find others.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class EventPlace(TypedDict):
    """An event by its place in a history; `hash` is 64 hex digits."""

    incarnation: str
    seq: int
    hash: str


class MadeFor(TypedDict):
    """The template of a snapshot; `engine` is the number of what lays it out, absent where its slots have places."""

    name: str
    version: str
    kind: str
    engine: NotRequired[int]


class LinkForm(TypedDict):
    """How the link of a label is written; `case` is `mixed`, `lower`, or `upper` for labels of before."""

    host: str
    case: str


class CheckCodeKey(TypedDict):
    """Names the key of the check codes, and never holds it."""

    key_id: str


class Approver(TypedDict):
    """A lead who approved something: a person's id or a stated name, how that is known, and when."""

    who: str
    known_by: str
    at: str


class Approval(TypedDict):
    """What was approved, by the SHA-256 of the bytes of its file, and everybody whose word it took."""

    sha256: str
    by: list[Approver]


class Approvals(TypedDict, total=False):
    """What of the site's own stands behind a label: its template, its rows of the rules."""

    template: Approval
    overrides: Approval


class Snapshot(TypedDict):
    """What labels say; its name is the SHA-256 of its canonical bytes. `snapshot` is the version of this form, `rules`
    maps standards to versions of their rule packs, `overrides` are the site's own rows that had a say, `approvals` says
    who approved these and the template, at a site where somebody has to."""

    snapshot: int
    product: dict[str, Any]
    lot: NotRequired[dict[str, Any]]
    template: MadeFor
    rules: dict[str, str]
    overrides: NotRequired[list[dict[str, Any]]]
    approvals: NotRequired[Approvals]
    link: LinkForm
    check_code: NotRequired[CheckCodeKey]


class WorkOrderPlace(TypedDict):
    """Which part of which work order (生产单) a job prints. `rule` names what a lead signed, whose name is the job's
    operator; empty: a person ordered it."""

    source: str
    order_no: str
    line: str
    part: int
    rule: str


class CertificateVersion(TypedDict):
    """Which version of a lot's certificate; `sha256` is that of the canonical bytes of its facts, in hex."""

    version: int
    sha256: str


class CartonSnapshot(TypedDict):
    """What the label of a carton says: no garment's facts, and no rule had a say. `carton` is told apart from other
    snapshots by its name."""

    snapshot: int
    carton: dict[str, Any]
    template: MadeFor
    approvals: NotRequired[Approvals]


class Evidence(TypedDict, total=False):
    """What was seen of a window; empty where nothing was. `labels` were sent in `rows` of the counter; `confirmed` are
    the printer's answers for single labels; `link` is the trouble of the link, empty if there was none."""

    labels: int
    rows: int
    counter_before: int | None
    counter_after: int | None
    confirmed: int | None
    background: str | None
    faults: list[str]
    busy_seen: bool
    link: str


class CounterDetail(TypedDict):
    """Of a counter that does not say what it should; `labels` of the window, where there was one."""

    before: int | None
    after: int | None
    labels: NotRequired[int]


class VoidDetail(TypedDict):
    """Of a void label that was scanned."""

    serial: str
    state: str
    text: str
    operator: str


class SerialDetail(TypedDict):
    """Of a serial that the registry knows from elsewhere."""

    serial: str


class EventsDetail(TypedDict):
    """Of adopted events that did not apply: one sentence each."""

    events: list[str]


class LossDetail(TypedDict):
    """Of an event that only the witness speaks of."""

    witness: EventPlace


class ClockDetail(TypedDict):
    """Of a clock that went back; both times are UTC."""

    last_event_at: str
    now: str


AlarmDetail = CounterDetail | VoidDetail | SerialDetail | EventsDetail | LossDetail | ClockDetail


class WitnessDetail(TypedDict):
    """Of a witness that disagrees with the ledger; None: it could not be read."""

    witness: EventPlace | None
    ledger: EventPlace


class AheadDetail(TypedDict):
    """Of a printer's counter that is ahead."""

    printer: str
    before: int | None
    after: int | None


class PrinterFacts(TypedDict):
    """What tells one printer from another; None: not told. `port` is what the system knows of the USB port."""

    model: str | None
    firmware: str | None
    serial_number: str | None
    port: str | None


class HistoryDetail(TypedDict, total=False):
    """Of another history: the registry's `head`, and of a clone `agent` and the `fingerprints` of its machines."""

    head: dict[str, Any]
    agent: str
    fingerprints: list[str]


HoldDetail = WitnessDetail | AheadDetail | HistoryDetail
