"""`central-registry orders …`: code orders as a named person: asked, listed, approved, rejected, taken back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from central_registry import db
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    LotOption,
    ReasonOption,
    StyleOption,
    Who,
    run_as,
    show,
)
from central_registry.issuing import approving, leases, lowering, order_lists, orders
from central_registry.issuing import write_off as writing_off
from central_registry.lists import Ask
from central_registry.parties.actor import Actor, PartyKind

orders_app = typer.Typer(help="赋码申请 · Code orders", no_args_is_help=True)


@orders_app.command("list")
def orders_list(
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="asked, approved, rejected, taken_back · 状态")
    ] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出申请 · The orders that this person may see, the newest first.

    Example: central-registry orders list --state asked --as zhang
    """
    ask = Ask(filters={"state": state}, rows=1000)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: order_lists.list_orders(pool, actor, ask))
    rows = [dict(row) for row in found.rows]
    show(rows, as_json, "\n".join(map(_line, rows)) or "没有申请 no orders")


@orders_app.command("ask")
def orders_ask(
    agent: Annotated[str, typer.Option("--agent", metavar="NAME", help="打印端 · the agent")],
    quantity: Annotated[int, typer.Option("--quantity", metavar="N", help="追加枚数 · so many more")],
    lot: LotOption = None,
    style: StyleOption = None,
    firm: Annotated[str, typer.Option("--firm", metavar="USCC", help="企业，默认为本企业 · default: one's own")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """申请赋码 · Order codes of a lot (or of a style without one) for an agent; another person approves.

    Example: central-registry orders ask --lot L20261118A --agent line-1 --quantity 3000 --as wang
    """

    async def work(pool: db.Pool, actor: Actor) -> dict[str, Any]:
        of = firm or (actor.party if actor.kind is PartyKind.FIRM else "")
        return await orders.ask(pool, actor, orders.Asked(of, agent, quantity, lot, style or ""), db.now())

    done = run_as(dsn, config, Who(as_login, code), work)
    show(done, as_json, "\n".join([f"已申请 ordered: {done['code_order']}", *map(_check_line, done["checks"])]))


@orders_app.command("approve")
def orders_approve(
    order: str,
    override: Annotated[
        str, typer.Option("--override", metavar="REASON", help="超量批准的理由，留底 · more than is free: why; kept")
    ] = "",
    days: Annotated[
        int, typer.Option("--days", metavar="N", help="租期天数 · days of the lease, 7 to 180")
    ] = leases.DAYS,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """批准申请 · Approve an order that somebody else asked for; its checks are asked again.

    Example: central-registry orders approve 5f0c2a9e11d40b77 --as lina
    """

    async def work(pool: db.Pool, actor: Actor) -> dict[str, Any]:
        return await approving.approve(pool, actor, order, db.now(), override=override, days=days)

    done = run_as(dsn, config, Who(as_login, code), work)
    words = f"已批准 approved: {done['agent']} {done['quota_key']} = {done['quantity']}, 租期至 until {done['until']}"
    show(done, as_json, words)


@orders_app.command("reject")
def orders_reject(
    order: str,
    reason: ReasonOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """驳回申请 · Reject an order, with a reason for whoever asked.

    Example: central-registry orders reject 5f0c2a9e11d40b77 --reason "数量不符" --as lina
    """

    async def work(pool: db.Pool, actor: Actor) -> dict[str, Any]:
        return await orders.reject(pool, actor, order, reason, db.now())

    done = run_as(dsn, config, Who(as_login, code), work)
    show(done, as_json, f"已驳回 rejected: {order}")


@orders_app.command("take-back")
def orders_take_back(
    order: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """撤回申请 · Take back an order that nobody decided yet.

    Example: central-registry orders take-back 5f0c2a9e11d40b77 --as wang
    """

    async def work(pool: db.Pool, actor: Actor) -> dict[str, Any]:
        return await orders.take_back(pool, actor, order, db.now())

    done = run_as(dsn, config, Who(as_login, code), work)
    show(done, as_json, f"已撤回 taken back: {order}")


@orders_app.command("write-off")
def orders_write_off(
    agent: str,
    quota_key: str,
    reason: ReasonOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """核销失联打印端的余量 · What a silent agent has left is another's to order.

    Example: central-registry orders write-off line-1 lot:F022:L1 --reason "电脑报废" --as lina
    """
    done = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: writing_off.write_off(pool, actor, agent, quota_key, reason, db.now()),
    )
    show(done, as_json, f"已核销 written off: {agent} {quota_key}, {done['given_back']} 枚可再申请 free again")


@orders_app.command("lower")
def orders_lower(
    agent: str,
    quota_key: str,
    quantity: Annotated[int, typer.Option("--quantity", metavar="N", help="合计改为 · the new total")],
    reason: ReasonOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """调低打印端的数量 · Lower what an agent may have, once it has given its rest back.

    Example: central-registry orders lower line-1 lot:F022:L1 --quantity 3000 --reason "改款" --as zhang
    """
    done = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: lowering.lower(pool, actor, agent, quota_key, quantity, reason, db.now()),
    )
    told = "下次联系时生效 at its next contact" if done["waits"] else "已调低 lowered"
    show(done, as_json, f"{told}: {agent} {quota_key} = {done['quantity']}")


def _line(row: dict[str, Any]) -> str:
    goods = f"lot {row['lot_no']}" if row["lot_no"] else f"style {row['style_no']}"
    against = f"  未通过 failed: {', '.join(row['failed'])}" if row["failed"] else ""
    return (
        f"{row['code_order']}  {row['state']:10} {row['firm_name'] or row['firm']}  {goods} → {row['agent']}  "
        f"{row['quantity']}  {row['asked_at']:%Y-%m-%d %H:%M}{against}"
    )


def _check_line(one: dict[str, Any]) -> str:
    return f"{'✓' if one['passed'] else '✗'} {one['rule']}: {one['expected']} / {one['got']}"
