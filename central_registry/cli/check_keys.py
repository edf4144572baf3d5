"""`central-registry check-key`: the master secrets of check codes, by name. Secrets are never shown."""

from __future__ import annotations

import typer

from central_registry import db
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    Who,
    run_changing,
    run_on,
    show,
)
from central_registry.distribution import check_keys
from central_registry.parties.acts import Act
from central_registry.parties.deeds import Deed

check_key_app = typer.Typer(help="防伪码密钥 · The keys of check codes", no_args_is_help=True)


@check_key_app.command("rotate")
def rotate(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """更换密钥 · A new key for labels to come; those already printed stay checkable.

    Example: central-registry check-key rotate
    """
    deed = Deed(Act.ROTATE_CHECK_KEY, "check-key")
    key_id = run_changing(dsn, config, Who(as_login, code), deed, lambda pool: check_keys.rotate(pool, db.now()))
    words = "打印端十分钟内取得，已有任务仍用旧密钥 agents fetch it within ten minutes; open jobs keep theirs"
    show({"key_id": key_id}, as_json, f"新密钥 new key {key_id}；{words}")


@check_key_app.command("list")
def list_all(dsn: DsnOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出密钥 · Names and ages, never the secrets.

    Example: central-registry check-key list
    """
    rows = run_on(dsn, config, check_keys.list_keys)
    lines = [f"{row['key_id']}  {row['made_at']}{'  现用 current' if row['current'] else ''}" for row in rows]
    show(
        rows,
        as_json,
        "\n".join(lines) or "还没有密钥，第一个打印端来取时建立 no key yet; the first agent that asks has one made",
    )
