"""`central-registry cases …`: complaints of consumers, listed, read, worked on."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from central_registry import db
from central_registry.cases import work
from central_registry.cases.numbers import shown_number
from central_registry.cases.page import STATES
from central_registry.cases.steps import CaseState, Step
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
from central_registry.lists import MOST_ROWS, Ask

cases_app = typer.Typer(help="投诉 · Complaints of consumers", no_args_is_help=True)
SaidOption = Annotated[str, typer.Option("--said", metavar="TEXT", help="内容 · what is said")]


@cases_app.command("list")
def cases_list(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出投诉，最急的在前 · Complaints, the most urgent first.

    Example: central-registry cases list --as zhang
    """
    asked = Ask(rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: work.list_cases(pool, actor, asked, db.now()))
    lines = [
        f"{shown_number(row['complaint'])}  {STATES[CaseState(row['state'])][0]}  {row['firm_name']}  "
        f"{row['lot_no'] or row['style_no'] or row['serial']}  {row['days']} 天 d{'  超期 late' if row['late'] else ''}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有投诉 no complaints")


@cases_app.command("show")
def cases_show(
    complaint: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """一件投诉的内容和经过 · One complaint, and what was done.

    Example: central-registry cases show 12043387 --as zhang
    """
    found = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: work.show_case(pool, actor, complaint, db.now())
    )
    lines = [f"{shown_number(complaint)}  {STATES[CaseState(found['state'])][0]}  {found['words']}"]
    lines += [f"{one['at']:%Y-%m-%d %H:%M}  {one['step']}  {one['who']}  {one['said']}" for one in found["steps"]]
    show(found, as_json, "\n".join(lines))


@cases_app.command("step")
def cases_step(
    complaint: str,
    step: Literal["take", "note", "ask_firm", "answer", "close"],
    said: SaidOption = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """办理投诉：接办、记录、请企业说明、答复、办结 · Handle a complaint.

    Example: central-registry cases step 12043387 answer --said 已复检，结果相符 --as zhang
    """
    _taken(complaint, Step(step), said, Who(as_login, code), dsn, config, as_json=as_json)


@cases_app.command("say")
def cases_say(
    complaint: str,
    said: SaidOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """企业对投诉作说明 · A firm explains itself, once it was asked.

    Example: central-registry cases say 12043387 --said 正在复检 --as li
    """
    _taken(complaint, Step.FIRM_SAYS, said, Who(as_login, code), dsn, config, as_json=as_json)


def _taken(
    complaint: str, step: Step, said: str, who: Who, dsn: DsnOption, config: ConfigOption, *, as_json: bool
) -> None:
    done = run_as(dsn, config, who, lambda pool, actor: work.step(pool, actor, complaint, step, said, db.now()))
    show(done, as_json, f"{shown_number(complaint)}: {STATES[CaseState(done['state'])][0]} {done['state']}")
