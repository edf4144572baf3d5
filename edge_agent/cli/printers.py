"""`edge-agent printers …`: which there are, what each is doing in plain words, and what one can be asked to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from edge_agent.cli.common import (
    Api,
    ConfigOption,
    JsonOption,
    LogInOption,
    OperatorOption,
    ReasonOption,
    configuration,
    show,
    wait_for,
)
from edge_agent.config import GroupRow, PrinterRow
from edge_agent.messages.printer import PROOFS, UNREAD
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers import discovery
from edge_agent.printers.discovery import Found
from edge_agent.printing.from_config import profile_of
from label_protocol.kinds import LineAnswer

app = typer.Typer(help="打印机 · Printers", no_args_is_help=True)


@app.command(name="list")
def list_printers(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """配置的打印机与组 · Those in the configuration, and their groups.

    Example: edge-agent printers list
    """
    settings = configuration(config)
    rows, groups = [_row(one) for one in settings.printers], [_group(one) for one in settings.groups]
    lines = [_listed(one) for one in rows] + [_group_line(one) for one in groups]
    show({"printers": rows, "groups": groups}, as_json=as_json, text="\n".join(lines) or "没有打印机 · none")


def _row(row: PrinterRow) -> dict[str, Any]:
    profile = profile_of(row)
    return {
        "id": row.id,
        "name": row.name,
        "url": row.url,
        "profile": row.profile,
        "language": profile.language,
        "dpi": row.dpi or profile.dpi,
        "proof": profile.proof.word,
        "proof_words": asdict(PROOFS[profile.proof]),
        "handling": row.handling.value,
        "across": row.across,
    }


def _group(row: GroupRow) -> dict[str, Any]:
    return {"group_id": row.id, "name": row.name, "printers": row.printers}


_HANDLING = {"tear": "撕下 tear", "peel": "剥离 peel", "cut": "切刀 cut"}


def _listed(row: Mapping[str, Any]) -> str:
    proof = row["proof_words"]
    return (
        f"{row['id']}  {row['name']}  {row['url']}  {row['profile']}  {row['language']} {row['dpi']} dpi  "
        f"证明 proof: {proof['zh']} · {proof['en']}  {_HANDLING[row['handling']]}  一排 across {row['across']}"
    )


def _group_line(group: Mapping[str, Any]) -> str:
    return f"{group['group_id']}  {group['name']}  组 group: {', '.join(group['printers'])}"


@app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """现状 · What each is doing now; asks the running agent.

    Example: edge-agent printers status
    """
    found = Api(configuration(config)).call("GET", "/printers")
    lines = [_line(one) for one in found["printers"]] + [_group_line(one) for one in found["groups"]]
    show(found, as_json=as_json, text="\n".join(lines) or "没有打印机 · none")


def _line(view: Mapping[str, Any]) -> str:
    count = "—" if view["counter"] is None else view["counter"]
    ready = "✓ 可打印 ready" if view["ready"] else "✗ 不可打印 not ready"
    job = f"  任务 job {view['job_id']}" if view["job_id"] else ""
    said = f"{view['words']['zh']} · {view['words']['en']}"
    more = [view["trouble"]] if view["trouble"] else []
    if view.get("identity"):
        more.append(f"型号 model {PrinterIdentity(**view['identity'])}")
    more += [f"{UNREAD}: {question} → {answer}" for question, answer in view.get("unread", {}).items()]
    line = f"{view['printer_id']}  {view['name']}  {ready}  {said}  计数 odometer {count}{job}"
    return "\n    ".join([line, *more])


PrinterArgument = Annotated[str, typer.Argument(metavar="P", help="打印机编号 · id of one printer, not of a group")]


@app.command()
def test(
    printer: PrinterArgument, operator: OperatorOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """打一张无码测试签，说出能证明到哪一步 · Print a test label without a code, and say how far it was proven.

    Example: edge-agent printers test line-1
    """
    _have_done("test", printer, operator, config, as_json)


@app.command()
def calibrate(
    printer: PrinterArgument, operator: OperatorOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """校准纸张，会走几张空白签 · Have it measure its roll; feeds a few blank labels.

    Example: edge-agent printers calibrate line-1
    """
    _have_done("calibrate", printer, operator, config, as_json)


@app.command()
def answer(
    printer: PrinterArgument,
    answer: Annotated[
        LineAnswer,
        typer.Argument(
            metavar="another|put_back",
            help="another 就用现在这台；put_back 要接回原来那台 · go on with this one, or wait for the old one",
        ),
    ],
    reason: ReasonOption,
    operator: OperatorOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """回答“换了打印机？”(记录在账) · A lead's recorded answer while another printer may stand at a line.

    Example: edge-agent printers answer line-1 another --operator 12 --reason 一号机送修
    """
    api = Api(configuration(config))
    found = (api.log_in() if log_in else api).call(
        "POST",
        f"/printers/{quote(printer, safe='')}/answer",
        {"answer": answer.value, "operator": operator, "reason": reason},
    )
    show(found, as_json=as_json, text=f"{printer}: {found['words']['zh']} · {found['words']['en']}")


def _have_done(task: str, printer: str, operator: str, config: Path | None, as_json: bool) -> None:
    """Through the running agent: a printer takes one connection, and the agent has it."""
    found = Api(configuration(config)).call(
        "POST", f"/printers/{quote(printer, safe='')}/{task}", {"operator": operator}
    )
    show(found, as_json=as_json, text=f"{printer}: {found['words']['zh']} · {found['words']['en']}")


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
    text = "\n".join(f"# {place_of(one)}\n{row}" for one, row in rows) or "没有找到 · none found"
    show([{**asdict(one), "toml": row} for one, row in rows], as_json=as_json, text=text)


_KINDS = {
    "network": "网络 network",
    "serial": "串口 serial port",
    "queue": "系统队列 OS queue",
    "device": "USB 设备 USB device",
}


def place_of(found: Found) -> str:
    """What somebody reads of a place where a printer may be."""
    told = [found.language, found.identity] if found.language else []
    words: Sequence[str | None] = [_KINDS[found.kind], found.description, *told]
    return " · ".join(" ".join(word.split()) for word in words if word)
