"""`central-registry agents …`: who may issue labels."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from central_registry import db
from central_registry.agents import enrolment, fleet, rotation
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    ReasonOption,
    Who,
    run_as,
    run_by,
    run_on,
    show,
)
from central_registry.lists import Ask
from central_registry.parties.actor import Actor

agents_app = typer.Typer(help="打印端 · The agents that issue labels", no_args_is_help=True)


@agents_app.command("add")
def agents_add(
    name: str,
    firm: Annotated[
        list[str] | None,
        typer.Option("--firm", metavar="USCC", help="为哪家打印，可多次 · for whom it prints; may be repeated"),
    ] = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """新增或重新授权 · Make an agent, or a new token for one.

    Example: central-registry agents add line-1

    Example: central-registry agents add line-1 --firm 91330482MA0000207M --as zhang
    """
    at = db.now()

    async def work(pool: db.Pool, actor: Actor | None) -> dict[str, Any]:
        if actor is not None:
            return await _added(pool, actor, name, tuple(firm or ()))
        until = (at + enrolment.TOKEN_LIFE).isoformat(timespec="minutes")
        return {"agent": name, "token": await enrolment.add_agent(pool, name, at), "until": until}

    done = run_by(dsn, config, Who(as_login, code), work)
    until = done["until"]
    told = f"一次性口令 one-time token for {name} (只显示一次 shown once, 有效至 good until {until}): {done['token']}"
    show(done, as_json, told)


async def _added(pool: db.Pool, actor: Actor, name: str, firms: tuple[str, ...]) -> dict[str, Any]:
    """A known one of theirs gets a new token, and prints for `firms` from now on if any are named."""
    known = await fleet.list_fleet(pool, actor, Ask(filters={"agent": name}), db.now())
    if not known.rows:
        owner = firms[0] if len(firms) == 1 else ""
        return await fleet.add(pool, actor, fleet.NewAgent(name, owner, firms), db.now())
    if firms:
        await fleet.set_firms(pool, actor, name, firms, db.now())
    return await fleet.new_token(pool, actor, name, db.now())


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

    async def work(pool: db.Pool, actor: Actor | None) -> None:
        if actor is None:
            await enrolment.lose_agent(pool, name, db.now())
        else:
            await fleet.revoke(pool, actor, name, fleet.Why.LOST, "agents lost", db.now())

    run_by(dsn, config, Who(as_login, code), work)
    show({"agent": name, "state": "lost"}, as_json, f"已声明丢失 declared lost: {name}")


@agents_app.command("revoke")
def agents_revoke(
    name: str,
    reason: ReasonOption,
    why: Annotated[fleet.Why, typer.Option("--why", help="丢失、密钥泄露、协会停用 · which of these")] = fleet.Why.LOST,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """停用打印端 · It gets nothing more and is told why; what it tells is kept, being verified.

    Example: central-registry agents revoke line-1 --why copied --reason "电脑维修后密钥外泄" --as zhang
    """

    async def work(pool: db.Pool, actor: Actor) -> dict[str, Any]:
        return await fleet.revoke(pool, actor, name, why, reason, db.now())

    done = run_as(dsn, config, Who(as_login, code), work)
    show(done, as_json, f"已停用 revoked: {name} ({why})")


@agents_app.command("firms")
def agents_firms(
    name: str,
    firm: Annotated[
        list[str] | None,
        typer.Option("--firm", metavar="USCC", help="为哪家打印，可多次 · for whom it prints; none: for nobody"),
    ] = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """改为哪些企业打印 · For whom an agent prints from now on; what it was allotted stays.

    Example: central-registry agents firms line-1 --firm 91330482MA0000207M --as zhang
    """
    firms = tuple(firm or ())
    done = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: fleet.set_firms(pool, actor, name, firms, db.now())
    )
    show(done, as_json, f"{name}: {', '.join(firms) or '不为任何企业 nobody'}")


@agents_app.command("rotate")
def agents_rotate(
    name: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """更换密钥 · It changes its secret at its next contact, without a token; an older release does not.

    Example: central-registry agents rotate line-1 --as zhang
    """
    done = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: rotation.ask_rotation(pool, actor, name, db.now())
    )
    show(done, as_json, f"下次联系时更换密钥 at its next contact: {name}")


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
