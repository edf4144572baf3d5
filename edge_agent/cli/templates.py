"""`edge-agent template …`: the labels there are, and looking at one that a site made itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from edge_agent.cli import approvals, quality
from edge_agent.cli import render as render_command
from edge_agent.cli.common import ConfigOption, JsonOption, show
from edge_agent.render.templates.flaws import Flaw
from edge_agent.render.templates.template import Template, built_in_templates, examine, load_template, read_template
from edge_agent.render.upgrade.upgrade import Upgraded, upgraded
from label_protocol.errors import InputError

app = typer.Typer(help="模板 · Label templates", no_args_is_help=True)
PathArgument = Annotated[str, typer.Argument(help="模板文件或模板名 · file, or a built-in name", metavar="PATH")]


@app.command(name="list")
def list_templates(as_json: JsonOption = False) -> None:
    """列出自带的模板 · The built-in templates: kind, size, titles.

    Example: edge-agent template list
    """
    found = [load_template(name) for name in built_in_templates()]
    rows = {"templates": [_row(one) for one in found]}
    show(rows, as_json=as_json, text="\n".join(map(_line, found)))


def _row(one: Template) -> dict[str, Any]:
    facts = ("name", "kind", "title_zh", "title_en", "size_mm", "version")
    return {fact: getattr(one, fact) for fact in facts}


def _line(one: Template) -> str:
    return f"{one.name}  {one.kind}  {_size(one)}  {one.title_zh} · {one.title_en}"


def _size(one: Template) -> str:
    most = "≤" if one.continuous else ""
    return f"{one.size_mm[0]:g}×{most}{one.size_mm[1]:g} mm"


@app.command()
def copy(
    name: Annotated[str, typer.Argument(help="自带的模板名，或模板文件 · built-in name, or a file", metavar="NAME")],
    path: Annotated[Path, typer.Argument(help="新文件 · new file ending in .toml", metavar="PATH")],
    upgrade: Annotated[
        bool,
        typer.Option("--upgrade", help="格式 1 升级成格式 2（行列）· format 1 becomes 2: rows and columns"),
    ] = False,
) -> None:
    """复制一个模板来改 · Copy a template, to change it.

    Example: edge-agent template copy down_grade_60x40 my_tag.toml
    """
    data, called = read_template(name)
    if path.suffix != ".toml":
        raise InputError(f"{path}: expected a new file ending in .toml, got {path.suffix!r}; name it so")
    made = upgraded(data, called) if upgrade else Upgraded(data, ())
    try:
        with path.open("xb") as file:
            file.write(made.data)
    except OSError as cause:
        raise InputError(
            f"{path}: expected a new file in a folder that can be written, got {cause.strerror}; choose another name"
        ) from cause
    done = "已升级为格式 2 upgraded to format 2" if upgrade else "已复制 copied"
    typer.echo("\n".join([f"{path}: {done}, {name}", *(f"{path}: {one}" for one in made.told)]), err=True)


@app.command()
def lint(path: PathArgument, as_json: JsonOption = False) -> None:
    """检查模板，逐条指出文件、行和部位 · All that is wrong with a template, by file, line and slot.

    Example: edge-agent template lint mine.toml
    """
    found = examine(*read_template(path))
    flaws = () if isinstance(found, Template) else found
    lines = [_told(path, flaw) for flaw in flaws]
    if isinstance(found, Template):
        lines = [f"{path}: 合格 · ok, {found.kind}, {_size(found)}, {len(found.slot)} slots"]
    show({"ok": not flaws, "flaws": [asdict(one) for one in flaws]}, as_json=as_json, text="\n".join(lines))
    if flaws:
        raise typer.Exit(1)


def _told(path: str, flaw: Flaw) -> str:
    where = f"{path}:{flaw.line}" if flaw.line else path
    return f"{where}: {flaw.place + ': ' if flaw.place else ''}{flaw.zh} · {flaw.en}"


@app.command()
def preview(
    path: PathArgument,
    data: render_command.DataOption,
    out: Annotated[Path, typer.Option("--out", help="F.png 或 F.pdf", metavar="F")],
    dpi: render_command.DpiOption = 203,
    serial: render_command.SerialOption = None,
    config: ConfigOption = None,
) -> None:
    """预览模板 · What it would print of a record; the same as `preview --template PATH`.

    Example: edge-agent template preview mine.toml --data jacket.json --dpi 203 --out label.png
    """
    render_command.preview(path, data, out, dpi, serial, config)


app.command()(quality.quality)
approvals.register(app)
