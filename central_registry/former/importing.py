"""Lets an association bring what it had on its former platform: a preview first, which keeps nothing.

A file is one transaction: all of it, or nothing. Half a platform could be told from a whole one by nobody, and a second
run of the same file changes nothing, so the whole is simply sent again once its lines are right. The preview does the
same work and undoes it, so it says what the import would say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.distribution.items import lock
from central_registry.former.bringing import Bringing
from central_registry.former.certificates import take_certificates
from central_registry.former.firms import firms_taken, take_firms
from central_registry.former.gather import gather
from central_registry.former.goods import take_goods, take_labels
from central_registry.former.lines import Certificate, Goods, Label, Line
from central_registry.former.report import DIFFERS, NEW, REFUSED, Report
from central_registry.former.serials import NO_FIRM, take_serials
from central_registry.former.source import Source
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act, require
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, fence
from central_registry.problems import ProblemError

_Row = TypeVar("_Row", Goods, Certificate, Label)
_TOLD = 12
"""Lines that a refusal names in its sentence."""


class _UndoneError(Exception):
    """Ends the transaction of a preview; nobody else sees it."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


async def preview_former(pool: Pool, actor: Actor, source: Source, at: datetime, *, replace: bool = False) -> Report:
    """What an import would do, to its last line; nothing of it is kept. Raises ProblemError (403)."""
    require(actor, Act.IMPORT_FORMER)

    async def work(connection: Connection) -> None:
        await fence(connection, actor)
        report, _ = await _bring(connection, actor, source, at, replace)
        raise _UndoneError(report)

    try:
        await in_transaction(pool, work)
    except _UndoneError as undone:
        return undone.report
    raise AssertionError("unreachable")


async def import_former(pool: Pool, actor: Actor, source: Source, at: datetime, *, replace: bool = False) -> Report:
    """Take in all of a file; what it came to. The same file again changes nothing.

    Raises:
        ProblemError: 403; 422 for lines that cannot be taken, each with its number and reason (`lines`); 409 for lines
            that say something else than what was brought, and not `replace`. Nothing was changed then.
    """

    async def work(connection: Connection) -> tuple[Report, Entry]:
        report, how = await _bring(connection, actor, source, at, replace)
        _require_taken(report, replace)
        if report.all(NEW) or report.all(DIFFERS):
            await sql.add_former_import(
                connection, import_id=how.import_id, association=actor.party, platform=how.platform,
                exported_on=report.exported_on, sha256=how.sha256, lines=report.lines,
                told=json.dumps(report.as_json()["counts"]), at=at, person=actor.person,
            )  # fmt: skip
        detail = f"sha256 {how.sha256}: {report.words}" + (", replace" if replace else "")
        return report, Entry("import_former", how.platform, detail, actor.party)

    return await acting(pool, actor, Act.IMPORT_FORMER, work, at)


async def _bring(
    connection: Connection, actor: Actor, source: Source, at: datetime, replace: bool
) -> tuple[Report, Bringing]:
    found = await gather(connection, source)
    report = found.report
    if not report.lines:
        report.refuse("line", 1, "文件是空的 · file: expected lines of the form, got none; see docs")
    how = Bringing(actor, at, report.platform, report.sha256, replace)
    await lock(connection)
    await take_firms(connection, found.firms, how, report)
    named = {line.row.firm for line in found.goods} | {line.row.firm for line in found.labels}
    named |= {line.row.firm for line in found.certificates}
    named |= {row["firm"] async for row in sql.former_named(connection)}
    firms = await firms_taken(connection, how, named)
    await take_goods(connection, _of(firms, found.goods, report), how, report)
    await take_labels(connection, _of(firms, found.labels, report), how, report)
    await take_certificates(connection, _of(firms, found.certificates, report), how, report)
    await take_serials(connection, firms, how, report)
    return report, how


def _of(firms: set[str], lines: Sequence[Line[_Row]], report: Report) -> list[Line[_Row]]:
    """The lines of firms that are here; the others are refused."""
    for line in lines:
        if line.body["firm"] not in firms:
            report.refuse(str(line.body["kind"]), line.number, NO_FIRM.format(str(line.body["firm"])[:40]))
    return [line for line in lines if line.body["firm"] in firms]


def _require_taken(report: Report, replace: bool) -> None:
    refused, differing = report.all(REFUSED), report.all(DIFFERS)
    told: dict[str, Any] = {name: report.as_json()[name] for name in ("counts", "refused", "differs")}
    if refused:
        lines = "; ".join(f"line {line}: {reason}" for line, reason in sorted(report.refused)[:_TOLD])
        raise ProblemError(
            "unprocessable",
            f"{refused} 行不能导入，全部没有导入 · import: expected every line to be taken, got {refused} that "
            f"cannot be; nothing was changed: {lines}",
            **told,
        )
    if differing and not replace:
        lines = "; ".join(f"line {line}: {what}, {said}" for line, what, said in report.differs[:_TOLD])
        raise ProblemError(
            "refused",
            f"{differing} 行与已导入的不同，没有改动 · import: expected what was brought before, got something "
            f"else; nothing was changed, correct the file or import it with “replace”: {lines}",
            **told,
        )
