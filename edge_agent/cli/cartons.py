"""`edge-agent carton …`: packing by commands, through the running agent."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, OperatorOption, ReasonOption, configuration, show
from edge_agent.cli.copies import told_of_copies

app = typer.Typer(help="装箱 · Cartons", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="CARTON", help="箱号、SSCC 或箱标扫描原文 · its number, SSCC or scan")]
TextOption = Annotated[
    str | None,
    typer.Option("--text", metavar="TEXT", help="扫描枪原文 · the scanner's raw text of the garment's label"),
]
SerialOption = Annotated[
    str | None, typer.Option("--serial", metavar="SERIAL", help="没有扫描枪时，输入序列号 · typed, without a scanner")
]


def _line(carton: dict[str, Any]) -> str:
    sscc = f"  SSCC {carton['sscc']}" if carton["sscc"] else ""
    return f"{carton['carton']}  {carton['words']['zh']} {carton['state']}  {carton['packed']} 件 garments{sscc}"


def _path(name: str) -> str:
    return f"/cartons/{quote(name, safe='')}"


def _post(path: str, body: dict[str, Any], config: Path | None, as_json: bool) -> None:
    carton = Api(configuration(config)).call("POST", path, body)
    said = carton.get("said")
    show(carton, as_json=as_json, text=_line(carton) + (f"  {said['zh']} · {said['en']}" if said else ""))


@app.command(name="open")
def open_carton(
    operator: OperatorOption = "",
    key: Annotated[str | None, typer.Option("--key", help="幂等键 · idempotency key")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """开一个新箱 · Open a carton; tells its number.

    Example: edge-agent carton open --operator 12
    """
    headers = {"Idempotency-Key": key or secrets.token_hex(16)}
    carton = Api(configuration(config)).call("POST", "/cartons", {"operator": operator}, headers)
    show(carton, as_json=as_json, text=_line(carton))


@app.command()
def pack(
    name: Name,
    text: TextOption = None,
    serial: SerialOption = None,
    operator: OperatorOption = "",
    on_garment: Annotated[
        bool, typer.Option("--on-garment", help="这一扫也记为挂到衣服上 · the scan also says: on its garment")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """放进一件 · Put a garment in, by the scan of its label or by its serial.

    Example: edge-agent carton pack C0F3A92C1 --text "https://…" --operator 12
    """
    body = {"text": text, "serial": serial, "operator": operator, "on_garment": on_garment}
    _post(_path(name) + "/items", body, config, as_json)


@app.command(name="take-out")
def take_out(
    name: Name,
    text: TextOption = None,
    serial: SerialOption = None,
    operator: OperatorOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """拿出一件 · Take a garment out of an open carton.

    Example: edge-agent carton take-out C0F3A92C1 --serial PH17K3M9QX2W4T2B8 --operator 12
    """
    _post(_path(name) + "/take-out", {"text": text, "serial": serial, "operator": operator}, config, as_json)


@app.command()
def close(
    name: Name,
    count: Annotated[
        int, typer.Option("--count", min=0, metavar="N", help="箱里数到的件数 · garments that you counted")
    ],
    operator: OperatorOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """关箱 · Close a carton with so many garments in it; another number is refused.

    Example: edge-agent carton close C0F3A92C1 --count 24 --operator 12
    """
    _post(_path(name) + "/close", {"count": count, "operator": operator}, config, as_json)


@app.command()
def reopen(
    name: Name, operator: OperatorOption, reason: ReasonOption, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """重开已关的箱 · Open a closed carton again, with a reason.

    Example: edge-agent carton reopen C0F3A92C1 --operator 12 --reason 少装一件
    """
    _post(_path(name) + "/reopen", {"operator": operator, "reason": reason}, config, as_json)


@app.command()
def label(
    name: Name,
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
    """打已关箱的箱标；再打一次会写“第 2 份” · Print the SSCC label of a closed carton; a further one says so.

    Example: edge-agent carton label C0F3A92C1 --printer line-1 --operator 12 --wait
    """
    api, body = Api(configuration(config)), {"printer": printer, "operator": operator, "unchecked": unchecked}
    order = api.call("POST", _path(name) + "/label", body, {"Idempotency-Key": key or secrets.token_hex(16)})
    told_of_copies(api, order, wait=wait, as_json=as_json)


@app.command(name="show")
def show_carton(name: Name, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """一箱里有什么 · What is in a carton, by style, colour and size.

    Example: edge-agent carton show 069012340000000122
    """
    carton = Api(configuration(config)).call("GET", _path(name))
    rows = [
        f"  {one['style_no']}  {one['name']}  {one['colour']}  {one['size']}  × {one['count']}"
        for one in carton["lines"]
    ]
    show(carton, as_json=as_json, text="\n".join([_line(carton), *rows]))


@app.command(name="list")
def list_cartons(
    only_open: Annotated[bool, typer.Option("--open", help="只列正在装的 · only those that are being filled")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """箱列表 · The newest cartons, newest first.

    Example: edge-agent carton list --open
    """
    cartons = Api(configuration(config)).call("GET", f"/cartons?open={int(only_open)}")["cartons"]
    show(cartons, as_json=as_json, text="\n".join(map(_line, cartons)) or "没有 · none")
