"""Commands that render labels and issue nothing: check, preview, render."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edge_agent.cli.common import (
    TEMPLATE_HELP,
    USUAL_RESOLUTIONS,
    Api,
    ConfigOption,
    JsonOption,
    configuration,
    prepared_for,
    require_approved_rules,
    show,
    the_ledger,
)
from edge_agent.cli.stream import setup_for, speaker, stream_of, write
from edge_agent.config import AgentConfig
from edge_agent.errors import LedgerBusyError, NotFoundError, RenderError
from edge_agent.labels.prepare import (
    Prepared,
    draft_plan,
    example_serial,
    rendered_findings,
    require_unblocked,
)
from edge_agent.labels.smallest import AUTO, render_or_offer
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.printer import PrintMode
from edge_agent.printers.languages import LANGUAGES
from edge_agent.render.draft import as_draft
from edge_agent.render.plan import LabelPlan, Layout
from edge_agent.render.preview import write_preview
from edge_agent.wiring import link_style
from garment.finding import Finding, Severity
from label_protocol.codes.serial import validate
from label_protocol.errors import ConflictError, InputError, RecordError

DataOption = Annotated[Path, typer.Option("--data", help="服装资料 · garment record (JSON)", metavar="D")]
TemplateOption = Annotated[str, typer.Option("--template", help=TEMPLATE_HELP, metavar="T")]
SerialOption = Annotated[
    str | None, typer.Option("--serial", help="样张上印的序列号 · serial to show on the picture", metavar="S")
]
DpiOption = Annotated[int, typer.Option("--dpi", help="203 或 300", min=100, max=1200)]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(check)
    app.command()(preview)
    app.command()(render)


def check(
    data: Annotated[Path, typer.Argument(help="服装资料 · garment record (JSON)", metavar="DATA")],
    template: Annotated[
        str | None, typer.Option("--template", metavar="T", help=f"按模板检查 · for this template: {TEMPLATE_HELP}")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """按规则检查资料 · Check a record against the rules.

    Example: edge-agent check jacket.json --template down_grade_60x40
    """
    try:
        prepared = prepared_for(configuration(config), data, template)
        findings = _findings(prepared)
    except (RecordError, RenderError) as cause:
        if as_json:  # no rule got to see it; a program that reads stdout is told all the same
            offered = {"smallest_template": cause.smallest} if isinstance(cause, RenderError) and cause.smallest else {}
            _show_findings((_not_a_label(cause),), as_json=True, more=offered)
        raise
    chosen = {"template": prepared.template.name} if prepared.template and template == AUTO else {}
    if not _show_findings(findings, as_json=as_json, more=chosen):
        raise typer.Exit(1)


def _findings(prepared: Prepared) -> tuple[Finding, ...]:
    if prepared.template is None or prepared.blocked or not prepared.template.of_record:
        return prepared.findings
    found: dict[tuple[str, str, str], Finding] = {}
    for one in (one for dpi in USUAL_RESOLUTIONS for one in _rendered_findings(prepared, dpi)):
        found.setdefault((one.rule, one.severity, one.path), one)
    return (*prepared.findings, *found.values())


def _rendered_findings(prepared: Prepared, dpi: int) -> tuple[Finding, ...]:
    """What only the rendered label shows; what is found at several resolutions is told once, as at the first."""
    try:
        plan = render_or_offer(prepared, dpi)
    except RenderError as cause:
        raise RenderError(f"{cause} ({dpi} dpi)", smallest=cause.smallest) from cause
    return rendered_findings(plan, prepared.context)


def _not_a_label(cause: RecordError | RenderError) -> Finding:
    """What stops a record before the rules, in the shape of their findings."""
    unrenderable = isinstance(cause, RenderError)
    rule, expected = (
        ("render", "facts that fit the label") if unrenderable else ("record", "a garment record as described")
    )
    zh = f"{'标签画不出来' if unrenderable else '资料读不进来'}：{cause}"
    return Finding(rule, Severity.BLOCK, "", "", "", "", expected, str(cause), zh, str(cause))


def _show_findings(findings: Sequence[Finding], *, as_json: bool, more: Mapping[str, str]) -> bool:
    """Whether nothing blocks. `more`: the label that `auto` chose, or the one that is offered."""
    ok = not _blocks(findings)
    lines = [_line(one) for one in findings] + ["：".join(["合格 · ok" if ok else "不合格 · blocked", *more.values()])]
    body = {"ok": ok, "findings": [asdict(one) for one in findings], **more}
    show(body, as_json=as_json, text="\n".join(lines))
    return ok


def _blocks(findings: Sequence[Finding]) -> bool:
    return any(one.severity is Severity.BLOCK for one in findings)


def preview(
    template: TemplateOption,
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="F.png 或 F.pdf", metavar="F")],
    dpi: DpiOption = 203,
    serial: SerialOption = None,
    config: ConfigOption = None,
) -> None:
    """预览 · The 1-bit image that would be printed.

    Example: edge-agent preview --template down_grade_60x40 --data jacket.json --dpi 203 --out label.png
    """
    settings = configuration(config)
    prepared = prepared_for(settings, data, template, (dpi,))
    _refuse_serials_without_code(prepared, [serial] if serial else [])
    bitmap = _rendered(prepared, dpi, settings, validate(serial) if serial else None)
    bitmap = as_draft(bitmap, dpi) if prepared.draft else bitmap
    write_preview(bitmap, dpi, out)
    typer.echo(f"{out}: {bitmap.width_dots}×{bitmap.height_dots} dots, {dpi} dpi", err=True)


def _rendered(prepared: Prepared, dpi: int, settings: AgentConfig, serial: str | None) -> Bitmap:
    """Blocked and issued labels carry 样张: a code that could be taken for an issued one is never readable."""
    if prepared.blocked:
        _warn(prepared.findings)
        draft = draft_plan(prepared, dpi, link_style(settings))
        return draft.specimen(serial) if isinstance(draft, LabelPlan) else draft.bare
    plan = render_or_offer(prepared, dpi)
    findings = rendered_findings(plan, prepared.context)
    _warn((*prepared.findings, *findings))
    if not isinstance(plan, LabelPlan):
        return plan.bare
    if _blocks(findings) or (serial is not None and _held(settings, (serial,))):
        return plan.specimen(serial)
    return plan.alone(serial or example_serial())


def _refuse_serials_without_code(prepared: Prepared, serials: Sequence[str]) -> None:
    if serials and prepared.template is not None and not prepared.template.coded:
        raise InputError(
            f"template {prepared.template.name}: expected no --serial, since its labels carry none, got {serials[0]}; "
            "leave it out"
        )


def render(
    template: TemplateOption,
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="输出文件 · file for the bytes", metavar="F")],
    serial: Annotated[
        list[str] | None,
        typer.Option(
            "--serial", metavar="S", help="可重复；无码模板不写 · may be repeated; none where there is no code"
        ),
    ] = None,
    dpi: DpiOption = 203,
    language: Annotated[
        str, typer.Option("--language", metavar="L", help=f"打印机语言 · printer language: {', '.join(LANGUAGES)}")
    ] = "zpl",
    mode: Annotated[
        PrintMode,
        typer.Option("--mode", help="底图留在打印机，或整张发送 · background kept in the printer, or sent whole"),
    ] = PrintMode.RUN,
    ribbon: Annotated[
        bool | None,
        typer.Option(
            "--ribbon/--no-ribbon",
            help="有无碳带；不说则照打印机的设定，EPL2 按无碳带（热敏） · "
            "unsaid: as the printer is set; EPL2: direct thermal",
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """输出打印机字节 · The bytes a printer would get, queries left out; issues nothing.

    Example: edge-agent render --template down_grade_60x40 --data jacket.json --serial PH17K3M9QX2W4T2B8 --out a.zpl
    """
    settings = configuration(config)
    serials = [validate(one) for one in serial or ()]
    prepared = prepared_for(settings, data, template, (dpi,))
    prepared.require_approved()
    require_approved_rules(settings, "render")
    plan = _to_print(prepared, dpi, settings, serials)
    speaks = speaker(language)
    setup = setup_for(speaks, plan.media, ribbon)
    stream = stream_of(speaks, plan, serials, mode, setup)
    write(out, stream)
    typer.echo(f"{out}: {len(stream)} bytes, {len(serials) or 1} labels", err=True)
    if setup.ribbon is not ribbon:
        typer.echo(f"{language}: 按无碳带（热敏）输出 · written for direct thermal; with a ribbon: --ribbon", err=True)


def _to_print(prepared: Prepared, dpi: int, settings: AgentConfig, serials: Sequence[str]) -> Layout:
    """What is written: labels of new serials, or one copy of a label that carries none."""
    _refuse_serials_without_code(prepared, serials)
    _refuse_issued(settings, serials)
    plan = render_or_offer(prepared, dpi)
    if isinstance(plan, LabelPlan) and not serials:
        raise typer.BadParameter("--serial: expected at least one, since each label of this template has its own")
    return require_unblocked(plan, prepared.context)


def _refuse_issued(settings: AgentConfig, serials: Sequence[str]) -> None:
    twice = next((one for one in serials if serials.count(one) > 1), None)
    if twice is not None:
        raise ConflictError(f"render: expected each serial once, got {twice} twice; a serial is printed once")
    held = _held(settings, serials)
    if held:
        raise ConflictError(
            f"render: the ledger holds the serial {held[0]}; expected one that was never drawn; "
            f"a serial is printed once, scrap it and print its replacement"
        )


def _held(settings: AgentConfig, serials: Sequence[str]) -> list[str]:
    """Those of `serials` that this machine's ledger, if there is one, has issued. Raises if that cannot be known."""
    if not settings.data.ledger_path.exists():
        return []
    try:
        with the_ledger(settings) as ledger:
            return [one for one in serials if _knows(ledger.label, one)]
    except LedgerBusyError:
        api = Api(settings)
        api.call("GET", "/printers")  # an agent that does not answer must not pass for one that does not know
        return [one for one in serials if _knows(lambda serial: api.call("GET", f"/labels/{serial}"), one)]


def _knows(ask: Callable[[str], object], serial: str) -> bool:
    try:
        ask(serial)
    except NotFoundError:
        return False
    return True


def _warn(findings: Sequence[Finding]) -> None:
    for one in findings:
        sys.stderr.write(_line(one) + "\n")


def _line(one: Finding) -> str:
    return f"{one.severity} {one.rule} [{one.clause}] {one.path}: {one.zh} · {one.en}"
