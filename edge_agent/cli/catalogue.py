"""`edge-agent catalog …`: garment styles, lots, printers and operators of this site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from edge_agent.catalog import Catalog
from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show

app = typer.Typer(help="资料 · Styles, lots, printers, operators", no_args_is_help=True)


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON、CSV 或 .xlsx", metavar="F")],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="以文件为准：商品条码或批号改给文件里的款 · the file decides whose a GTIN or lot is"
        ),
    ] = False,
    firm: Annotated[
        str, typer.Option("--firm", metavar="FIRM", help="这些资料是哪家的，替几家打印时写 · whose goods these are")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """导入款式与批次 · All of it or nothing.

    Example: edge-agent catalog import styles.xlsx
    """
    catalog = Catalog.open(configuration(config).data.catalog_path).of_firm(firm)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("导入 · importing", total=None)
        report = catalog.import_file(
            file, replace=replace, watch=lambda done, total: bar.update(task, completed=done, total=total)
        )
    typer.echo(str(report))


@app.command(name="list")
def list_documents(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出 · How many there are; --json gives them all.

    Example: edge-agent catalog list --json
    """
    found = Catalog.open(configuration(config).data.catalog_path).export()
    lines = [f"{kind}: {len(rows)}" for kind, rows in found.items()]
    show(found, as_json=as_json, text="\n".join(lines))
