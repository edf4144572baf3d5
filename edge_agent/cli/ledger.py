"""`edge-agent ledger …`: proof for the auditor, copies for IT; on the file, or through the agent that holds it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, configuration, show, the_ledger
from edge_agent.errors import LedgerBusyError
from edge_agent.files import begin_file, new_file, write_over
from edge_agent.ledger import Ledger
from label_protocol.errors import ConflictError, LedgerDamagedError

app = typer.Typer(help="账本 · The ledger", no_args_is_help=True)


def _either(config: Path | None, on_file: Callable[[Ledger], Any], method: str, path: str, body: Any = None) -> Any:
    """On the file if nobody has it, else through the agent that does."""
    settings = configuration(config)
    try:
        with the_ledger(settings) as ledger:
            return on_file(ledger)
    except LedgerBusyError:
        return Api(settings).call(method, path, body)


@app.command()
def verify(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """核对整条哈希链并重建比对 · Check the whole chain, and rebuild == live.

    Example: edge-agent ledger verify
    """
    settings = configuration(config)
    try:
        found = Ledger.verify_file(settings.data.ledger_path, settings.data.witness_path)
        report = asdict(found) | {"ok": found.ok, "first_bad": next(iter(found.findings), "")}
    except LedgerBusyError:
        report = Api(settings).call("POST", "/ledger/verify")
    lines = [f"{words}: {_told(report[name])}" for name, words in _REPORT.items()]
    show(report, as_json=as_json, text="\n".join(lines))
    if not report["ok"]:
        raise LedgerDamagedError(f"ledger: expected a sound chain and rebuild == live, got: {report['first_bad']}")


_REPORT = {
    "events": "事件 events",
    "labels": "标签 labels",
    "incarnations": "账本代数 incarnations",
    "rebuilt": "重建比对 rebuilt and compared",
    "findings": "问题 findings",
    "notes": "备注 notes",
    "ok": "结论 sound",
}


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    return "; ".join(map(str, value)) or "无 none" if isinstance(value, (list, tuple)) else str(value)


@app.command()
def balance(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """平账 · Every serial drawn is in exactly one state.

    Example: edge-agent ledger balance
    """
    rows = _either(config, lambda ledger: [asdict(row) for row in ledger.balance()], "GET", "/ledger/balance")
    rows = rows if isinstance(rows, list) else rows["rows"]
    show(rows, as_json=as_json, text="\n".join(_balance_line(row) for row in rows))


def _balance_line(row: dict[str, Any]) -> str:
    counts = ", ".join(f"{name} {value}" for name, value in row.items() if name != "quota_key")
    return f"{row['quota_key']}: {counts}"


@app.command()
def export(
    out: Annotated[Path | None, typer.Option("--out", help="缺省为标准输出 · default stdout", metavar="F")] = None,
    config: ConfigOption = None,
) -> None:
    """导出 JSON 行 · JSON lines of all events.

    Example: edge-agent ledger export --out events.jsonl
    """
    settings = configuration(config)
    with contextlib.ExitStack() as stack:
        file: IO[str] = sys.stdout
        if out is not None:
            file = stack.enter_context(os.fdopen(write_over(out), "w", encoding="utf-8", newline="\n"))
        try:
            with the_ledger(settings) as ledger:
                count = ledger.export(file)
        except LedgerBusyError:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edge-agent-export-")))
            copy = folder / "copy.db"
            os.close(begin_file(copy))
            Api(settings).fetch("/ledger/copy", copy)
            count = Ledger.export_copy(copy, file)
    typer.echo(f"{count} 事件 events", err=True)


@app.command()
def backup(
    out: Annotated[Path, typer.Option("--out", help="备份文件 · the copy", metavar="F")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """备份(运行中也可) · Safe while running.

    Example: edge-agent ledger backup --out d:/backup/ledger.db
    """
    target, settings = out.absolute(), configuration(config)
    Ledger.require_free(target, settings.data.ledger_path)
    try:
        with the_ledger(settings) as ledger:
            ledger.backup(target)
    except LedgerBusyError:
        _fetched(Api(settings), target)
    show({"path": str(target)}, as_json=as_json, text=f"已备份到 backed up to {target}")


def _fetched(agent: Api, target: Path) -> None:
    """The running agent's copy. It is written here, so the file is the caller's, in a place the caller may write to."""
    try:
        with new_file(target) as side:
            agent.fetch("/ledger/copy", side)
    except FileExistsError as cause:
        raise ConflictError(f"backup {target}: expected a new name, got a file that came meanwhile; repeat") from cause


@app.command()
def restore(
    source: Annotated[Path, typer.Option("--from", help="备份文件 · the copy to restore", metavar="F")],
    move_aside: Annotated[
        Path | None, typer.Option("--move-aside", help="现有账本移到此处 · where the present ledger goes", metavar="F")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """从备份恢复 · Put a backup in place of a lost ledger; the next contact with the registry brings back the rest.

    Example: edge-agent ledger restore --from d:/backup/ledger.db
    """
    settings = configuration(config)
    Ledger.restore(source, settings.data.ledger_path, move_aside=move_aside)
    typer.echo(f"已恢复 restored to {settings.data.ledger_path}; 联网核对后才会继续发码 issuing waits for the registry")
