"""`edge-agent order-sheet`: the 成份订货单 of an order, for an office printer. Issues nothing, prints nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, configuration, require_approved_rules, show
from edge_agent.clock import today_local
from edge_agent.errors import FindingsError, RenderError
from edge_agent.files import start_of
from edge_agent.labels.order_sheet import CheckedSheetOrder, check_sheet_order, parse_sheet_order
from edge_agent.labels.prepare import LabelTerms
from edge_agent.render.order_sheet.pages import OrderPage, order_pages
from edge_agent.render.preview import pages_as_pdf, write_preview
from edge_agent.render.templates.template import load_template
from edge_agent.wiring import link_style, open_overrides
from garment.finding import Finding
from label_protocol.errors import InputError, RecordError

TEMPLATE = "order_sheet_a5"
OFFICE_DPI = 600
"""What office printers have: strokes are five dots and even, at 300 two or three; 1200 doubles file and time for
nothing that an eye sees."""

MAX_BYTES = 4_000_000
"""Longest order or record file that is read: 500 records of 8 kB."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="order-sheet")(order_sheet)


def order_sheet(
    order: Annotated[Path, typer.Argument(help="订单文件 · order file (JSON)", metavar="ORDER")],
    out: Annotated[Path, typer.Option("--out", help="F.pdf 全部页，F.png 一页 · all pages, or one", metavar="F")],
    template: Annotated[
        str, typer.Option("--template", help="模板名或路径 · built-in name or path", metavar="T")
    ] = TEMPLATE,
    page: Annotated[int, typer.Option("--page", help="PNG 的页码 · which page, for a PNG", min=1, metavar="N")] = 1,
    dpi: Annotated[int, typer.Option("--dpi", help="分辨率 · resolution", min=100, max=1200)] = OFFICE_DPI,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """成份订货单 · The order sheet of many styles as a PDF for an office printer.

    Example: edge-agent order-sheet order.json --out order.pdf
    """
    settings = configuration(config)
    require_approved_rules(settings, "order sheet")
    parsed = parse_sheet_order(_read(order), lambda name: _read(_beside(order, name)))
    checked = check_sheet_order(
        parsed, template, LabelTerms(today_local(), link_style(settings), open_overrides(settings))
    )
    _tell(checked.findings)
    try:
        sheet = checked.sheet()
    except FindingsError:
        if as_json:
            show({"ok": False, "findings": _rows(checked)}, as_json=True, text="")
        raise
    pages = order_pages(load_template(template), sheet, dpi)
    _write(pages, page, out, f"{load_template(template).title_zh} {parsed.head.order_no}")
    totals = sheet.totals
    answer = {"ok": True, "out": str(out), "pages": len(pages), "totals": totals, "findings": _rows(checked)}
    words = f"{len(pages)} 页 pages, {totals['styles']} 款 styles, {totals['pieces']} 件 pieces"
    show(answer, as_json=as_json, text=f"{out}: {words}")


def _read(path: Path) -> bytes:
    try:
        data = start_of(path, MAX_BYTES)
    except OSError as cause:
        raise RecordError(f"{path}: expected a readable file, got {cause.strerror or cause}; check the path") from cause
    if len(data) > MAX_BYTES:
        raise RecordError(f"{path}: expected at most {MAX_BYTES} bytes, got more; is this the right file?")
    return data


def _beside(order: Path, name: str) -> Path:
    """A record that an order names. An order may come from somebody else: it opens nothing outside its own folder, and
    a name that leads out is not even looked up, because on Windows a look at another machine sends it the user's
    password hash."""
    folder, named = order.resolve().parent, PureWindowsPath(name)
    try:
        path = None if named.anchor or ".." in named.parts else (folder / name).resolve()
    except (OSError, RuntimeError) as cause:  # links that lead in a circle
        raise RecordError(f"record_path {name[:80]!r}: expected a readable file, got {cause}; check it") from cause
    if path is None or not path.is_relative_to(folder):
        raise RecordError(
            f"record_path {name[:80]!r}: expected a file in the order's folder or below it, got one outside; move it "
            "there, or put the record into the order"
        )
    return path


def _write(pages: Sequence[OrderPage], number: int, out: Path, title: str) -> None:
    dpi = pages[0].media.dpi
    if out.suffix.lower() == ".pdf":
        try:
            out.write_bytes(pages_as_pdf([page.bare for page in pages], dpi, title))
        except OSError as cause:
            raise RenderError(
                f"{out}: expected a file that can be written, got {cause.strerror}; check the folder"
            ) from cause
        return
    if number > len(pages):
        raise InputError(f"--page {number}: expected 1 to {len(pages)}, got a page that is not there; name another")
    write_preview(pages[number - 1].bare, dpi, out)


def _rows(checked: CheckedSheetOrder) -> list[dict[str, Any]]:
    return [{"line": number, **asdict(one)} for number, one in checked.findings]


def _tell(findings: Sequence[tuple[int, Finding]]) -> None:
    for number, one in findings:
        where = f"第 {number} 行 line {number}" if number else "表头 head"
        sys.stderr.write(f"{one.severity} {one.rule} [{one.clause}] {where}, {one.path}: {one.zh} · {one.en}\n")
