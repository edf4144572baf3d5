"""`edge-agent label find|life|missing`: labels by what people know of them, what happened to one, what is missing."""

from __future__ import annotations

import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, OperatorOption, configuration, show


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="find")(find)
    app.command(name="life")(life)
    app.command(name="missing")(missing)


def find(
    style: Annotated[str, typer.Option("--style", metavar="PART", help="款号的一部分 · a part of the style")] = "",
    size: Annotated[str, typer.Option("--size", metavar="SIZE", help="号型 · size")] = "",
    lot: Annotated[str, typer.Option("--lot", metavar="PART", help="批号的一部分 · a part of the lot")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="从哪天送出 · sent from this day on")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="到哪天 · up to this day")] = "",
    ordered_by: Annotated[str, typer.Option("--ordered-by", metavar="O", help="谁下的单 · who ordered it")] = "",
    printer: Annotated[str, typer.Option("--printer", metavar="P", help="哪台打印机 · at which printer")] = "",
    state: Annotated[str, typer.Option("--state", metavar="printed|…", help="状态 · state")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="最多几张 · at most so many")] = 100,
    after: Annotated[str, typer.Option("--after", metavar="SERIAL", help="从这张之后 · go on after this one")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """查找标签，新的在前 · Labels by what is known of them, the newest first.

    Example: edge-agent label find --style YR2026 --from 2026-11-20 --state scrapped
    """
    asked = {"style_no": style, "size": size, "lot_no": lot, "from": first, "to": last, "operator": ordered_by}
    asked |= {"printer": printer, "state": state, "limit": str(limit), "after": after}
    query = urlencode({name: value for name, value in asked.items() if value})
    found = Api(configuration(config)).call("GET", f"/find?{query}")
    show(found["labels"], as_json=as_json, text="\n".join(map(_line, found["labels"])) or "没有 · none")
    if found["next"]:
        typer.echo(f"还有，接着看：--after {found['next']} · there are more: --after {found['next']}", err=True)


def _line(label: dict[str, Any]) -> str:
    goods = f"{label['goods']['style_no']} {label['goods']['size']}".strip()
    where = f"{label['lot_no'] or '-'}  {label['printer']}  {label['sent_at']}"
    return (
        f"{label['serial']}  {label['words']['zh']} {label['state']}  {goods}  {where}  {label['ordered_by']}".rstrip()
    )


def life(
    serial: Annotated[str, typer.Argument(help="序列号 · serial", metavar="SERIAL")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """一张标签的经过 · What happened to a label, oldest first.

    Example: edge-agent label life PH17K3M9QX2W4T2B8
    """
    rows = Api(configuration(config)).call("GET", f"/labels/{serial}/life")["life"]
    show(rows, as_json=as_json, text="\n".join(map(_moment, rows)))


def _moment(row: dict[str, Any]) -> str:
    more = (row[name] for name in ("printer", "other", "level", "operator", "reason"))
    said = "  ".join(one for one in more if one)
    return f"{row['at']}  {row['words']['zh']} {row['words']['en']}  {said}".rstrip()


def missing(
    job: Annotated[str, typer.Option("--job", metavar="JOB", help="哪个任务 · of this job")] = "",
    lot: Annotated[str, typer.Option("--lot", metavar="LOT", help="或哪一批 · or of this lot")] = "",
    print_: Annotated[
        int | None, typer.Option("--print", min=1, metavar="N", help="补打这 N 张 · print these N replacements")
    ] = None,
    operator: OperatorOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """作废、报废了还没补的 · Void labels that nothing replaces; --print N orders them, if they are still N.

    Example: edge-agent label missing --lot L20261118A --print 3 --operator 12
    """
    api = Api(configuration(config))
    if print_ is None:
        found = api.call("GET", f"/missing?{urlencode({'job': job, 'lot': lot})}")
        lines = [f"{one['job_id']}  {len(one['serials'])}  {' '.join(one['serials'])}" for one in found["jobs"]]
        show(found, as_json=as_json, text="\n".join([f"缺 missing: {found['missing']}", *lines]))
        return
    body = {"job": job, "lot": lot, "missing": print_, "operator": operator}
    done = api.call("POST", "/missing", body, {"Idempotency-Key": secrets.token_hex(16)})
    show(
        done,
        as_json=as_json,
        text="\n".join(f"补打任务 job {one['job_id']}: {one['quantity']}" for one in done["jobs"]),
    )
