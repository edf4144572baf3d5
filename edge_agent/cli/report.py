"""`edge-agent report shift`: what a shift printed, on the screen, or as a file for a spreadsheet or an office
printer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, configuration, show
from edge_agent.messages.report import BY, COLUMNS, SHEETS
from label_protocol.errors import InputError

app = typer.Typer(no_args_is_help=True, help="报表 · Reports")
FORMS = (".csv", ".xlsx", ".pdf")
COUNTED = ("drawn", "printed", "commissioned", "in_doubt", "sending", "scrapped", "invalid", "replacing")


@app.callback()
def report() -> None:
    """报表 · Reports.

    Example: edge-agent report shift
    """


@app.command()
def shift(
    at: Annotated[str, typer.Option("--at", metavar="T", help="哪个时间所在的班 · the shift that holds it; now")] = "",
    first: Annotated[str, typer.Option("--from", metavar="T", help="或从什么时间 · or from this time on")] = "",
    last: Annotated[str, typer.Option("--to", metavar="T", help="到什么时间 · before this time")] = "",
    table: Annotated[str, typer.Option("--table", metavar="|".join(SHEETS), help="CSV 的表 · of a CSV")] = "printed",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="F", help="写进文件 F.csv、F.xlsx、F.pdf（A4）· a file instead")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """班次报表 · What a shift printed, by whom, where and of what; what became of it; what stood.

    Example: edge-agent report shift --at 2026-11-20T20:00 --out shift.xlsx
    """
    asked = {name: value for name, value in {"at": at, "from": first, "to": last}.items() if value}
    api = Api(configuration(config))
    if out is None:
        found = api.call("GET", f"/reports/shift?{urlencode(asked)}")
        show(found, as_json=as_json, text="\n".join(_lines(found)))
        return
    if out.suffix.lower() not in FORMS:
        raise InputError(
            f"文件名请以 .csv、.xlsx 或 .pdf 结尾 · --out {out.name}: expected one of {', '.join(FORMS)}, got another; "
            "rename it"
        )
    asked |= {"table": table} if out.suffix.lower() == ".csv" else {}
    _write(out, api.read(f"/reports/shift{out.suffix.lower()}?{urlencode(asked)}"))
    show({"out": str(out)}, as_json=as_json, text=str(out))


def _write(out: Path, data: bytes) -> None:
    try:
        out.write_bytes(data)
    except OSError as cause:
        raise InputError(
            f"文件写不进去，请检查文件夹 · {out}: expected a file that can be written, got {cause.strerror}; check its "
            "folder"
        ) from cause


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    """All of it, a row to a line; what stands in a state that has no label is left out."""
    yield f"{_clock(found['since'])} – {_clock(found['until'])}  （截至 as of {_clock(found['as_of'])}）"
    yield f"合计 total: {_counts(found['total'])}"
    yield f"存疑还没处理 in doubt still, of any shift: {found['in_doubt']}"
    for by, rows in found["by"].items():
        for row in rows:
            yield f"{BY[by].zh} {row['name'] or row['key'] or '-'}: {_counts(row)}"
    for one in found["moved"]:
        who = one["name"] or one["operator"] or "-"
        yield f"{who}  {COLUMNS[one['state']].zh} {one['count']}  {one['reason']}".rstrip()
    for one in found["packed"]:
        yield f"{one['name'] or one['operator']}  装箱 packed {one['garments']}  关箱 closed {one['cartons']}"
    for one in found["copies"]:
        done = f"{one['printed']}/{one['quantity']}"
        yield f"{one['name'] or one['operator'] or '-'}  {one['template']}  {one['printer']}  {done}"
    for one in found["stood"]:
        minutes = -(-one["seconds"] // 60)
        yield f"{one['printer']}  停了 stood {minutes} min ×{one['times']}  {one['reason']}"


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def _counts(row: Mapping[str, Any]) -> str:
    return "  ".join(f"{COLUMNS[one].zh} {row[one]}" for one in COUNTED if row[one] or one == "drawn")
