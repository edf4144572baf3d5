"""Takes in the firms of a former platform: admitted as they stood there, by the association that brings them.

A firm that is here already stays as it is; one that another association admitted is not taken over by a file. A status
is set here once, with the firm; every later change of it is a person's, with reason and second person. So it is with
what consumers read of a firm: its name and its telephone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central_registry.db import Connection, sql
from central_registry.former.bringing import Bringing
from central_registry.former.kept_rows import Change, Key, changes, keep
from central_registry.former.lines import Firm, Line
from central_registry.former.report import Report
from central_registry.parties.actor import PartyKind
from central_registry.parties.admission import NewParty, firm_code, put_party


async def take_firms(connection: Connection, firms: list[Line[Firm]], how: Bringing, report: Report) -> None:
    """Admit those that are new; with `replace`, change the address of those that differ."""
    placed = [(Key(line.row.uscc, "firm", ""), line) for line in firms]
    here = {row["party"]: row async for row in sql.firms_here(
        connection, association=how.actor.party, parties=[key.firm for key, _ in placed])}  # fmt: skip
    sound = []
    for key, line in placed:
        found = here.get(key.firm)
        if found is None or (found["member"] and found["kind"] == PartyKind.FIRM):
            sound.append((key, line))
        else:
            report.refuse("firm", line.number, _not_ours(key.firm, found["kind"]))
    for change in await changes(connection, sound, report):
        if change.old is None or how.replace:
            await _take(connection, change, how, report, known=change.key.firm in here)


async def _take(connection: Connection, change: Change[Firm], how: Bringing, report: Report, *, known: bool) -> None:
    row = change.line.row
    if change.old is not None and (flaw := _not_by_one(change.old, row)):
        report.refuse("firm", change.line.number, flaw)
        return
    if not known:
        await _admit(connection, row, how)
    elif change.old is not None:
        here = await sql.party_row(connection, party=row.uscc)
        kept = {name: here[name] for name in ("name", "short_name", "contact")}
        await sql.set_particulars(connection, party=row.uscc, address=row.address.strip(), **kept)
    await keep(connection, [(change.key, change.line.body)], how.import_id)


def _not_by_one(old: Mapping[str, Any], row: Firm) -> str:
    """Why a row that was brought before cannot be changed by a file; "" where it can."""
    if old.get("status", "active") != row.status:
        return _STATUS
    shown = {"name": row.name, "short_name": row.short_name, "contact": row.contact}
    return _SHOWN if any(old.get(name, "") != text for name, text in shown.items()) else ""


async def _admit(connection: Connection, row: Firm, how: Bringing) -> None:
    why = f"由原平台“{how.platform}”导入 imported from the former platform"
    new = NewParty(
        PartyKind.FIRM, row.uscc, row.name, short_name=row.short_name, address=row.address, contact=row.contact,
        reason=f"{why}：{row.status_reason}" if row.status_reason else why, status=row.status,
    )  # fmt: skip
    await put_party(connection, row.uscc, new, how.actor, how.at)
    await sql.add_member(connection, association=how.actor.party, party=row.uscc, at=how.at, person=how.actor.person)
    await firm_code(connection, row.uscc)


async def firms_taken(connection: Connection, how: Bringing, named: set[str]) -> set[str]:
    """Those of the firms that this association works for, once the file's own are in."""
    rows = sql.firms_here(connection, association=how.actor.party, parties=sorted(named))
    return {row["party"] async for row in rows if row["member"] and row["kind"] == PartyKind.FIRM}


def _not_ours(firm: str, kind: str) -> str:
    return (
        f"不是本协会准入的企业 · uscc {firm}: expected a firm that is new or that you admitted, got a {kind} that is "
        "here already; admit it on the console first"
    )


_SHOWN = (
    "名称、简称、电话不随导入改变 · name, short_name, contact: expected those that were brought before, got others; "
    "consumers read them, so the firm asks and a second person agrees"
)
_STATUS = (
    "主体状态不随导入改变 · status: expected the one that was brought before, got another; set it on the console, with "
    "its reason"
)
