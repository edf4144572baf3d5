"""`central-registry rolls …`: printed rolls of a firm without a printer, handed over, scanned, returned, lost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

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
from central_registry.rolls import handing, lists, scanning
from central_registry.rolls.labels import Became

rolls_app = typer.Typer(help="成卷标签 · Printed rolls of a firm without a printer", no_args_is_help=True)


@rolls_app.command("list")
def rolls_list(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出成卷标签 · Rolls, and how many of each are where.

    Example: central-registry rolls list --as zhang
    """
    asked = Ask(rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: lists.list_rolls(pool, actor, asked))
    lines = [
        f"{row['roll']}  {row['firm_name']}  {row['lot_no'] or row['style_no']}  {row['labels']}: "
        f"已贴 {row['commissioned']} 退回 {row['returned']} 丢失 {row['lost']} 在卷 {row['still']}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有成卷标签 no rolls")


@rolls_app.command("hand")
def rolls_hand(
    first: str,
    last: str,
    labels: Annotated[
        int | None, typer.Option("--labels", metavar="N", help="应有枚数，不符即拒 · as many are meant")
    ] = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """交接一卷：首枚、末枚的序列号或二维码 · Hand a roll over by its first and its last label.

    Example: central-registry rolls hand 1A40123456789ABC0 1A40123456789ABC8 --labels 500 --as zhang
    """
    done = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: handing.hand_over(pool, actor, first, last, db.now(), labels=labels),
    )
    show(asdict(done), as_json, f"已交接 handed over: {done.roll} {done.firm_name} {done.labels}")


@rolls_app.command("settle")
def rolls_settle(
    roll: str,
    became: Annotated[Literal["returned", "lost"], typer.Option("--became", help="退回或丢失 · what became of them")],
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="SERIAL", help="哪几枚，缺省为余下全部 · default: the rest")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="原因 · why")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """退回、丢失：余下全部，或逐枚 · Labels that came back or are lost: the rest of the roll, or some.

    Example: central-registry rolls settle r1 --became returned --as zhang
    """
    done = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: handing.settle(
            pool, actor, roll, Became(became), db.now(), labels=label or (), reason=reason
        ),
    )
    show(done, as_json, f"{roll}: {became} {done['labels']}")


@rolls_app.command("scan")
def rolls_scan(
    text: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """逐件贴签：二维码全文 · A label is on its garment: the whole text of its code.

    Example: central-registry rolls scan https://example.org/01/06901234567892/10/L1/21/1A40123456789ABC0 --as li-4
    """
    done = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: scanning.commission(pool, actor, text, db.now())
    )
    said = "以前已贴 already" if done["already"] else "已贴 commissioned"
    show(done, as_json, f"{said}: {done['serial']}, 在卷 still {done['still']}")
