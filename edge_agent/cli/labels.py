"""`edge-agent label …`: what became of single labels and strips; each decision names its operator."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from edge_agent.cli.common import Api, ConfigOption, JsonOption, OperatorOption, ReasonOption, configuration, show
from label_protocol.errors import InputError

app = typer.Typer(help="标签 · Labels", no_args_is_help=True)
Serial = Annotated[str, typer.Argument(help="序列号 · serial", metavar="SERIAL")]
_MOST = 1000
"""The longest page of labels that the API gives."""


def _line(label: dict[str, Any]) -> str:
    note = f"  替换 replaces {label['replaces']}" if label.get("replaces") else ""
    state = f"{label['words']['zh']} {label['state']} ({label['level'] or '-'})"
    place = f"批 window {label['window_id']}  任务 job {label['job_id']}  打印机 printer {label['printer']}"
    stopped = label.get("stopped")
    warning = f"  不能挂到衣服上 keep it off garments: {stopped['zh']} · {stopped['en']}" if stopped else ""
    carton = label.get("carton")
    packed = f"  箱 carton {carton['carton']}" if carton else ""
    return f"{label['serial']}  {state}  {place}{note}{packed}{warning}"


def _whole_strip(window: str, rest: str, config: Path | None) -> str:
    doubts = Api(configuration(config)).call("GET", "/doubts")["doubts"]
    count = sum(len(one["labels"]) for one in doubts if one["window_id"] == window)
    zh = {"scrapped": "报废"}.get(rest, "作废")
    return (
        f"没有填最后一张好标签：窗口 {window} 的 {count} 张存疑标签会全部{zh}，没有改动；确实都不好，加 --yes 再来 · "
        f"settle: expected --last with the scan of the last good label, got none; all {count} labels in doubt of "
        f"{window} would become {rest}; give --yes if that is meant"
    )


def _post(path: str, body: dict[str, Any], config: Path | None, as_json: bool) -> None:
    found = Api(configuration(config)).call("POST", path, body)
    labels = [one | {"stopped": found["stopped"]} for one in found["labels"]] if "labels" in found else [found]
    show(found, as_json=as_json, text="\n".join(map(_line, labels)))


@app.command(name="show")
def show_label(serial: Serial, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """查看 · One label.

    Example: edge-agent label show PH17K3M9QX2W4T2B8
    """
    label = Api(configuration(config)).call("GET", f"/labels/{serial}")
    show(label, as_json=as_json, text=_line(label))


@app.command(name="list")
def list_labels(
    state: Annotated[str, typer.Option("--state", help="状态 · state", metavar="in_doubt|printed|…")] = "in_doubt",
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="最多几张 · at most so many labels")] = 100,
    after: Annotated[
        str, typer.Option("--after", metavar="SERIAL", help="从这个序列号之后接着列 · go on after this serial")
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """按状态列出 · Labels in one state, by serial.

    Example: edge-agent label list --state in_doubt --limit 1000
    """
    query = urlencode({"state": state, "limit": limit, "after": after})
    labels = Api(configuration(config)).call("GET", f"/labels?{query}")["labels"]
    show(labels, as_json=as_json, text="\n".join(map(_line, labels)) or "没有 · none")
    if len(labels) == limit:
        _may_go_on(state, limit, labels[-1]["serial"])


def _may_go_on(state: str, limit: int, last: str) -> None:
    more = f"edge-agent label list --state {state} --limit {limit} --after {last}"
    typer.echo(
        f"只列出 {limit} 张，可能还有，接着看：{more} · only {limit} labels are listed, there may be more: {more}",
        err=True,
    )


@app.command()
def scan(
    serial: Serial,
    text: Annotated[str, typer.Option("--text", help="扫描枪原文 · the scanner's raw text", metavar="TEXT")],
    operator: OperatorOption,
    on_garment: Annotated[bool, typer.Option("--on-garment", help="已挂在衣服上")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """扫描确认这一张 · A scanner read this label, and says nothing of its strip: see label settle.

    Example: edge-agent label scan PH17K3M9QX2W4T2B8 --text "https://…" --operator 12
    """
    body = {"text": text, "operator": operator, "on_garment": on_garment}
    _post(f"/labels/{serial}/scan", body, config, as_json)


@app.command()
def scrap(
    serial: Serial,
    operator: OperatorOption,
    reason: ReasonOption,
    replace: Annotated[bool, typer.Option("--replace", help="并补打一张 · and print a replacement")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """报废(已销毁) · Seen spoiled and destroyed.

    Example: edge-agent label scrap PH17… --operator 12 --reason 碳带皱 --replace
    """
    body: dict[str, Any] = {"operator": operator, "reason": reason}
    if not replace:
        _post(f"/labels/{serial}/scrap", body, config, as_json)
        return
    job = Api(configuration(config)).call(
        "POST", f"/labels/{serial}/replace", body, {"Idempotency-Key": secrets.token_hex(16)}
    )
    show(job, as_json=as_json, text=f"{serial} 已报废 scrapped; 补打任务 replacement job {job['job_id']}")


@app.command()
def invalidate(
    serial: Serial,
    operator: OperatorOption,
    reason: ReasonOption,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """作废(找不到) · Not found after a search.

    Example: edge-agent label invalidate PH17… --operator 12 --reason 找不到
    """
    _post(f"/labels/{serial}/invalidate", {"operator": operator, "reason": reason}, config, as_json)


@app.command()
def settle(
    window: Annotated[
        str, typer.Option("--window", help="label list 打出的窗口号 · window, as label list tells it", metavar="W")
    ],
    operator: OperatorOption,
    last: Annotated[
        str | None,
        typer.Option(
            "--last", metavar="TEXT", help="最后一张好标签的扫描原文；一张都不好就不填 · scan of the last good label"
        ),
    ] = None,
    rest: Annotated[
        str, typer.Option("--rest", help="其余的：找不到、已销毁、先留着 · the rest: invalid, scrapped, keep")
    ] = "invalid",
    yes: Annotated[bool, typer.Option("--yes", help="一张都不好，整条处理 · not one is good, and it is meant")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """按最后一张好标签处理整条 · Settle a strip in one action; --yes without --last: not one of it is good.

    Example: edge-agent label settle --window 3fa… --last "https://…" --operator 12
    """
    if last is None and rest != "keep" and not yes:
        raise InputError(_whole_strip(window, rest, config))
    _post(f"/windows/{window}/settle", {"text": last, "operator": operator, "rest": rest}, config, as_json)
