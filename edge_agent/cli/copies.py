"""`edge-agent label copies…`: labels that carry no code, ordered from the running agent in any number."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from edge_agent.cli.common import Api, ConfigOption, JsonOption, OperatorOption, configuration, record_to_send, show
from edge_agent.cli.jobs import absolute
from edge_agent.errors import RefusedError
from edge_agent.ledger.copies import MAX_COPIES

CopiesArgument = Annotated[str, typer.Argument(metavar="ID", help="copies 打出的编号 · the number that copies told")]
_LOOK_S = 0.3


def register(app: typer.Typer) -> None:
    """Add the commands to `label`."""
    app.command()(copies)
    app.command(name="copies-show")(show_copies)
    app.command(name="copies-list")(list_copies)
    app.command(name="copies-cancel")(cancel_copies)


def copies(
    template: Annotated[str, typer.Option("--template", metavar="T", help="无码模板 · a template without a code")],
    data: Annotated[Path, typer.Option("--data", metavar="R", help="服装资料 · garment record (JSON)")],
    count: Annotated[int, typer.Option("--count", min=1, max=MAX_COPIES, metavar="N", help="张数 · labels")],
    printer: Annotated[str, typer.Option("--printer", metavar="P", help="打印机编号，不能是组 · one printer")],
    operator: OperatorOption = "",
    unchecked: Annotated[
        bool,
        typer.Option("--unchecked", help="打印前核对不符也打 · though the check before it finds fault"),
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="等到结束 · until it is over")] = False,
    key: Annotated[str | None, typer.Option("--key", help="幂等键 · idempotency key")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """打印不带码的标签（水洗唛等） · Print labels that carry no code, such as wash labels; tells a number to ask by.

    Example: edge-agent label copies --template wash_care_30 --data jacket.json --count 200 --printer line-1
    --operator 12 --wait
    """
    body = {
        "template": absolute(template),
        "record": record_to_send(data),
        "printer": printer,
        "count": count,
        "operator": operator,
        "unchecked": unchecked,
    }
    api = Api(configuration(config))
    order = api.call("POST", "/copies", body, {"Idempotency-Key": key or secrets.token_hex(16)})
    told_of_copies(api, order, wait=wait, as_json=as_json)


def told_of_copies(api: Api, order: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    """Says what is known of an order; after `wait`, when it is over. Raises RefusedError: not every one is proven
    then."""
    if wait:
        order = _watch(api, order, quiet=as_json)
    show(order, as_json=as_json, text=_line(order))
    if wait and order["state"] != "printed":
        raise RefusedError(
            "没有全部证实，请看纸数好，再下单补缺 · "
            f"copies {order['copies_id']}: expected {order['quantity']} proven, got {order['printed']}; look at the "
            "paper and order what is missing"
        )


def _watch(api: Api, order: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
            task = bar.add_task("打印 · printing", total=order["quantity"])
            while order["state"] == "open" or order["sending"]:
                time.sleep(_LOOK_S)
                order = api.call("GET", f"/copies/{order['copies_id']}")
                bar.update(task, completed=order["printed"], description=order["words"]["zh"])
    except KeyboardInterrupt:
        name = order["copies_id"]
        typer.echo(
            f"只停止查看，打印继续 stopped watching, printing goes on: edge-agent label copies-show {name}, "
            "or copies-cancel",
            err=True,
        )
        raise
    return order


def _line(order: dict[str, Any]) -> str:
    told, state = order["told"], f"{order['words']['zh']} {order['state']}"
    return f"{order['copies_id']}  {order['printer']}  {state}  {told['zh']} · {told['en']}"


def show_copies(name: CopiesArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """一份无码标签打得怎样 · What is known of one order; with --json the data behind its labels too.

    Example: edge-agent label copies-show 0f3a92c1d45e6b78
    """
    order = Api(configuration(config)).call("GET", f"/copies/{name}")
    show(order, as_json=as_json, text=_line(order))


def list_copies(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """无码标签列表 · The newest orders of labels without a code.

    Example: edge-agent label copies-list
    """
    orders = Api(configuration(config)).call("GET", "/copies")["copies"]
    show(orders, as_json=as_json, text="\n".join(map(_line, orders)) or "没有 · none")


def cancel_copies(
    name: CopiesArgument, operator: OperatorOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """取消 · Send no more; the window in hand is still judged.

    Example: edge-agent label copies-cancel 0f3a92c1d45e6b78 --operator 12
    """
    order = Api(configuration(config)).call("POST", f"/copies/{name}/cancel", {"operator": operator})
    show(order, as_json=as_json, text=_line(order))
