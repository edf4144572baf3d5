"""Files certificates: what a lab or an association says of a firm's lot, in versions, none of which ever changes.

A version that is filed waits for an approver (`certificate_moves.py`). What it may say is bound by its scheme
(`certified.py`), by the lot and by the report behind it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution.items import MOST
from central_registry.goods.certificates import about
from central_registry.goods.certified import certified, facts_of, require_of_scheme
from central_registry.goods.kept_files import KeptFile
from central_registry.goods.reach import association_of
from central_registry.goods.reports import Report, lab_named, named, report_in, require_lot, require_report
from central_registry.parties import decisions
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError
from label_protocol import chain


@dataclass(frozen=True, slots=True)
class Filing:
    """A certificate as it is handed in. `product` and `grade` as in a garment record: levels, measured values; what is
    left out of `product` is not certified. `inspected_on`: None if it is not stated."""

    firm: str
    lot_no: str
    scheme: str
    grade: Mapping[str, Any]
    quantity: int
    valid_from: date
    valid_to: date | None
    lab: str
    report_no: str
    product: Mapping[str, Any] = field(default_factory=dict)
    lab_name: str = ""
    inspected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What was filed: `decision` waits for an approver; `doubts`: what the rules doubt, in words."""

    version: int
    sha256: str
    decision: str
    doubts: list[str]


async def file_certificate(pool: Pool, actor: Actor, filing: Filing, at: datetime, source: str = "api") -> Filed:
    """File a version for a firm's lot; it stands once somebody else of the association approved it.

    Raises:
        ProblemError: 403; 404 for a lot that is not theirs; 409 if one is waiting already, or for a report that is not
            filed or stands behind another lot (`report_reused`); 422 for a level that the scheme has not, a quantity
            above the lot's, days that end before they begin.
    """

    async def work(connection: Connection) -> tuple[Filed, Entry]:
        return await file_in(connection, actor, filing, at, source)

    return await acting(pool, actor, Act.FILE_CERTIFICATE, work, at)


async def file_with_report(
    pool: Pool, actor: Actor, filing: Filing, report: Report, file: KeptFile | None, at: datetime, source: str
) -> Filed:
    """File a version and the report behind it at once: both, or neither.

    Raises:
        ProblemError: as of `file_certificate` and `reports.file_report`.
    """

    async def work(connection: Connection) -> tuple[Filed, Entry]:
        told, _ = await report_in(connection, actor, report, file, at)
        filed, entry = await file_in(connection, actor, filing, at, source)
        return filed, replace(entry, detail=f"{entry.detail}; report {told['report_no']} {told['file_hash'] or '-'}")

    return await acting(pool, actor, Act.FILE_CERTIFICATE, work, at)


async def file_in(
    connection: Connection, actor: Actor, filing: Filing, at: datetime, source: str
) -> tuple[Filed, Entry]:
    """As `file_certificate`, in a transaction of the caller's, who asked whether the actor may. Raises ProblemError."""
    row, doubts = await content_of(connection, actor, filing, at, source)
    waiting = await sql.waiting_certificate(connection, firm=filing.firm, lot_no=filing.lot_no)
    if waiting is not None:
        raise ProblemError(
            "refused", f"已有一版在等批准 · lot {filing.lot_no}: expected none, got version {waiting}; decide it first"
        )
    new = await sql.add_certificate(connection, firm=filing.firm, lot_no=filing.lot_no, **row)
    name = await _ask_approval(connection, actor, filing, new, at)
    entry = Entry(
        "file_certificate", about(filing.firm, filing.lot_no, new), f"{filing.scheme}, {row['sha256']}", filing.firm
    )
    return Filed(new, row["sha256"], name, doubts), entry


async def content_of(
    connection: Connection, actor: Actor, filing: Filing, at: datetime, source: str
) -> tuple[dict[str, Any], list[str]]:
    """What is kept of a version, by the names of its columns, and what the rules doubt. Raises ProblemError: as of
    `file_certificate`; its report is filed already."""
    lot = await require_lot(connection, actor, filing.firm, filing.lot_no)
    lab, number = await lab_named(connection, actor, filing.lab), named("报告编号 report_no", filing.report_no)
    _require_sound(filing, lot["quantity"])
    await require_report(connection, filing.firm, filing.lot_no, lab, number, filing.quantity)
    found = certified(
        {**filing.product, "style_no": lot["style_no"]}, await _lot_facts(connection, filing, lab, number)
    )
    doubts = require_of_scheme(found, filing.scheme, filing.valid_from.isoformat())
    facts = facts_of(found)
    return {
        "scheme": filing.scheme, "facts": json.dumps(facts, ensure_ascii=False), "quantity": filing.quantity,
        "valid_from": filing.valid_from, "valid_to": filing.valid_to, "lab": lab, "report_no": number,
        "source": source, "at": at, "person": actor.person, "sha256": chain.address(facts),
    }, doubts  # fmt: skip


async def _lot_facts(connection: Connection, filing: Filing, lab: str, number: str) -> dict[str, Any]:
    name = filing.lab_name.strip() or await sql.party_name(connection, party=lab) or lab
    stated: dict[str, Any] = {"lot_no": filing.lot_no, "report_no": number, "lab": name, "quantity": filing.quantity}
    day = {} if filing.inspected_on is None else {"inspected_on": filing.inspected_on.isoformat()}
    return {**stated, **day, "grade": {**filing.grade, "scheme": filing.scheme}}


async def _ask_approval(connection: Connection, actor: Actor, filing: Filing, number: int, at: datetime) -> str:
    party = await association_of(connection, actor, filing.firm)
    asked = {"firm": filing.firm, "lot_no": filing.lot_no, "version": number, "quantity": filing.quantity}
    name = about(filing.firm, filing.lot_no, number)
    question = decisions.Question(Act.APPROVE_CERTIFICATE, name, party, filing.firm, asked)
    return await decisions.ask(connection, actor, question, at)


def _require_sound(filing: Filing, inspected: int | None) -> None:
    most = MOST if inspected is None else inspected
    if not 1 <= filing.quantity <= most:
        raise ProblemError(
            "unprocessable",
            f"证书数量超出批次 · quantity: expected 1 to the {most} pieces of the lot, got {filing.quantity}; "
            "correct it, or import the lot with its quantity",
            field="quantity",
        )
    if filing.valid_to is not None and filing.valid_to < filing.valid_from:
        raise ProblemError(
            "unprocessable",
            f"有效期不对 · valid_to: expected a day from {filing.valid_from} on, got {filing.valid_to}; correct it",
            field="valid_to",
        )
