"""Keeps what is told of where garments are. One door for a clerk, a captured document and an agent; no HTTP in it.

Nothing is judged here, and what is kept is never changed: what a row moved is asked of `custody.fold` when
somebody looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from central_registry.db import Connection, sql
from central_registry.place.custody import Kind, Right
from central_registry.problems import ProblemError
from label_protocol.codes.digital_link import parse_link
from label_protocol.codes.serial import fold
from label_protocol.codes.sscc import read_sscc
from label_protocol.errors import CodeError

MOST_UNITS = 1_000
"""Of one fact: a clerk's afternoon, and a transaction of some milliseconds."""

MOST_TOLD = 50
"""Rows that one party may tell of one unit: the fold reads all of them, and a stranger's, too."""

_MOST_TEXT = 60


@dataclass(frozen=True, slots=True)
class Fact:
    """What `party` tells: `kind` happened at `at` to `units` (serials folded, SSCCs of 18 digits). `carton`: into which
    they were packed; `waybill`, `to_party`: how and to whom they were shipped; '' is none. `by_right`: `HOLDER` unless
    the party holds an office over them; who calls has looked at that."""

    kind: Kind
    at: datetime
    units: Sequence[str]
    party: str
    by_right: Right = Right.HOLDER
    carton: str = ""
    waybill: str = ""
    to_party: str = ""
    person: str = ""
    agent: str = ""


async def tell(connection: Connection, fact: Fact, told_at: datetime) -> None:
    """Keep a fact in the transaction at hand: a row for each unit, all or none. A time to come is taken for `told_at`.

    Raises:
        ProblemError: 422, no unit, too many, no carton to pack into, a waybill that is no text for a column; 409, told
            too often of one unit.
    """
    _require_whole(fact)
    units = list(dict.fromkeys(fact.units))
    often = await sql.place_told_often(connection, units=units, party=fact.party, most=MOST_TOLD)
    if often is not None:
        raise ProblemError(
            "refused",
            f"同一件说得太多了 · {often['unit']}: expected at most {MOST_TOLD} events of one party, got one more; "
            "ask your association",
        )
    await sql.place_add(
        connection, units=units, at=fact.at, told_at=told_at, kind=fact.kind.value, party=fact.party,
        by_right=fact.by_right.value, carton=fact.carton, waybill=fact.waybill, to_party=fact.to_party,
        agent=fact.agent, person=fact.person,
    )  # fmt: skip


def _require_whole(fact: Fact) -> None:
    if not 0 < len(fact.units) <= MOST_UNITS:
        said = f"一次 1 到 {MOST_UNITS} 件 · units: expected 1 to {MOST_UNITS}, got {len(fact.units)}"
        raise ProblemError("unprocessable", said)
    if (fact.kind is Kind.PACKED) != bool(fact.carton):
        said = f"装箱要有箱号，别的没有 · carton: expected one exactly for packed, got {fact.carton[:40]!r}"
        raise ProblemError("unprocessable", said)
    if fact.kind is not Kind.SHIPPED and (fact.waybill or fact.to_party):
        said = f"只有发货有运单和收货方 · waybill, to: expected none for {fact.kind}, got one"
        raise ProblemError("unprocessable", said)
    if len(fact.waybill) > _MOST_TEXT or not fact.waybill.isprintable():
        said = f"运单号不对 · waybill: expected at most {_MOST_TEXT} printable characters, got {fact.waybill[:40]!r}"
        raise ProblemError("unprocessable", said)


def unit_in(text: str) -> str:
    """The serial or SSCC that was scanned, typed or pasted.

    Raises:
        ProblemError: 422.
    """
    text = text.strip()
    try:
        if (sscc := read_sscc(text)) is not None:
            return sscc
        return fold(parse_link(text).serial if "/" in text else text)
    except CodeError as cause:
        expected = "不是序列号、标签的链接或箱号 · unit: expected a serial, a label's link or an SSCC"
        raise ProblemError("unprocessable", f"{expected}, got {text[:60]!r}; scan it again") from cause
