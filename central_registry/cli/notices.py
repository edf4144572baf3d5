"""`central-registry suspend` and `recall`: nothing more of a lot or a style, for a while or for good."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

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
    run_changing,
    show,
)
from central_registry.goods.quota_keys import quota_key
from central_registry.oversight import notices
from central_registry.parties.acts import Act
from central_registry.parties.deeds import Deed


def suspend(
    reason: ReasonOption,
    lot: LotOption = None,
    style: StyleOption = None,
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
    deed = Deed(Act.LIFT_SUSPENSION if lift else Act.SUSPEND, key, reason, key=key)
    work = partial(notices.suspend, key=key, suspended=not lift, reason=reason)
    run_changing(dsn, config, Who(as_login, code), deed, work)
    show(
        {"quota_key": key, "suspended": not lift}, as_json, f"{'已恢复 lifted' if lift else '已暂停 suspended'}: {key}"
    )


def recall(
    reason: ReasonOption,
    lot: LotOption = None,
    style: StyleOption = None,
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
    deed = Deed(Act.RECALL, key, reason, key=key)
    work = partial(notices.recall, key=key, reason=reason)
    run_changing(dsn, config, Who(as_login, code), deed, work)
    show({"quota_key": key, "recalled": True}, as_json, f"已召回 recalled: {key}")
