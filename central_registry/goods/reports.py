"""Takes in samples and the reports of labs.

One report stands behind one lot: the same number on another lot, or for more pieces than it covers, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.distribution.items import MOST
from central_registry.goods.kept_files import KeptFile, keep
from central_registry.goods.reach import require_works_for, unknown
from central_registry.parties.actor import UNASSIGNED, Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError
from label_protocol.plain import plain

_TEXT_MOST = 200
_FIRST_YEAR = 2000
_CHINA = timezone(timedelta(hours=8))
"""A report of this morning has a day that UTC has not."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`pieces` of a firm's lot, drawn for inspection by whom, where and when; `lab`: where they went."""

    firm: str
    lot_no: str
    sample_no: str
    pieces: int
    drawn_on: date
    drawn_by: str
    place: str = ""
    lab: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`lab`: a party, or the name as printed; `covers`: for how many pieces it speaks, None if it does not say."""

    firm: str
    lot_no: str
    lab: str
    report_no: str
    issued_on: date
    covers: int | None = None
    sample_no: str = ""


async def draw_sample(pool: Pool, actor: Actor, sample: Sample, at: datetime) -> dict[str, Any]:
    """Record a sample of a firm's lot.

    Raises:
        ProblemError: 403; 404 for a lot that is not theirs to see; 409 for a number that is taken by another sample;
            422 for a number out of bounds or a day to come.
    """
    _require_count("件数 pieces", sample.pieces, 1)
    _require_past("抽样日期 drawn_on", sample.drawn_on, at)
    facts = {
        "sample_no": named("样品编号 sample_no", sample.sample_no),
        "drawn_by": named("抽样人 drawn_by", sample.drawn_by),
    }

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        await require_lot(connection, actor, sample.firm, sample.lot_no)
        lab = await lab_named(connection, actor, sample.lab) if sample.lab.strip() else ""
        row = {
            "lot_no": sample.lot_no,
            "pieces": sample.pieces,
            "drawn_on": sample.drawn_on,
            "place": sample.place[:_TEXT_MOST],
        }
        new = await sql.add_sample(connection, firm=sample.firm, lab=lab, at=at, person=actor.person, **facts, **row)
        if new is None:
            raise ProblemError(
                "refused",
                f"样品编号已用 · sample {facts['sample_no']}: expected a new number, got one that is taken; correct it",
                field="sample_no",
            )
        return {**facts, "lab": lab}, Entry(
            "draw_sample", f"{sample.lot_no} {facts['sample_no']}", f"{sample.pieces}", sample.firm
        )

    return await acting(pool, actor, Act.DRAW_SAMPLE, work, at)


async def file_report(pool: Pool, actor: Actor, report: Report, file: KeptFile | None, at: datetime) -> dict[str, Any]:
    """File a lab's report behind one lot, with its file if there is one: `{lab, report_no, file_hash}`. The same once
    more changes nothing; a file may be added to one that was filed without.

    Raises:
        ProblemError: 403; 404 for a lot that is not theirs; 409 `report_reused`; 422 for what cannot be.
    """

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        return await report_in(connection, actor, report, file, at)

    return await acting(pool, actor, Act.FILE_REPORT, work, at)


async def report_in(
    connection: Connection, actor: Actor, report: Report, file: KeptFile | None, at: datetime
) -> tuple[dict[str, Any], Entry]:
    """As `file_report`, within a transaction of the caller's, who asked whether the actor may."""
    number = named("报告编号 report_no", report.report_no)
    _require_past("签发日期 issued_on", report.issued_on, at)
    if report.covers is not None:
        _require_count("覆盖件数 covers", report.covers, 1)
    await require_lot(connection, actor, report.firm, report.lot_no)
    lab = await lab_named(connection, actor, report.lab)
    digest = None if file is None else await keep(connection, actor, file, at)
    row = {
        "firm": report.firm, "lot_no": report.lot_no, "sample_no": report.sample_no, "covers": report.covers,
        "issued_on": report.issued_on, "file_hash": digest,
    }  # fmt: skip
    await sql.add_report(connection, lab=lab, report_no=number, filed_by=actor.party, at=at, person=actor.person, **row)
    await _require_same(connection, lab, number, row)
    if digest is not None:
        await sql.add_report_file(connection, lab=lab, report_no=number, file_hash=digest)
    told = {"lab": lab, "report_no": number, "file_hash": digest}
    return told, Entry("file_report", f"{lab} {number}", f"lot {report.lot_no}, {digest or '-'}", report.firm)


