"""`edge-agent artwork …`: the artwork of certified marks that this site may print."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show
from edge_agent.labels.artwork_store import Held
from edge_agent.wiring import open_artwork

app = typer.Typer(help="认证标识图案 · Artwork of certified marks", no_args_is_help=True)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="认证机构发的 PNG 文件 · the file the body issued", metavar="FILE.png")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """登记图案，打印要填入资料的指纹 · Keep an artwork as it is; prints the hash that a garment record names.

    Example: edge-agent artwork add mark.png
    """
    sha256 = open_artwork(configuration(config)).add(file)
    show({"artwork_sha256": sha256}, as_json=as_json, text=sha256)


@app.command(name="list")
def list_artwork(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出图案；变了的文件不能打印 · What is kept; a file that was changed is not printed.

    Example: edge-agent artwork list
    """
    found = open_artwork(configuration(config)).held()
    lines = [_line(one) for one in found] or ["还没有图案 · none yet"]
    show({"artwork": [asdict(one) for one in found]}, as_json=as_json, text="\n".join(lines))


def _line(one: Held) -> str:
    state = "完好 whole" if one.whole else "文件已变，不能打印，请重新登记 changed, not printed: add it again"
    return f"{one.sha256}  {one.size_bytes} bytes  {state}"
