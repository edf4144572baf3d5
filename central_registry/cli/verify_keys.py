"""`central-registry verify-keys …`: keys by which marketplaces ask what is known of codes."""

from __future__ import annotations

from dataclasses import asdict
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
    show,
)
from central_registry.exchange import keys
from central_registry.lists import MOST_ROWS, Ask

verify_keys_app = typer.Typer(help="核验密钥 · Keys of marketplaces to verify codes", no_args_is_help=True)


@verify_keys_app.command("list")
def verify_keys_list(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出核验密钥 · Keys that were given; never their secrets.

    Example: central-registry verify-keys list --as zhang
    """
    asked = Ask(rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: keys.list_keys(pool, actor, asked))
    lines = [
        f"{row['verify_key']}  {row['party_name']}  {'+'.join(row['rights'])}  {row['per_minute']}/min"
        f"  至 until {row['ends_at']:%Y-%m-%d}"
        f"{'  已停用 ended' if row['ended_at'] else ''}  {row['note']}".rstrip()
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有核验密钥 no keys")


@verify_keys_app.command("give")
def verify_keys_give(
    party: Annotated[str, typer.Argument(metavar="USCC", help="平台、企业或监管单位 · who gets it")],
    days: Annotated[int, typer.Option("--days", help="有效天数 · days until it ends")] = 365,
    per_minute: Annotated[int, typer.Option("--per-minute", help="每分钟几个码 · codes a minute")] = 6_000,
    right: Annotated[
        list[keys.Right] | None,
        typer.Option("--right", help="权限，可多次，默认核验 · what it opens; verify if none is named"),
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="备注 · what it is for")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """发放核验密钥，只显示这一次 · Give a key; it is shown this once.

    Example: central-registry verify-keys give 91330482MA0000003X --days 365 --as zhang
    """
    made = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: keys.make(
            pool,
            actor,
            party,
            db.now(),
            days=days,
            per_minute=per_minute,
            note=note,
            rights=dict.fromkeys(right or [keys.Right.VERIFY]),
        ),
    )
    show(
        asdict(made), as_json, f"密钥 key {made.key}（只显示这一次 shown this once），至 until {made.ends_at:%Y-%m-%d}"
    )


@verify_keys_app.command("end")
def verify_keys_end(
    verify_key: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """停用一把密钥 · End a key at once.

    Example: central-registry verify-keys end 0f3a5c7e9b1d --as zhang
    """
    done = run_as(dsn, config, Who(as_login, code), lambda pool, actor: keys.end(pool, actor, verify_key, db.now()))
    show(done, as_json, f"已停用 ended: {done['verify_key']}")
