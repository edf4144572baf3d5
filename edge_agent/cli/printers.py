"""`edge-agent printers …`: what each printer is doing, in plain words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, configuration, show
from edge_agent.opening import profile_of

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
