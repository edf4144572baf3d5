"""`edge-agent orders …`: work orders (生产单) of the running agent, where they come from, and rules that leads sign."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from edge_agent.cli.common import (
    Api,
    ConfigOption,
    JsonOption,
    LogInOption,
    OperatorOption,
    ReasonOption,
    configuration,
    show,
)
from edge_agent.errors import RefusedError
from label_protocol.errors import RecordError

app = typer.Typer(help="生产单 · Work orders", no_args_is_help=True)
rules = typer.Typer(help="班长签的规则：哪些单不用等人 · Rules that leads sign", no_args_is_help=True)
app.add_typer(rules, name="rule")

OrderId = Annotated[str, typer.Argument(help="单的编号，orders list 打出 · as orders list tells it", metavar="ORDER")]
RuleId = Annotated[str, typer.Argument(help="规则编号 · as rule list tells it", metavar="RULE")]
SourceOption = Annotated[
    str,
    typer.Option(
        "--source", help="来源编号，agent.toml 里 intake 段的 id · id of a source, of a section intake", metavar="S"
    ),
]
_SHEETS = {
    ".csv": "text/csv",
    ".txt": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LOOK_S = 0.3


def _api(config: Path | None) -> Api:
    return Api(configuration(config))


def _line(order: dict[str, Any]) -> str:
    goods = f"{order['style_no']} {order['size']} {order['lot_no'] or ''}".strip()
    counts = f"{order['printed']}/{order['ordered']} 已证实 proven, 剩 {order['left']} left"
    number = f"{order['source']}:{order['order_no']}/{order['line']}"
    told = (order["order_id"], number, goods, f"{order['words']['zh']} {order['state']}", counts, order["wanted_by"])
    return "  ".join(one for one in told if one)


@app.command(name="list")
def list_orders(
    find: Annotated[str, typer.Option("--find", help="单号、款号或批号的一段 · a fragment", metavar="TEXT")] = "",
    ended: Annotated[bool, typer.Option("--ended", help="已打完和已关闭的 · those that are done or closed")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="最多几张单 · at most so many")] = 200,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """等着打印的生产单 · Orders that wait for labels, the most urgent first.

    Example: edge-agent orders list --find YR2026
    """
    query = urlencode({"find": find, "limit": limit, "state": "ended" if ended else "waiting"})
    orders = _api(config).call("GET", f"/work-orders?{query}")["work_orders"]
    show(orders, as_json=as_json, text="\n".join(map(_line, orders)) or "没有 · none")


@app.command(name="show")
def show_order(order: OrderId, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """一张单打得怎样 · One order: ordered, given to printers, printed, left; its parts.

    Example: edge-agent orders show 0f3a92c1d45e6b78
    """
    found = _api(config).call("GET", f"/work-orders/{order}")
    lines = [_line(found)]
    lines += [
        f"  第 {one['part']} 次 part {one['part']}: {one['quantity']} → {one['printer']}, {one['operator']}"
        f"{', 规则 rule ' + one['rule'] if one['rule'] else ''}, 任务 job {one['job_id']}"
        for one in found["parts"]
    ]
    lines += [f"  {found[name]}" for name in ("note", "reason") if found[name]]
    show(found, as_json=as_json, text="\n".join(lines))


PartOption = Annotated[int | None, typer.Option("--part", min=1, help="第几次；不写则下一次 · default: the next")]
QuantityOption = Annotated[
    int | None, typer.Option("--quantity", min=1, help="张数；不写则剩下的 · default: all that is left")
]
PrinterOption = Annotated[str | None, typer.Option("--printer", help="打印机；不写则单上的 · default: the order's")]
TemplateOption = Annotated[str | None, typer.Option("--template", help="模板；不写则单上的 · default: the order's")]
FirmOption = Annotated[
    str | None, typer.Option("--firm", metavar="FIRM", help="为哪家；几家有同一批号时要写 · for which firm")
]


@app.command()
def take(
    order: OrderId,
    part: PartOption = None,
    quantity: QuantityOption = None,
    printer: PrinterOption = None,
    template: TemplateOption = None,
    firm: FirmOption = None,
    operator: OperatorOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """打印一张单或它的一部分 · Give an order or a part of it to a printer. With --part the same again is the same job.

    Example: edge-agent orders take 0f3a92c1d45e6b78 --quantity 50 --printer line-1 --operator 12
    """
    api = _api(config)
    number = part or api.call("GET", f"/work-orders/{order}")["next_part"]
    wanted = {"quantity": quantity, "printer": printer, "template": template, "firm": firm}
    body = {"part": number, "operator": operator} | {name: value for name, value in wanted.items() if value is not None}
    job = api.call("POST", f"/work-orders/{order}/print", body)
    show(job, as_json=as_json, text=f"任务 job {job['job_id']}: {job['quantity']} → {job['printer']}")


@app.command(name="put-back")
def put_back(
    order: OrderId, operator: OperatorOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """放回：取消它的任务，没打的留给下一个人 · Cancel its jobs; what they did not draw is left again.

    Example: edge-agent orders put-back 0f3a92c1d45e6b78 --operator 12
    """
    found = _api(config).call("POST", f"/work-orders/{order}/put-back", {"operator": operator})
    show(found, as_json=as_json, text=_line(found))


@app.command()
def close(
    order: OrderId,
    operator: OperatorOption,
    reason: ReasonOption,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """关闭：不再打它 · Want no more labels of an order.

    Example: edge-agent orders close 0f3a92c1d45e6b78 --operator 12 --reason 客户取消
    """
    found = _api(config).call("POST", f"/work-orders/{order}/close", {"operator": operator, "reason": reason})
    show(found, as_json=as_json, text=_line(found))


@app.command(name="import")
def import_orders(
    file: Annotated[Path, typer.Argument(help="CSV 或 .xlsx · CSV or .xlsx", metavar="F")],
    source: SourceOption,
    operator: OperatorOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """收一份表格的生产单 · Take a sheet of orders; each is taken whole or not at all, and 1 if any was refused.

    Example: edge-agent orders import 十二月.xlsx --source plan --operator 12
    """
    kind = _SHEETS.get(file.suffix.lower())
    if kind is None:
        raise RecordError(f"请另存为 CSV 或 .xlsx · {file}: expected a name ending in {', '.join(_SHEETS)}")
    try:
        data = file.read_bytes()
    except OSError as cause:
        raise RecordError(f"读不了 {file} · {file}: expected a readable file, got {cause.strerror}") from cause
    query = urlencode({"source": source, "name": file.name, "operator": operator})
    answer = _sent(_api(config), f"/work-orders/sheet?{query}", data, kind, quiet=as_json)
    refused = [f"{row['place']}  {row['why']}" for row in answer["rows"] if row["outcome"] == "refused"]
    words = f"{answer['words']['zh']} · {answer['words']['en']}"
    show(answer, as_json=as_json, text="\n".join([words, *refused]))
    if refused or answer["refused_whole"]:
        raise RefusedError(
            f"有的单没有收，改好后整份再送 · {file}: expected every order to be taken, got refusals; correct them and "
            "send the file again"
        )


def _sent(api: Api, path: str, data: bytes, kind: str, *, quiet: bool) -> dict[str, Any]:
    """Sends a file, and shows how far the agent has read it meanwhile."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar, ThreadPoolExecutor(1) as pool:
        task, sending = bar.add_task("收单 · reading", total=None), pool.submit(api.send, path, data, kind)
        while not hidden and not sending.done():
            for source in api.call("GET", "/intake")["sources"]:
                for far in source["reading"].values():
                    bar.update(task, completed=far["done"], total=far["of"] or None)
            time.sleep(_LOOK_S)
        answer: dict[str, Any] = sending.result()
    return answer


