"""`central-registry agents …`: who may issue labels."""

from __future__ import annotations

from functools import partial

import typer

from central_registry import db
from central_registry.agents import enrolment
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
from central_registry.parties.acts import Act
from central_registry.parties.deeds import Deed

agents_app = typer.Typer(help="打印端 · The agents that issue labels", no_args_is_help=True)


@agents_app.command("add")
def agents_add(
    name: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """新增或重新授权 · Make an agent, or a new token for one.

    Example: central-registry agents add line-1
    """
    made_at = db.now()
    deed = Deed(Act.ADD_AGENT, name, agent=name)
    work = partial(enrolment.add_agent, name=name, at=made_at)
    token = run_changing(dsn, config, Who(as_login, code), deed, work)
    until = (made_at + enrolment.TOKEN_LIFE).isoformat(timespec="minutes")
    told = f"一次性口令 one-time token for {name} (只显示一次 shown once, 有效至 good until {until}): {token}"
    show({"agent": name, "token": token, "until": until}, as_json, told)


@agents_app.command("lost")
def agents_lost(
    name: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """声明丢失 · Nobody waits for this agent; it gets nothing more, and what it tells is kept, being verified.

    慎用 · There is no way back for what it tells while lost: its new labels stay being verified, and what it tells of
    older ones (printed, scrapped) is never applied, so its sums stay wrong; the alarm lost_agent_returned counts it.

    Example: central-registry agents lost line-1
    """
    deed = Deed(Act.REVOKE_AGENT, name, "声明丢失 declared lost", agent=name)
    run_changing(dsn, config, Who(as_login, code), deed, lambda pool: enrolment.lose_agent(pool, name, db.now()))
    show({"agent": name, "state": "lost"}, as_json, f"已声明丢失 declared lost: {name}")


@agents_app.command("list")
def agents_list(dsn: DsnOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出打印端 · All agents and how far they are.

    Example: central-registry agents list --json
    """
    rows = run_on(dsn, config, enrolment.list_agents)
    lines = [
        f"{row['agent']:24} {row['issuer']} {row['state']:9} seq {row['seq']:>8} {row['seen_at'] or '—'}"
        f"{'  尚未核对 not yet checked in' if row['waited_for'] else ''}"
        for row in rows
    ]
    show(rows, as_json, "\n".join(lines) or "没有打印端 no agents; make one with: central-registry agents add NAME")