async def require_report(
    connection: Connection, firm: str, lot_no: str, lab: str, report_no: str, quantity: int
) -> None:
    """Raises ProblemError (409): no such report, one of another lot, or one that covers fewer pieces."""
    row = await sql.report(connection, lab=lab, report_no=report_no)
    if row is None:
        raise ProblemError(
            "refused",
            f"没有登记这份报告 · report {report_no[:60]} of {lab[:60]}: expected one that was filed for lot "
            f"{lot_no}, got none; file it first",
            field="report_no",
        )
    if (row["firm"], row["lot_no"]) != (firm, lot_no):
        raise _reused(report_no, f"lot {lot_no}", "another lot")
    if row["covers"] is not None and quantity > row["covers"]:
        raise _reused(report_no, f"at most the {row['covers']} pieces that it covers", f"{quantity}")


async def require_lot(connection: Connection, actor: Actor, firm: str, lot_no: str) -> Mapping[str, Any]:
    """The lot, of a firm that the actor works for. Raises ProblemError (404; 409 while it belongs to no firm)."""
    await require_works_for(connection, actor, firm)
    if firm == UNASSIGNED:
        raise ProblemError(
            "refused",
            f"批次还没有归属企业 · lot {lot_no}: expected one of a firm, got one that is unassigned; assign it first",
        )
    row: Mapping[str, Any] | None = await sql.lot(connection, firm=firm, lot_no=lot_no)
    if row is None:
        raise unknown("批次 · lot", lot_no)
    return row


async def lab_named(connection: Connection, actor: Actor, lab: str) -> str:
    """The lab as it is kept: the actor's own if they are one, a party by its code or name, else the name as printed."""
    if actor.kind is PartyKind.LAB:
        return actor.party
    name = named("检验机构 lab", lab)
    found = await sql.lab_of_name(connection, name=name)
    return str(found or name)


def named(what: str, text: str) -> str:
    """A number or name in the form in which words are compared, so that it is one however it was typed.

    Raises:
        ProblemError: 422; nothing, or too long.
    """
    found = plain(text)
    if not 0 < len(found) <= _TEXT_MOST or "\0" in found:
        raise ProblemError(
            "unprocessable",
            f"{what}: expected 1 to {_TEXT_MOST} characters, got {len(found)}; fill it in",
            field=_field(what),
        )
    return found


async def _require_same(connection: Connection, lab: str, number: str, row: Mapping[str, Any]) -> None:
    """What stands there now is what was to be filed; else another report has the number."""
    found = await sql.report(connection, lab=lab, report_no=number)
    if found is None or (found["firm"], found["lot_no"]) != (row["firm"], row["lot_no"]):
        raise _reused(number, f"lot {row['lot_no']}", "another lot")
    facts = ("covers", "issued_on", "sample_no")
    if any(found[name] != row[name] for name in facts) or (
        row["file_hash"] and found["file_hash"] not in {None, row["file_hash"]}
    ):
        raise ProblemError(
            "refused",
            f"报告已登记，内容不同 · report {number}: expected what is filed already "
            f"({', '.join(str(found[name]) for name in facts)}), got something else; a corrected report "
            "has its own number",
            field="report_no",
        )


def _reused(report_no: str, expected: str, got: str) -> ProblemError:
    return ProblemError(
        "refused",
        f"一份报告只对应一个批次 · report {report_no[:60]}: expected {expected}, got {got}; have the lab issue another",
        rule="report_reused",
        field="report_no",
    )


def _require_count(what: str, count: int, least: int) -> None:
    if not least <= count <= MOST:
        raise ProblemError(
            "unprocessable", f"{what}: expected {least} to {MOST}, got {count}; correct it", field=_field(what)
        )


def _require_past(what: str, day: date, at: datetime) -> None:
    if day.year < _FIRST_YEAR or day > at.astimezone(_CHINA).date():
        raise ProblemError(
            "unprocessable",
            f"{what}: expected a day up to today from {_FIRST_YEAR} on, got {day}; correct it",
            field=_field(what),
        )


def _field(what: str) -> str:
    """`抽样人 drawn_by` is of the field drawn_by."""
    return what.rpartition(" ")[2]
