"""`central-registry told …`: what was told after a revocation; two machines of one identity; an exported ledger."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from central_registry import db
from central_registry.agents.clones import decide_clone, list_clones
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    ReasonOption,
    Who,
    read_file,
    run_as,
    show,
)
from central_registry.lists import MOST_ROWS, Ask
from central_registry.oversight import handed_in, told_after

told_app = typer.Typer(help="停用后上报、同名打印端 · Told after a revocation; two machines", no_args_is_help=True)


@told_app.command("list")
def told_list(
    state: Annotated[str, typer.Option("--state", help="open, admitted, rejected")] = "open",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出停用后上报的标签 · Windows of labels that were told after a revocation.

    Example: central-registry told list --as lina
    """
    asked = Ask(filters={"state": state}, rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: told_after.list_told(pool, actor, asked))
    lines = [
        f"{row['agent']} {row['window_id']} {row['firm_name']} {row['lot_no'] or ''} {row['labels']} ({row['why']})"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有 none")


@told_app.command("decide")
def told_decide(
    agent: str,
    admitted: Annotated[bool, typer.Option("--admit/--reject", help="认可或不认可 · they count, or do not")],
    reason: ReasonOption,
    window: Annotated[
        str | None, typer.Option("--window", metavar="ID", help="哪一批，缺省为全部未裁定 · default: all that wait")
    ] = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """裁定停用后上报的标签 · Admit or reject what an agent told after its revocation.

    Example: central-registry told decide line-1 --admit --reason "机器找到，标签清点无误" --as lina
    """
    done = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: told_after.admit(pool, actor, agent, window, admitted, reason, db.now()),
    )
    show(asdict(done), as_json, f"已裁定 decided: {done.windows} windows, {done.labels} labels")


@told_app.command("hand-in")
def told_hand_in(
    agent: str,
    file: Path,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """提交打印端导出的账本 · Hand in a ledger that its agent exported.

    Example: central-registry told hand-in line-1 ledger.jsonl --as lina
    """
    text = read_file(file)
    done = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: handed_in.hand_in(pool, actor, agent, text, db.now())
    )
    show(done, as_json, ", ".join(f"{name} {count}" for name, count in done.items()))


@told_app.command("clones")
def told_clones(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出两台同名打印端 · Questions about two machines of one identity.

    Example: central-registry told clones --as it-1
    """
    asked = Ask(rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: list_clones(pool, actor, asked))
    lines = [f"{row['decision']} {row['asked']}" for row in found.rows]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有 none")


@told_app.command("which")
def told_which(
    decision: str,
    newcomer: Annotated[bool, typer.Option("--newcomer/--living", help="新来的或原来的继续 · which goes on")],
    reason: ReasonOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """裁定哪一台继续，得到它的一次性口令 · Say which machine goes on; its one-time token, shown once.

    Example: central-registry told which 0f3a --living --reason "旧机仍在产线" --as it-1
    """
    token = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: decide_clone(pool, actor, decision, newcomer, reason, db.now()),
    )
    show({"token": token}, as_json, f"一次性口令 one-time token (只显示一次 shown once): {token}")
