"""`central-registry webhooks …`: addresses that are told of stops and alarms."""

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
from central_registry.exchange import webhooks
from central_registry.lists import MOST_ROWS, Ask

webhooks_app = typer.Typer(help="推送地址 · Addresses that are told of stops and alarms", no_args_is_help=True)


@webhooks_app.command("list")
def webhooks_list(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出推送地址 · Addresses, and what waits for them; never their secrets.

    Example: central-registry webhooks list --as zhang
    """
    asked = Ask(rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: webhooks.list_webhooks(pool, actor, asked))
    lines = [
        f"{row['webhook']}  {row['url']}  已到 arrived {row['arrived']}  等待 waiting {row['waiting']}  "
        f"放弃 given up {row['given_up']}{'  已停用 ended' if row['ended_at'] else ''}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有推送地址 no addresses")


@webhooks_app.command("add")
def webhooks_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="接收地址，https · where to send")],
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """新增推送地址，密文只显示这一次 · Have an address told; its secret is shown this once.

    Example: central-registry webhooks add https://shop.example.cn/hooks --as zhang
    """
    added = run_as(dsn, config, Who(as_login, code), lambda pool, actor: webhooks.add(pool, actor, url, db.now()))
    show(asdict(added), as_json, f"{added.webhook}  签名密文 secret {added.secret}（只显示这一次 shown this once）")


@webhooks_app.command("end")
def webhooks_end(
    webhook: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """停用推送地址 · Tell an address nothing more.

    Example: central-registry webhooks end 0f3a5c7e9b1d --as zhang
    """
    done = run_as(dsn, config, Who(as_login, code), lambda pool, actor: webhooks.end(pool, actor, webhook, db.now()))
    show(done, as_json, f"已停用 ended: {done['webhook']} {done['url']}")


@webhooks_app.command("again")
def webhooks_again(
    message: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """重发一条消息 · Send a message again, under its own name.

    Example: central-registry webhooks again msg_0f3a5c7e9b1d --as zhang
    """
    done = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: webhooks.send_again(pool, actor, message, db.now())
    )
    show(done, as_json, f"将重发 will be sent again: {done['kind']} {done['line']}")
