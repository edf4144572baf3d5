"""Takes in the codes of a former platform that were staged: compared and written as a whole.

They are counted beside what this registry issued, never with it. A code that is built like one of this registry's own
issuers is refused: what such a serial says is told by its agent alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from central_registry.db import Connection, sql
from central_registry.former.bringing import Bringing
from central_registry.former.kept_rows import Key, known_keys
from central_registry.former.report import DIFFERS, NEW, REFUSED, SAME, SHOWN, Report

_KIND = "serial"
_FACTS = ("firm", "lot_no", "style_no", "label", "state")


async def take_serials(connection: Connection, firms: Collection[str], how: Bringing, report: Report) -> None:
    """Take in what was staged, unless a line of the file is refused, or differs and is not to be replaced."""
    await _refuse_wrong(connection, firms, report)
    if report.counts[_KIND, REFUSED]:
        dropped = await sql.drop_refused_serials(connection, firms=sorted(firms))
        report.counts[_KIND, REFUSED] = int(dropped.split()[-1])
    counted = await sql.former_counts(connection)
    report.took(_KIND, NEW, counted["new"])
    report.took(_KIND, SAME, counted["same"])
    await _tell_differing(connection, counted["all"] - counted["new"] - counted["same"], report)
    if report.all("refused") or (report.all(DIFFERS) and not how.replace):
        return
    if report.counts[_KIND, DIFFERS]:
        await sql.replace_former_serials(connection, import_id=how.import_id)
    added = await sql.add_former_serials(connection, import_id=how.import_id)
    elsewhere = counted["new"] - int(added.split()[-1])
    rows = [row async for row in sql.former_elsewhere(connection, most=SHOWN)] if elsewhere else []
    for row in rows:
        report.refuse(_KIND, row["line"], _ELSEWHERE.format(row["code"][:60]))
    report.took(_KIND, REFUSED, elsewhere - len(rows))
    report.took(_KIND, NEW, -elsewhere)


async def _refuse_wrong(connection: Connection, firms: Collection[str], report: Report) -> None:
    async for row in sql.former_twice(connection, most=SHOWN):
        report.refuse(_KIND, row["line"], _TWICE.format(row["first"]))
    async for row in sql.former_own(connection, most=SHOWN):
        report.refuse(_KIND, row["line"], _OWN.format(row["own"]))
    async for row in sql.former_differs(connection, moved=True, most=SHOWN):
        report.refuse(_KIND, row["line"], _MOVED.format(row["code"][:60]))
    named = [dict(row) async for row in sql.former_named(connection)]
    labels = {Key(row["firm"], "label", row["label"]) for row in named if row["label"]}
    known = await known_keys(connection, sorted(labels))
    for row in named:
        if row["firm"] not in firms:
            report.refuse(_KIND, row["line"], NO_FIRM.format(row["firm"][:40]), row["serials"])
        elif row["label"] and Key(row["firm"], "label", row["label"]) not in known:
            report.refuse(_KIND, row["line"], _NO_LABEL.format(row["label"][:40]), row["serials"])
    await _tell_lots(connection, named, report)


async def _tell_lots(connection: Connection, named: list[dict[str, Any]], report: Report) -> None:
    """Of no lot that is known here: they are taken in, and count against no certificate."""
    places = sorted({(row["firm"], row["lot_no"]) for row in named if row["lot_no"]})
    columns = {"firms": [firm for firm, _ in places], "lot_nos": [lot_no for _, lot_no in places]}
    here = {(row["firm"], row["lot_no"]) async for row in sql.lots_here(connection, **columns)}
    without = sum(row["serials"] for row in named if (row["firm"], row["lot_no"]) not in here)
    if without:
        report.notices.append(
            f"{without} 枚码没有本平台已知的批次，不计入任何证书数量 · {without} codes name no lot that is known "
            "here; they count against no certificate"
        )


async def _tell_differing(connection: Connection, count: int, report: Report) -> None:
    rows = [dict(row) async for row in sql.former_differs(connection, moved=False, most=SHOWN)] if count else []
    for row in rows:
        report.differ(_KIND, row["line"], row["code"], _differences(row))
    report.took(_KIND, DIFFERS, count - len(rows))


def _differences(row: Mapping[str, Any]) -> list[str]:
    changed = [name for name in _FACTS if row[f"old_{name}"] != row[name]]
    return [f"{name}: {row[f'old_{name}'] or '–'} → {row[name] or '–'}" for name in changed]


_TWICE = "同一码在文件里出现两次 · code: expected once in a file, got it again after line {}; leave one"
_OWN = (
    "与本平台自己的序列号相同 · code: expected one of the former platform, got {}, built like those of an issuer of "
    "this registry; leave it out"
)
_MOVED = "已属于另一家企业 · code: expected the firm that it was brought for, got another for {!r}; correct the line"
NO_FIRM = (
    "没有此企业 · firm: expected one in this file, or one that you admitted, got {!r}; add its line, or correct it"
)
_NO_LABEL = (
    "没有这份标签内容 · label: expected one in this file, or one that was brought before, got {!r}; add its line"
)
_ELSEWHERE = "已由另一协会导入 · code: expected one that nobody else brought, got {!r}; ask the operator whose it is"
