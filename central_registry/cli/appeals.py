"""`central-registry parties appeal` and `answer`: what a party says against its status, and what it is told."""

from __future__ import annotations

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
from central_registry.parties import appeals

SaidOption = Annotated[str, typer.Option("--said", metavar="TEXT", help="要说的话 · in words")]


def parties_appeal(
    event: Annotated[int, typer.Argument(metavar="N", help="状态历史的第几条 · which event; see parties show")],
    said: SaidOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """对本单位的状态申诉 · Appeal against an event of your own party's status.

    Example: central-registry parties appeal 3 --said "已整改，附复检报告" --as wang
    """
    done = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: appeals.appeal(pool, actor, event, said, db.now())
    )
    show({"decision": done}, as_json, f"已申诉，等答复 appealed: {done}")


def parties_answer(
    decision: str,
    said: SaidOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """答复申诉 · Answer an appeal; the status is not changed by it.

    Example: central-registry parties answer d0123456789abcdef --said "维持，复检后再议" --as lina
    """
    run_as(dsn, config, Who(as_login, code), lambda pool, actor: appeals.answer(pool, actor, decision, said, db.now()))
    show({"decision": decision}, as_json, f"已答复 answered: {decision}")
