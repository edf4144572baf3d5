"""`central-registry alarms …`: what somebody has to look at; taken, answered, closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

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
from central_registry.lists import MOST_ROWS, Ask
from central_registry.oversight import alarm_work

alarms_app = typer.Typer(help="警报 · What somebody has to look at", no_args_is_help=True)

_Step = Callable[..., Awaitable[None]]
AgentArgument = Annotated[str, typer.Argument(metavar="AGENT", help="打印端，* 为平台 · '*': the registry")]
AlarmArgument = Annotated[str, typer.Argument(metavar="ID", help="见 alarms list · see alarms list")]


@alarms_app.command("list")
def alarms_list(
    state: Annotated[str, typer.Option("--state", help="open, taken, answered, closed, standing")] = "standing",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出警报 · Alarms that your party sees.

    Example: central-registry alarms list --as zhang
    """
    asked = Ask(filters={"state": state}, rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: alarm_work.list_alarms(pool, actor, asked))
    lines = [
        f"{row['agent']} {row['id']} {row['state']:8} ×{row['times']} {row['kind']}: {row['detail'][:160]}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有警报 no alarms")


def _work(step: _Step, which: tuple[Any, ...], who: Who, place: tuple[str | None, Path | None], as_json: bool) -> None:
    run_as(*place, who, lambda pool, actor: step(pool, actor, *which, db.now()))
    show({"agent": which[0], "alarm": which[1]}, as_json, f"已办 done: {which[0]} {which[1]}")


@alarms_app.command("take")
def alarms_take(
    agent: AgentArgument,
    alarm: AlarmArgument,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """接手 · It is your work from now on.

    Example: central-registry alarms take line-1 0f3a --as zhang
    """
    _work(alarm_work.take, (agent, alarm), Who(as_login, code), (dsn, config), as_json)


@alarms_app.command("answer")
def alarms_answer(
    agent: AgentArgument,
    alarm: AlarmArgument,
    said: Annotated[str, typer.Option("--said", metavar="TEXT", help="查到什么、做了什么 · what you found")],
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """答复 · Say what was found and done.

    Example: central-registry alarms answer line-1 0f3a --said "多余一张已找到并销毁" --as wang
    """
    _work(alarm_work.answer, (agent, alarm, said), Who(as_login, code), (dsn, config), as_json)


@alarms_app.command("close")
def alarms_close(
    agent: AgentArgument,
    alarm: AlarmArgument,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """关闭：答复过的才能关 · Close it, once it was answered.

    Example: central-registry alarms close line-1 0f3a --as zhang
    """
    _work(alarm_work.close, (agent, alarm), Who(as_login, code), (dsn, config), as_json)