@app.command()
def sources(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """生产单的来源 · Where orders come from: who answers for each, what it sent today, what is wrong there.

    Example: edge-agent orders sources
    """
    found = _api(config).call("GET", "/intake")["sources"]
    lines = []
    for one in found:
        lines.append(
            f"{one['source_id']}  {one['name']} ({one['kind']}), {one['owner']}  今天 today {one['taken_today']}"
            f"/{one['daily_limit']}  未打完 not finished {one['waiting']}  {one['last_file']}"
        )
        lines += [f"  {told}" for told in (one["trouble"], *one["left"]) if told]
    show(found, as_json=as_json, text="\n".join(lines) or "没有来源，见 docs/intake.md · no source is set up")


def _rule_line(rule: dict[str, Any]) -> str:
    ended = f"  {rule['ended_by']} 已结束 ended {rule['ended_at']}" if rule["ended_at"] else ""
    most = f"每单 an order {rule['quantity_most']}, 每天 a day {rule['daily_most']}, 到 until {rule['until']}"
    styles = ", ".join(rule["styles"]) or "所有款 every style"
    return f"{rule['rule_id']}  {rule['source']}  {styles}  {most}  {rule['signed_by']}{ended}"


@rules.command()
def sign(
    source: SourceOption,
    quantity_most: Annotated[int, typer.Option("--quantity-most", min=1, help="每张单最多几张 · an order at most")],
    daily_most: Annotated[int, typer.Option("--daily-most", min=1, help="每天最多几张 · a day at most")],
    until: Annotated[str, typer.Option("--until", help="最后一天 · the last day", metavar="YYYY-MM-DD")],
    style: Annotated[list[str] | None, typer.Option("--style", help="款号；不写则所有 · default: every style")] = None,
    printer: Annotated[str, typer.Option("--printer", help="单上没写时用哪台 · where the order names none")] = "",
    operator: OperatorOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """班长签一条规则：以后这个来源的单不用等人 · Sign that later orders of a source print without a person.

    Example: edge-agent orders rule sign --source erp --style YR2026-0801 --quantity-most 500 --daily-most 5000
    --until 2026-12-31 --operator L01
    Where people are asked, a lead signs by badge and PIN: --log-in.
    """
    body = {"source": source, "styles": style or [], "quantity_most": quantity_most, "daily_most": daily_most}
    body |= {"until": until, "printer": printer, "operator": operator}
    api = _api(config)
    rule = (api.log_in() if log_in else api).call("POST", "/intake/rules", body)
    show(rule, as_json=as_json, text=_rule_line(rule))


@rules.command(name="list")
def list_rules(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """签过的规则 · Every rule there ever was, the newest first.

    Example: edge-agent orders rule list
    """
    found = _api(config).call("GET", "/intake/rules")["rules"]
    show(found, as_json=as_json, text="\n".join(map(_rule_line, found)) or "没有 · none")


@rules.command(name="end")
def end_rule(
    rule: RuleId,
    operator: OperatorOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """结束一条规则，立刻生效 · End a rule now.

    Example: edge-agent orders rule end 0f3a92c1 --operator L01
    """
    api = _api(config)
    found = (api.log_in() if log_in else api).call("POST", f"/intake/rules/{rule}/end", {"operator": operator})
    show(found, as_json=as_json, text=_rule_line(found))
