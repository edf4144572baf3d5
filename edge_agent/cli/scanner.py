"""`edge-agent scanner`: the page that scanners are set up from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show
from edge_agent.render.preview import write_preview
from edge_agent.scanners.makes import RECOMMENDED
from edge_agent.scanners.page import OFFICE_DPI, scanner_page
from edge_agent.wiring import page_url

scanner_app = typer.Typer(no_args_is_help=True, help="扫描枪 · Scanners that play a keyboard")


class Prefix(StrEnum):
    """The keys that may stand before a code."""

    F8 = "F8"
    F9 = "F9"
    TILDE = "~"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(scanner_app, name="scanner")


@scanner_app.callback()
def scanner() -> None:
    """扫描枪 · Scanners that play a keyboard.

    Example: edge-agent scanner page --out scanner.pdf
    """


@scanner_app.command()
def page(
    out: Annotated[Path, typer.Option("--out", help="F.pdf 或 F.png · page or picture", metavar="F")],
    prefix: Annotated[
        Prefix | None, typer.Option("--prefix", help="前缀键；不写用配置里的 · by default that of the configuration")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """打印一页：扫描枪怎么设置，和一个试扫的码 · A page to set scanners up from, with a code to try them.

    Example: edge-agent scanner page --out scanner.pdf
    """
    settings = configuration(config)
    chosen = str(prefix or settings.scanner.prefix or RECOMMENDED)
    address = f"{page_url(settings)}/console/scanner"
    write_preview(scanner_page(chosen, address, OFFICE_DPI), OFFICE_DPI, out)
    words = f"{out}：前缀 prefix {chosen}"
    if chosen != settings.scanner.prefix:
        words += f'；枪设好后在 agent.toml 写 [scanner] prefix = "{chosen}" · write it there once scanners are set'
    show({"out": str(out), "prefix": chosen}, as_json=as_json, text=words)
