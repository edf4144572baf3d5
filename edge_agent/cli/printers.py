"""`edge-agent printers …`: what each printer is doing, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, configuration, show, wait_for
from edge_agent.opening import profile_of
from edge_agent.printers import discovery
from edge_agent.printers.discovery import Found

app = typer.Typer(help="打印机 · Printers", no_args_is_help=True)


@app.command(name="list")
def list_printers(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """配置的打印机 · Those in the configuration.

    Example: edge-agent printers list
    """
    rows = [
        {"id": row.id, "name": row.name, "url": row.url, "profile": row.profile, "proof": profile_of(row).proof.word}
        for row in configuration(config).printers
    ]
    show(rows, as_json=as_json, text="\n".join("  ".join(row.values()) for row in rows) or "没有打印机 · none")


@app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """现状 · What each is doing now.

    Example: edge-agent printers status
    """
    found = Api(configuration(config)).call("GET", "/printers")["printers"]
    show(found, as_json=as_json, text="\n".join(map(_line, found)) or "没有打印机 · none")


def _line(view: dict[str, Any]) -> str:
    count = "—" if view["counter"] is None else view["counter"]
    return f"{view['printer_id']}  {view['words']['zh']} · {view['words']['en']}  计数 odometer {count}"


@app.command()
def test(
    printer: Annotated[str, typer.Argument(metavar="P")], config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """打一张无码测试签 · Print a test label that carries no code.

    Example: edge-agent printers test line-1
    """
    found = Api(configuration(config)).call("POST", f"/printers/{printer}/test")
    show(found, as_json=as_json, text=f"{printer}: 已送出测试签，请看打印机 test label sent, look at the printer")


@app.command()
def discover(
    network: Annotated[
        str | None,
        typer.Option("--range", help="网段，如 192.168.1.0/24 · addresses to try, 1024 at most", metavar="CIDR"),
    ] = None,
    port: Annotated[int, typer.Option("--port", help="端口 · TCP port of the printers")] = 9100,
    ask: Annotated[
        bool,
        typer.Option(
            "--ask",
            help="询问型号。网段里有办公或小票打印机时不要用，它们会把问题打在纸上 · "
            "ask who they are; not where office or receipt printers are, they print the question",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """找打印机：串口、系统队列、USB；给了网段才找网络 · Find printers: ports, queues, USB; a network only by --range.

    Prints rows to paste into agent.toml. Example: edge-agent printers discover --range 192.168.1.0/24 --ask
    """
    if ask and network is None:
        raise typer.BadParameter("--ask: expected together with --range CIDR")
    found = discovery.here() if network is None else wait_for(discovery.scan(network, port=port, ask=ask))
    rows = [(one, one.row(number)) for number, one in enumerate(found, start=1)]
    text = "\n".join(f"# {_place(one)}\n{row}" for one, row in rows) or "没有找到 · none found"
    show([{**asdict(one), "toml": row} for one, row in rows], as_json=as_json, text=text)


_KINDS = {
    "network": "网络 network",
    "serial": "串口 serial port",
    "queue": "系统队列 OS queue",
    "device": "USB 设备 USB device",
}


def _place(found: Found) -> str:
    told = [found.language, found.identity] if found.language else []
    words: Sequence[str | None] = [_KINDS[found.kind], found.description, *told]
    return " · ".join(" ".join(word.split()) for word in words if word)
