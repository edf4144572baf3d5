"""Work orders (生产单): what another program or a sheet asks to be printed, as values. Pure.

Whoever sends orders sends them again: after a lost answer, with the next export, by dropping the same file twice. So an
order is known by where it came from and how it is numbered there, and the same again is the same order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

MAX_ORDER_NO = 64
"""SAP's number of an order (AUFNR) has 12 characters; what is far longer is a remark in the wrong column."""
MAX_REMARK = 200
MAX_FIELD = 200
MAX_QUANTITY = 1_000_000
"""As of a job; a slip of the keyboard is larger."""
MAX_ROWS = 35_000
"""Of one file; as of the catalogue's sheets over the API."""


class OrderState(StrEnum):
    """Where an order stands. `waiting`: nothing of it was given to a printer; `printing`: a job is at it, or is
    paused; `part`: some was, and no job is at it."""

    WAITING = "waiting"
    PRINTING = "printing"
    PART = "part"
    DONE = "done"
    CLOSED = "closed"


class SourceKind(StrEnum):
    """How orders come from a source."""

    FOLDER = "folder"
    SHEET = "sheet"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Source:
    """Where orders come from, as the site set it up. `daily_limit` labels a local day are taken at most.

    `mapping`: field → the heading that this source writes for it; `signable`: whether a lead may sign a rule for it;
    `ignores_columns`: headings that nobody knows are left out instead of refused.
    """

    source_id: str
    name: str
    kind: SourceKind
    owner: str
    daily_limit: int
    mapping: Mapping[str, str] = field(default_factory=dict)
    signable: bool = False
    ignores_columns: bool = False


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What is asked for: one style in one size. `template` may be `auto`; without a `printer` a person chooses.

    `wanted_by` is a day, `YYYY-MM-DD`, or empty; `firm` for whom, by its credit code, or empty: only one firm has it.
    """

    source: str
    order_no: str
    line: str
    style_no: str
    size: str
    quantity: int
    lot_no: str | None = None
    template: str = "auto"
    printer: str | None = None
    wanted_by: str = ""
    remark: str = ""
    firm: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same order when it comes again."""
        return self.source, self.order_no, self.line

    @property
    def order_id(self) -> str:
        """Sixteen hex digits made of its identity: the same in every run and in every answer."""
        return hashlib.sha256("\0".join(self.identity).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Part:
    """So many labels of an order given to a printer at once. `rule` signed for it, empty: a person ordered it.

    `body` is what the job was ordered with; `job_id` is None between the intent and the ledger's answer.
    """

    order_id: str
    part: int
    quantity: int
    printer: str
    template: str
    operator: str
    rule: str
    body: str
    at: str
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """An order as the book holds it. `file` names what brought it; `note` says why no rule printed it; `reason` why it
    was closed, and `closed_by` by whom."""

    asked: OrderLine
    taken_at: str
    file: str
    closed: bool = False
    done: bool = False
    closed_by: str = ""
    reason: str = ""
    note: str = ""
    order_parts: tuple[Part, ...] = ()

    @property
    def order_id(self) -> str:
        """As `OrderLine.order_id`."""
        return self.asked.order_id


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What is signed, as in `Rule`."""

    source: str
    styles: tuple[str, ...]
    quantity_most: int
    daily_most: int
    printer: str
    until: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What a lead signed: orders of `source` print without a person. `styles` empty: of every style.

    At most `quantity_most` labels an order and `daily_most` a day; `until` is the last day, `YYYY-MM-DD`; `printer` for
    orders that name none, empty: those wait.
    """

    rule_id: str
    source: str
    styles: tuple[str, ...]
    quantity_most: int
    daily_most: int
    printer: str
    until: str
    signed_by: str
    signed_known: str
    signed_at: str
    ended_by: str = ""
    ended_at: str = ""


def job_key(asked: OrderLine, part: int) -> str:
    """The idempotency key of a part's job: the same tap twice is one job, and whoever reads the ledger sees whose.

    >>> job_key(OrderLine("erp", "MO-7/生产", "1", "F1", "M", 5), 2).startswith("work-order/erp/MO-7%2F%E7%94%9F")
    True
    """
    told = "/".join(quote(one, safe="") for one in asked.identity)
    return f"work-order/{told[:120]}/{asked.order_id}/{part}"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of a file as it was read: where it stands, its order, and what is wrong with it.

    `order_no` is None where it could not be read; `asked` where anything could not. `flaws` are sentences, Chinese
    first.
    """

    place: str
    order_no: str | None
    asked: OrderLine | None = None
    flaws: tuple[str, ...] = ()


class Taking(StrEnum):
    """What became of a row. `same`: the order was there already and says the same."""

    TAKEN = "taken"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row, and why."""

    place: str
    order_no: str | None
    line: str | None
    outcome: Taking
    order_id: str | None = None
    why: str = ""
