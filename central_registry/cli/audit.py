"""`central-registry audit …`: what people did, and whether the record of it is whole."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated

import typer

from central_registry import db
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    Who,
    run_as,
    run_on,
    show,
)
from central_registry.lists import MOST_ROWS, Ask
from central_registry.parties.audit_trail import Walked, as_csv, list_audit, verify, walk
from central_registry.problems import RefusedError

_EYES = {"off": " [单人 four eyes off]", "one_hand": " [口令是对方给的 one hand]"}
_BEIJING = timezone(timedelta(hours=8))

audit_app = typer.Typer(help="操作记录 · What people did", no_args_is_help=True)


@audit_app.command("list")
def audit_list(
    act: Annotated[str, typer.Option("--act", metavar="ACT", help="只看这种操作 · this act only")] = "",
    concerns: Annotated[str, typer.Option("--concerns", metavar="USCC", help="只看涉及它的 · about this party")] = "",
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="从哪天起，如 2026-12-01 · from this day")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="到哪天止，含当天 · to this day")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", metavar="F", help="写入文件 · write to a file")] = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出操作记录，新的在前；日期、时间都是北京时间 · What was done, the newest first; days and times are Beijing's.

    Example: central-registry audit list --since 2026-12-01 --csv audit.csv --as zhang
    """
    asked = Ask(filters={"act": act, "concerns": concerns, "since": since, "until": until}, rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: list_audit(pool, actor, asked))
    if csv is not None:
        csv.write_text(as_csv(found.rows), encoding="utf-8-sig", newline="")
    lines = [
        f"{row['n']:>7} {row['at'].astimezone(_BEIJING):%Y-%m-%d %H:%M} +08:00 {row['name'] or row['person']} "
        f"({row['how']}) {row['act']} {row['about']} {row['detail']}"
        f"{_EYES.get(row['four_eyes'], '')}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines))


@audit_app.command("verify")
def audit_verify(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """校验整条记录链，有改动、缺失即报错 · Walk the chain; what was altered or is missing is an error.

    抄下末尾的哈希，另处保存：能改数据库的人也能改它 · Keep the end elsewhere: who writes the database can write it.

    Example: central-registry audit verify --config registry.toml

    Example: central-registry audit verify --as zhang
    """

    async def walked(pool: db.Pool) -> Walked:
        async with pool.acquire() as connection:
            return await walk(connection)

    if as_login is None:
        found: Walked = run_on(dsn, config, walked)
    else:
        found = run_as(dsn, config, Who(as_login, code), verify)
    if found.flaw is not None:
        raise RefusedError(f"操作记录被改动 · audit: {found.flaw}; keep the database as it is and ask who has its DSN")
    own = "" if found.own is None else f"（您看得到 yours: {found.own}）"
    show(asdict(found), as_json, f"完好 whole: {found.rows} rows{own}, 末尾 end {found.end}")
