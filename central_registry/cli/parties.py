"""`central-registry parties …`: associations, firms, labs and the others, and how they stand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from central_registry import db
from central_registry.cli.appeals import parties_answer, parties_appeal
from central_registry.cli.beginning import word_line
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    ReasonOption,
    Who,
    run_as,
    show,
)
from central_registry.issuing import parting
from central_registry.lists import MOST_ROWS, Ask
from central_registry.oversight.deciding import decide
from central_registry.parties import admission, decisions, directory, statuses
from central_registry.parties.actor import Actor, PartyKind, PartyStatus

parties_app = typer.Typer(help="主体 · Associations, firms, labs and the others", no_args_is_help=True)
parties_app.command("appeal")(parties_appeal)
parties_app.command("answer")(parties_answer)

EvidenceOption = Annotated[str, typer.Option("--evidence", metavar="TEXT", help="依据，如文号 · what it rests on")]


@parties_app.command("admit")
def parties_admit(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="名称，与执照一致 · as on the licence")],
    kind: Annotated[PartyKind, typer.Option("--kind", help="哪类主体 · what it is")] = PartyKind.FIRM,
    uscc: Annotated[str, typer.Option("--uscc", metavar="USCC", help="统一社会信用代码")] = "",
    officer_login: Annotated[
        str, typer.Option("--officer-login", metavar="LOGIN", help="它的管理员的登录名 · its first officer")
    ] = "",
    officer_name: Annotated[str, typer.Option("--officer-name", metavar="NAME", help="管理员姓名")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="原因 · why")] = "",
    evidence: EvidenceOption = "",
    candidate: Annotated[bool, typer.Option("--candidate", help="先列为候选 · not active yet")] = False,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="试用主体，不用代码 · for trying, without a USCC")] = False,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """准入企业、检测机构等；协会由运营方建立 · Admit a firm, lab or other; an association is made by the operator.

    Example: central-registry parties admit --uscc 91330482MA0000003X --name 示例服饰有限公司 --officer-login wang
    --officer-name 示例乙 --as zhang
    """
    new = admission.NewParty(
        kind, uscc, name, officer_login, officer_name, reason=reason, evidence=evidence, candidate=candidate,
        sandbox=sandbox,
    )  # fmt: skip
    let_in = admission.make_association if kind is PartyKind.ASSOCIATION else admission.admit
    made = run_as(dsn, config, Who(as_login, code), lambda pool, actor: let_in(pool, actor, new, db.now()))
    lines = [f"已准入 admitted: {made.party}" + (f", 企业代号 code {made.code}" if made.code else "")]
    lines += [f"! 原已登记为 known here as: {made.known_as}"] if made.known_as else []
    lines += [word_line(made.officer)] if made.officer else []
    if made.waits:
        lines = [f"已征询，等对方管理员同意后生效 asked, its officer decides: {made.party} {made.waits}"]
    show(asdict(made), as_json, "\n".join(lines))


@parties_app.command("list")
def parties_list(
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="哪天的状态 · as they stood on this day")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出主体和状态 · Those that you see, and how they stand.

    Example: central-registry parties list --on 2026-12-31 --as zhang
    """
    day, everything = _day(on), Ask(rows=MOST_ROWS)
    found = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: directory.list_parties(pool, actor, everything, day)
    )
    lines = [
        f"{row['party']}  {row['kind']:11} {row['status']:9} {row['code'] or '—':4}  {row['name']}"
        f"{'  待确认 provisional' if row['provisional'] else ''}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines))


@parties_app.command("show")
def parties_show(
    party: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """查看一个主体和它的状态历史 · One party, and every event of its status.

    Example: central-registry parties show 91330482MA0000003X --as zhang
    """

    async def looked(pool: db.Pool, actor: Actor) -> dict[str, Any]:
        shown = await directory.show_party(pool, actor, party, db.now().date())
        return {**shown, "history": await statuses.history(pool, actor, party)}

    found = run_as(dsn, config, Who(as_login, code), looked)
    lines = [f"{found['party']}  {found['name']}  {found['kind']}  {found['status']}  {found['code']}"]
    lines += [
        f"{row['n']:>3} {row['effective_on']} {row['status']}{' 待确认' if row['provisional'] else ''}: "
        f"{row['reason']} "
        f"({row['by_name'] or row['by_party']})"
        for row in found["history"]
    ]
    show(found, as_json, "\n".join(lines))


@parties_app.command("status")
def parties_status(
    party: str,
    to: Annotated[PartyStatus, typer.Option("--to", help="改为什么状态 · the status it is to have")],
    reason: ReasonOption,
    evidence: EvidenceOption = "",
    effective_on: Annotated[
        str, typer.Option("--from", metavar="DAY", help="从哪天起，缺省今天 · from this day; default: today")
    ] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """调整状态：停用立即生效，解除要另一人批准 · A stop works at once; another person decides about lifting one.

    Example: central-registry parties status 91330482MA0000003X --to suspended --reason "抽检不合格" --as zhang
    """
    move = statuses.Move(to, reason, evidence, _day(effective_on) if effective_on else None)
    moved = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: statuses.set_status(pool, actor, party, move, db.now())
    )
    told = "等待另一人批准 waits for another person" if moved.n is None else f"已生效 event {moved.n}"
    told += f", 待办 decision {moved.decision}" if moved.decision else ""
    show(asdict(moved), as_json, f"{party} {to}: {told}")


@parties_app.command("decide")
def parties_decide(
    decision: str,
    agree: Annotated[bool, typer.Option("--agree/--refuse", help="同意或不同意 · confirm or undo, grant or refuse")],
    reason: ReasonOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """办理待办：状态、暂停、召回、准入征询 · Decide what another person asked or did; see parties waiting.

    Example: central-registry parties decide d0123456789abcdef --agree --reason "核对属实" --as lina
    """

    async def decided(pool: db.Pool, actor: Actor) -> None:
        await decide(pool, actor, decision, agreed=agree, reason=reason, at=db.now())

    run_as(dsn, config, Who(as_login, code), decided)
    show({"decision": decision, "agreed": agree}, as_json, f"已办 decided: {decision}")


@parties_app.command("end")
def parties_end(
    party: str,
    reason: ReasonOption,
    ends_on: Annotated[
        str, typer.Option("--from", metavar="DAY", help="从哪天起，缺省今天 · from this day; default: today")
    ] = "",
    association: Annotated[
        str, typer.Option("--association", metavar="USCC", help="哪家协会，缺省为本单位 · whose; default: yours")
    ] = "",
    take_back: Annotated[
        bool, typer.Option("--take-back", help="撤回尚未到期的终止 · let it go on, whose end is yet to come")
    ] = False,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """终止准入：未决申请驳回，租期到此为止 · End a membership; its open orders and leases end with it.

    Example: central-registry parties end 91330482MA0000003X --reason "企业迁出本省" --as zhang
    """
    day = _day(ends_on) if ends_on else None

    async def ended(pool: db.Pool, actor: Actor) -> dict[str, Any]:
        whose = association or actor.party
        if take_back:
            return await parting.take_back_end(pool, actor, whose, party, db.now())
        return await parting.end_membership(pool, actor, whose, party, reason, db.now(), ends_on=day)

    done = run_as(dsn, config, Who(as_login, code), ended)
    told = _how_it_goes_on(done)
    show(done, as_json, f"{party}: {told}")


def _how_it_goes_on(done: dict[str, Any]) -> str:
    if "taken_back" in done:
        return f"撤回，不再于 {done['taken_back']} 终止 goes on"
    return "已终止 ended" if done["ended"] else f"将于 {done['ends_on']} 终止 ends then"


@parties_app.command("waiting")
def parties_waiting(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """待办 · What waits for a second person, the most urgent first.

    Example: central-registry parties waiting --as lina
    """
    everything = Ask(rows=MOST_ROWS)
    found = run_as(
        dsn, config, Who(as_login, code), lambda pool, a: decisions.list_decisions(pool, a, everything, db.now())
    )
    lines = [
        f"{row['decision']}  {row['act_zh']} {row['act_en']}: {row['about']} {row['concerns_name']} "
        f"({row['maker_name']})  {'待您办 yours' if row['mine'] else '由他人办'}"
        + ("" if row["hours_left"] is None else f"  剩 left {row['hours_left']} h")
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有待办 nothing waits")


@parties_app.command("four-eyes")
def parties_four_eyes(
    on: Annotated[bool, typer.Option("--on/--off", help="双人复核 · whether maker and approver differ")],
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """双人复核：只有一人办事的协会才可关，每条记录都注明 · An association of one may do without; each row says so.

    Example: central-registry parties four-eyes --off --as zhang
    """
    run_as(dsn, config, Who(as_login, code), lambda pool, a: directory.set_four_eyes(pool, a, on=on, at=db.now()))
    show({"four_eyes": on}, as_json, f"双人复核 four eyes: {'开 on' if on else '关 off'}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else db.now().date()
    except ValueError as cause:
        raise typer.BadParameter(f"expected a day such as 2026-12-31, got {text[:30]!r}") from cause
