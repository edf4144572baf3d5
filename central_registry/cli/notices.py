"""`central-registry suspend` and `recall`: nothing more of a lot or a style, for a while or for good."""

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
    LotOption,
    ReasonOption,
    StyleOption,
    Who,
    run_by,
    show,
)
from central_registry.goods.quota_keys import quota_key
from central_registry.oversight import notices, stops
from central_registry.parties.actor import UNASSIGNED, Actor

FirmOption = Annotated[
    str, typer.Option("--firm", metavar="USCC", help="哪家企业的，缺省为未分配的 · whose; default: nobody's yet")
]


def suspend(
    reason: ReasonOption,
    lot: LotOption = None,
    style: StyleOption = None,
    firm: FirmOption = UNASSIGNED,
    lift: Annotated[bool, typer.Option("--lift", help="恢复 · let it go on")] = False,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """暂停发码 · Stop drawing on a lot; one that nobody knows, or that is recalled, is refused.

    Example: central-registry suspend --lot L20261118A --reason "证书复核"
    """
    key = quota_key(lot, style)
    goods, stop = stops.Named(firm, lot or "", style or ""), stops.lift if lift else stops.suspend

    async def work(pool: db.Pool, actor: Actor | None) -> str | None:
        if actor is not None:
            return (await stop(pool, actor, goods, reason, db.now())).decision
        await notices.suspend(pool, key, not lift, reason)
        return None

    waits = run_by(dsn, config, Who(as_login, code), work)
    told = {"quota_key": key, "suspended": not (lift and waits is None), "decision": waits}
    done = "已暂停 suspended" if not lift else "已恢复 lifted" if waits is None else "已申请恢复 asked for"
    show(told, as_json, f"{done}: {key}{_waits(waits)}")


def recall(
    reason: ReasonOption,
    lot: LotOption = None,
    style: StyleOption = None,
    firm: FirmOption = UNASSIGNED,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """召回 · Recall a lot; there is no way back, and one that nobody knows is refused.

    Example: central-registry recall --lot L20261118A --reason "…"
    """
    key = quota_key(lot, style)
    goods = stops.Named(firm, lot or "", style or "")

    async def work(pool: db.Pool, actor: Actor | None) -> str | None:
        if actor is not None:
            return (await stops.recall(pool, actor, goods, reason, db.now())).decision
        await notices.recall(pool, key, reason)
        return None

    waits = run_by(dsn, config, Who(as_login, code), work)
    done = "已召回 recalled" if waits is None else "已暂停 suspended"
    show({"quota_key": key, "recalled": waits is None, "decision": waits}, as_json, f"{done}: {key}{_waits(waits)}")


def _waits(decision: str | None) -> str:
    return "" if decision is None else f"; 等待另一人 waits for another person: {decision}"
