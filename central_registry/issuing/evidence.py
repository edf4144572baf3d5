"""Reads what the checks of a code order are about: firm, certificate, limit, report, agent, and what is promised.

Whoever asks here to hand something out holds `items.lock`, so that two approvals at once cannot together exceed a lot.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from central_registry.db import Connection, sql
from central_registry.distribution.forms import Can
from central_registry.distribution.keys import Goods, keys_of
from central_registry.goods.certificates import State, needs_certificate
from central_registry.goods.certificates import limit as limit_of
from central_registry.parties.actor import MAY_ASK, PartyStatus
from central_registry.parties.standing import status_of
from central_registry.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Certified:
    """The certificate of a lot as it is shown today; `stands`: approved, and within its dates."""

    version: int
    quantity: int
    lab: str
    report_no: str
    state: str
    valid_from: date
    valid_to: date | None

    def stands(self, on: date) -> bool:
        """Whether it is approved and valid on that day."""
        return self.state == State.APPROVED and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Printer:
    """The agent of an order. `spoke`: whether it has ever said what it understands; `others`: firms other than this one
    whose labels it has; `seen_since`: whether it was in contact since its rest under this key was written off (True
    where nothing was)."""

    enrolled: bool
    revoked: bool
    firms: tuple[str, ...]
    spoke: bool
    knows_firms: bool
    others: bool
    seen_since: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the rules look at. `limit`: pieces, by the certificate or by the association; `taken`: promised already,
    over all agents, and `former` of it by a former platform; `report_of`: the lot that the certificate's report is of,
    `covers`: its pieces."""

    on: date
    asked: int
    status: PartyStatus
    needs_certificate: bool
    certificate: Certified | None
    limit: int | None
    taken: int
    report_of: str
    covers: int | None
    report_elsewhere: str
    printer: Printer | None
    firm: str
    former: int = 0


async def certified(connection: Connection, goods: Goods) -> Certified | None:
    """The lot's certificate; None without a lot, or if none was ever approved."""
    if goods.lot_no is None:
        return None
    row = await sql.certificate_shown(connection, firm=goods.firm, lot_no=goods.number)
    return None if row is None else Certified(**{name: row[name] for name in Certified.__slots__})


async def may_go_on(connection: Connection, goods: Goods, on: date) -> bool:
    """Whether a lease may be renewed: the firm may be given codes, and where a certificate is needed, it stands."""
    if await status_of(connection, goods.firm, on) not in MAY_ASK:
        return False
    found = await certified(connection, goods)
    if found is not None:
        return found.stands(on)
    return not needs_certificate(await record_of(connection, goods))


async def is_barred(connection: Connection, firm: str, on: date) -> bool:
    """Whether nothing more may be printed for that firm."""
    return await status_of(connection, firm, on) is PartyStatus.BARRED


async def record_of(connection: Connection, goods: Goods) -> dict[str, Any]:
    """The garment record of these goods; {} if it is not known as a firm's."""
    if goods.lot_no is None:
        row = await sql.style_record(connection, firm=goods.firm, style_no=goods.style_no)
    else:
        row = await sql.lot_record(connection, firm=goods.firm, lot_no=goods.number)
    return {} if row is None else dict(json.loads(row["record"]))


async def goods_asked(connection: Connection, firm: str, lot_no: str | None, style_no: str) -> Goods:
    """The firm's lot, or its style, as it is known.

    Raises:
        ProblemError: 409; no such lot or style of this firm.
    """
    if lot_no is not None:
        row = await sql.lot_record(connection, firm=firm, lot_no=Goods(firm, "", lot_no).number)
    else:
        row = await sql.style_record(connection, firm=firm, style_no=style_no)
    if row is None:
        what = f"批次 {lot_no} · lot" if lot_no is not None else f"款号 {style_no} · style"
        raise ProblemError(
            "refused", f"{what}: expected one of this firm that was imported, got an unknown one; import it first"
        )
    return Goods(firm, row["style_no"], lot_no)


async def gather(connection: Connection, goods: Goods, agent: str, asked: int, at: datetime) -> Evidence:
    """Everything about an order for `asked` labels of `goods` on `agent`, as it is at that moment."""
    found, record = await certified(connection, goods), await record_of(connection, goods)
    limit, taken, former = await _bound(connection, goods, found, at.date())
    report = await _report(connection, goods, found)
    return Evidence(
        on=at.date(),
        asked=asked,
        status=await status_of(connection, goods.firm, at.date()),
        needs_certificate=needs_certificate(record),
        certificate=found,
        limit=limit,
        taken=taken + former,
        former=former,
        printer=await _printer(connection, goods, agent),
        firm=goods.firm,
        **report,
    )


async def _bound(
    connection: Connection, goods: Goods, found: Certified | None, on: date
) -> tuple[int | None, int, int]:
    """How many labels there may be, how many are promised, and how many a former platform issued: of the lot by its
    certificate, else by the association's limit of the lot, else by that of the style over all its lots."""
    if goods.lot_no is not None:
        lot = {"firm": goods.firm, "lot_no": goods.number}
        limit = await limit_of(connection, goods.firm, "lot", goods.number)
        if found is not None:
            limit = found.quantity if found.stands(on) else None
        if found is not None or limit is not None:
            return limit, int(await sql.promised_of_lot(connection, **lot)), await sql.former_on_lot(connection, **lot)
    style = {"firm": goods.firm, "style_no": goods.style_no}
    limit = await limit_of(connection, goods.firm, "style", goods.style_no)
    return limit, int(await sql.promised_of_style(connection, **style)), await sql.former_on_style(connection, **style)


async def _report(connection: Connection, goods: Goods, found: Certified | None) -> dict[str, Any]:
    if found is None:
        return {"report_of": "", "covers": None, "report_elsewhere": ""}
    named = {"lab": found.lab, "report_no": found.report_no}
    row = await sql.report_behind(connection, **named)
    other = await sql.report_elsewhere(connection, **named, firm=goods.firm, lot_no=goods.number)
    mine = row is not None and (row["firm"], row["lot_no"]) == (goods.firm, goods.number)
    return {
        "report_of": "" if row is None else "this" if mine else "another",
        "covers": None if row is None else row["covers"],
        "report_elsewhere": "" if other is None else "another",
    }


async def _printer(connection: Connection, goods: Goods, agent: str) -> Printer | None:
    row = await sql.agent(connection, agent=agent)
    if row is None:
        return None
    firms = tuple([one["firm"] async for one in sql.prints_for(connection, agent=agent)])
    having = {one["firm"] async for one in sql.allotted_firms(connection, agent=agent)}
    return Printer(
        enrolled=row["enrolled_at"] is not None,
        revoked=row["lost_at"] is not None,
        firms=firms,
        spoke=bool(row["can"]) or last_word(row) is not None,
        knows_firms=Can.of(row["can"]).firms,
        others=bool(having - {goods.firm}) or len(firms) > 1,
        seen_since=await _seen_since(connection, agent, goods, last_word(row)),
    )


def last_word(agent: Mapping[str, Any]) -> datetime | None:
    """When an agent was last in contact, telling or asking; None if never."""
    return max((one for one in (agent["seen_at"], agent["asked_at"]) if one is not None), default=None)


async def _seen_since(connection: Connection, agent: str, goods: Goods, seen_at: datetime | None) -> bool:
    for key in await keys_of(connection, goods):
        row = await sql.lease(connection, agent=agent, quota_key=key)
        if row is not None and row["written_off_at"] is not None:
            return seen_at is not None and seen_at > row["written_off_at"]
    return True
