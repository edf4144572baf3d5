"""`central-registry label-stops …`: labels stopped one by one, looked at before, confirmed by `decisions`, closed."""

from __future__ import annotations

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
    ReasonOption,
    Who,
    run_as,
    show,
)
from central_registry.lists import MOST_ROWS, Ask
from central_registry.oversight import label_stop_lists, label_stops
from central_registry.oversight.chosen import Chosen
from central_registry.parties.acts import Act

label_stops_app = typer.Typer(help="停用部分标签 · Labels stopped one by one", no_args_is_help=True)

AgentOption = Annotated[str, typer.Option("--agent", metavar="AGENT", help="打印端 · agent")]
PrinterOption = Annotated[str, typer.Option("--printer", metavar="NAME", help="打印机 · printer of that agent")]
SinceOption = Annotated[str, typer.Option("--since", metavar="TIME", help="从，UTC · from, 2026-12-20T08:00:00Z")]
UntilOption = Annotated[str, typer.Option("--until", metavar="TIME", help="到（不含） · until, not included")]
LotOption = Annotated[str, typer.Option("--lot", metavar="LOT", help="批号 · lot")]
WindowOption = Annotated[list[str] | None, typer.Option("--window", metavar="WINDOW", help="窗口 · window")]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--serials",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="序列号文件，一行一个 · a file of serials, one a line",
    ),
]


@label_stops_app.command("stop")
def label_stops_stop(
    firm: str,
    reason: ReasonOption,
    serials: FileOption = None,
    agent: AgentOption = "",
    printer: PrinterOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    lot: LotOption = "",
    window: WindowOption = None,
    labels: Annotated[
        int,
        typer.Option("--labels", metavar="N", help="预览的枚数；不给只预览 · as shown; else none is stopped"),
    ] = 0,
    recall: Annotated[bool, typer.Option("--recall", help="召回 · recall")] = False,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """按清单、窗口、打印机或时间停用标签；先不带 --labels 预览 · Stop labels; without --labels it only shows them.

    Example: central-registry label-stops stop 91330482MA0000207M --agent line-1 --printer p2 --reason 漏针 --as zhang
    """
    listed = tuple(serials.read_text("utf-8", errors="replace").split()) if serials else ()
    chosen = Chosen(firm, listed, agent, tuple(window or ()), printer, since, until, lot)
    act = Act.RECALL if recall else Act.SUSPEND

    async def work(pool: db.Pool, actor: Any) -> dict[str, Any]:
        if not labels:
            return await label_stops.preview(pool, actor, chosen)
        return await label_stops.stop_labels(pool, actor, act, chosen, reason, labels, db.now())

    done = run_as(dsn, config, Who(as_login, code), work)
    if labels:
        show(done, as_json, f"已停用 stopped: {done['stop']}  {done['labels']}  待办 {done['decision'] or '-'}")
    else:
        sample = " ".join(done["sample"])
        show(done, as_json, f"{done['labels']} 枚，还没有停 labels, nothing is stopped: {done['states']} {sample}")


@label_stops_app.command("list")
def label_stops_list(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出停用 · Stops of labels, the newest first.

    Example: central-registry label-stops list --as zhang
    """
    asked = Ask(rows=MOST_ROWS)
    found = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: label_stop_lists.list_label_stops(pool, actor, asked)
    )
    lines = [f"{one['stop']}  {one['kind']}  {one['state']}  {one['labels']}  {one['firm_name']}" for one in found.rows]
    show([dict(one) for one in found.rows], as_json, "\n".join(lines) or "没有 none")


@label_stops_app.command("show")
def label_stops_show(
    stop: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """一次停用的进度和逐枚清单 · One with its progress, and each of its labels.

    Example: central-registry label-stops show s0123456789abcdef --json --as zhang
    """

    async def work(pool: db.Pool, actor: Any) -> dict[str, Any]:
        labels = await label_stop_lists.labels_of_stop(pool, actor, stop)
        return {**await label_stop_lists.show_label_stop(pool, actor, stop), "rows": labels}

    done = run_as(dsn, config, Who(as_login, code), work)
    told = "  ".join(f"{name} {done[name]}" for name in ("state", "labels", "returned", "destroyed", "not_moved"))
    show(done, as_json, "\n".join([told, *(f"{row['serial']}  {row['state']}" for row in done["rows"])]))


@label_stops_app.command("lift")
def label_stops_lift(
    stop: str,
    reason: ReasonOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """申请恢复 · Ask for them to go on.

    Example: central-registry label-stops lift s0123456789abcdef --reason 复检合格 --as zhang
    """
    waits = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: label_stops.lift(pool, actor, stop, reason, db.now())
    )
    show({"stop": stop, "decision": waits}, as_json, f"待办 decision {waits}" if waits else "已恢复 lifted")


@label_stops_app.command("close")
def label_stops_close(
    stop: str,
    report: Annotated[str, typer.Option("--report", metavar="TEXT", help="结案报告 · what was done and found")],
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """结案；标签仍然停着 · Close with a report; the labels stay stopped.

    Example: central-registry label-stops close s0123456789abcdef --report 八件全部追回 --as zhang
    """
    run_as(
        dsn, config, Who(as_login, code),
        lambda pool, actor: label_stop_lists.close_label_stop(pool, actor, stop, report, db.now()),
    )  # fmt: skip
    show({"stop": stop, "closed": True}, as_json, f"已结案 closed: {stop}")
