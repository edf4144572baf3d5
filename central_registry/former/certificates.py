"""Takes in certificates of a former platform: versions in the state `imported`, which let nothing be ordered here.

What a former platform approved was approved by nobody of this one. So an imported version is shown and compared with
nothing; whoever wants codes for its lot files it here, which the form begins with its words, and a second person
approves it. The report behind it is a report: its number stands behind no other lot.
"""

from __future__ import annotations

from central_registry.db import Connection, sql
from central_registry.former.bringing import Bringing
from central_registry.former.goods import SOURCE
from central_registry.former.kept_rows import Change, Key, changes, keep
from central_registry.former.lines import Certificate, Line
from central_registry.former.report import Report
from central_registry.goods.certificates import State
from central_registry.goods.certify import content_of
from central_registry.goods.reports import report_in
from central_registry.problems import ProblemError


async def take_certificates(
    connection: Connection, lines: list[Line[Certificate]], how: Bringing, report: Report
) -> None:
    """Add a version for each that is new, or differs and is to be replaced; none that stands is changed."""
    placed = [(Key(line.row.firm, "certificate", line.row.number), line) for line in lines]
    for change in await changes(connection, placed, report):
        if change.old is None or how.replace:
            try:
                await _take(connection, change, how)
            except ProblemError as cause:
                report.refuse("certificate", change.line.number, str(cause))


async def _take(connection: Connection, change: Change[Certificate], how: Bringing) -> None:
    """Raises ProblemError, before anything is written but its report."""
    row = change.line.row
    await report_in(connection, how.actor, row.report(), None, how.at)
    content, _ = await content_of(connection, how.actor, row.filing(), how.at, SOURCE)
    place = {"firm": row.firm, "lot_no": row.lot_no}
    version = await sql.add_former_certificate(connection, **place, **content)
    await sql.add_certificate_move(
        connection, **place, version=version, state=State.IMPORTED, reason=f"{how.platform} {row.number}",
        provisional=False, at=how.at, person=how.actor.person,
    )  # fmt: skip
    await keep(connection, [(change.key, change.line.body)], how.import_id)
