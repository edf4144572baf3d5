"""Commands about this machine: enrol, sync, holds, doctor."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from edge_agent.access.exposure import require_locked
from edge_agent.cli import another_registry, lifting
from edge_agent.cli.common import (
    Api,
    ConfigOption,
    JsonOption,
    LogInOption,
    OperatorOption,
    ReasonOption,
    configuration,
    show,
    the_ledger,
    wait_for,
)
from edge_agent.config import AgentConfig
from edge_agent.errors import LedgerBusyError, RefusedError, SyncError
from edge_agent.files import start_of
from edge_agent.identity.check_keys import KeyRing
from edge_agent.identity.credentials import Credentials, fingerprint
from edge_agent.ops.doctor import Row, examine
from edge_agent.sync.contract import Enrolment
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.sync.http_client import enrol as enrol_at
from label_protocol.errors import ConfigError

_TOKEN_FILE = 1000
"""Bytes; a token has 43."""

sync_app = typer.Typer(help="同步 · Sync with the central registry", no_args_is_help=True)
hold_app = typer.Typer(help="停发 · Holds on issuing", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(enrol)
    app.command()(doctor)


def enrol(
    token: Annotated[
        str | None,
        typer.Option("--token", metavar="T", help="一次性口令，- 从标准输入读 · one-time token; -: from stdin"),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", metavar="F", help="口令所在的文件 · file with the token")
    ] = None,
    registry: Annotated[
        str | None, typer.Option("--registry", metavar="URL", help="缺省为配置中的地址 · default: the configuration's")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="缺省为配置中的站点名 · default: the site's name")] = None,
    new_ledger: Annotated[
        Path | None,
        typer.Option(
            "--new-ledger",
            metavar="DIR",
            help="换到别的平台：旧账本移到这个新文件夹，另开一本 · another registry: the old ledger goes there, whole",
        ),
    ] = None,
    untold: Annotated[
        bool, typer.Option("--untold", help="旧平台没收到的就算了 · what the old registry was not told stays so")
    ] = False,
    moved: Annotated[
        bool, typer.Option("--moved", help="还是同一个平台，换了地址 · the same registry at a new address")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """向中心登记；换到别的平台要 --new-ledger · Enrol at the registry; at another than before with --new-ledger.

    Example: edge-agent enrol --registry https://registry.example.cn --token-file token.txt
    """
    settings = configuration(config)
    url = registry or settings.registry.url
    if url is None:
        raise ConfigError("enrol: expected the registry's address, got none; give --registry or set registry.url")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ConfigError(f"enrol: expected an address such as https://registry.example.cn, got {url!r}; correct it")
    require_locked(url, allow_plain=settings.registry.allow_plain_http)
    secret = _token(token, token_file)
    ask = partial(_ask_to_enrol, settings, url, secret, name)
    if new_ledger is not None:
        another_registry.require_settled(settings, new_ledger, untold=untold)
        answer = ask()
        another_registry.begin_anew(settings, new_ledger)
    with the_ledger(settings, create=True) as ledger:
        if new_ledger is None:
            another_registry.require_its_registry(before := ledger.identity(), url, moved=moved)
            answer = ask()
            another_registry.require_same_agent(before if moved else None, answer.agent, answer.issuer)
        Credentials(url, answer.agent, answer.secret).save(settings.registry.credentials_path)
        ledger.enrol(answer.agent, answer.issuer, answer.epoch, url)
        wait_for(_fetch_keys(settings))
    typer.echo(f"已登记 enrolled as {answer.agent}, issuer {answer.issuer}")


def _ask_to_enrol(settings: AgentConfig, url: str, token: str, name: str | None) -> Enrolment:
    machine = fingerprint(settings.data.ledger_path.parent)
    return wait_for(enrol_at(url, token, name or settings.site.name, machine))


def _token(given: str | None, file: Path | None) -> str:
    """From a file, standard input, or the command line, where everybody on this computer can see it."""
    if (given is None) == (file is None):
        raise ConfigError("enrol: expected --token-file F, or --token - to read it, got neither or both; give one")
    if given is not None and given != "-":
        typer.echo(
            "! 口令写在命令行上，进程列表和历史里都看得见；请用 --token-file 或 --token - · a token on the command "
            "line is seen in the list of processes and in the history; use --token-file F or --token -",
            err=True,
        )
        return given
    try:
        text = sys.stdin.read(_TOKEN_FILE + 1) if file is None else start_of(file, _TOKEN_FILE).decode("utf-8-sig")
    except (OSError, ValueError) as cause:
        raise ConfigError(f"{file}: expected a file with the one-time token, got {cause}; check the path") from cause
    words = text.split()
    if len(words) != 1 or len(text) > _TOKEN_FILE:
        raise ConfigError(f"enrol: expected one token and nothing else, got {len(words)} words; copy it again")
    return words[0]


async def _fetch_keys(settings: AgentConfig) -> None:
    """The keys of check codes, if the registry gives them now; the running agent asks again."""
    credentials = Credentials.load(settings.registry.credentials_path)
    if credentials is None:
        return
    client = HttpRegistry(credentials.registry, credentials.agent, credentials.secret, timeout_s=10.0)
    with contextlib.suppress(SyncError, OSError):
        KeyRing(settings.registry.credentials_path).take(await client.check_keys())
    await client.close()


def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """体检 · Looks at everything the agent needs and says what to do.

    Example: edge-agent doctor
    """
    rows = wait_for(examine(configuration(config)))
    show([row.told() for row in rows], as_json=as_json, text="\n".join(map(_doctor_line, rows)))
    bad = [row for row in rows if not row.ok]
    if bad:
        raise RefusedError(f"有不对的地方，请照 ✗ 那几行处理 · doctor: {bad[0].what}: {bad[0].found}")


def _doctor_line(row: Row) -> str:
    mark = {"ok": "✓", "warn": "!", "bad": "✗"}[row.state]
    return f"{mark} {row.what}: {row.found}" + (f"\n    → {row.todo}" if row.todo.zh else "")


@sync_app.command()
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """同步状态 · Where the sync stands.

    Example: edge-agent sync status
    """
    view = Api(configuration(config)).call("GET", "/sync")
    show(view, as_json=as_json, text=_standing(view))


@sync_app.command()
def now(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """立即同步 · Sync now.

    Example: edge-agent sync now
    """
    view = Api(configuration(config)).call("POST", "/sync/now")
    show(view, as_json=as_json, text=_standing(view))


def _standing(view: dict[str, Any]) -> str:
    if not view["configured"]:
        return "尚未登记，只记在本机 · not enrolled, records stay on this machine; run: edge-agent enrol --token-file F"
    lines = [
        f"{view['words_zh']} · {view['words_en']}",
        f"待上报 to send: {view['pending']}",
        f"已确认 acknowledged: {view['acked_seq']}, {view['last_ack_at'] or '—'}",
    ]
    return "\n".join(lines + ([f"原因 because: {view['error']}"] if view["error"] else []))


@hold_app.command(name="list")
def list_holds(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """停发原因 · Why nothing may be issued.

    Example: edge-agent hold list
    """
    holds = Api(configuration(config)).call("GET", "/holds")["holds"]
    show(holds, as_json=as_json, text="\n".join(map(_hold_line, holds)) or "无 · none")


def _hold_line(hold: dict[str, Any]) -> str:
    return f"{hold['kind']}  {hold['words']}  （{_LIFTED_BY[hold['release']]}）"


_LIFTED_BY = {
    "page": "操作员可解除 lifted by an operator",
    "command": "停止代理后用 hold release 解除 lifted by hold release with the agent stopped",
    "registry": "只有平台能解除 lifted by the registry",
    "none": "自己会好 ends by itself",
}


@hold_app.command()
def release(
    kind: Annotated[str, typer.Argument(help="停发种类，hold list 打出 · as hold list tells it", metavar="KIND")],
    reason: ReasonOption,
    operator: OperatorOption = "",
    log_in: LogInOption = False,
    config: ConfigOption = None,
) -> None:
    """人工解除(记录在账) · A person's recorded order. While the agent runs: what hold list calls page. With the agent
    stopped also witness_*, forked and registry_ahead, after the whole ledger was verified. cloned is the registry's.
    Where people are asked, a lead does it by badge and PIN (--log-in).

    Example: edge-agent hold release counter_ahead --operator 12 --reason 换卷走纸
    """
    settings = configuration(config)
    try:
        with the_ledger(settings) as ledger:
            lifting.release_here(settings, ledger, kind, operator, reason, log_in=log_in)
    except LedgerBusyError:
        api = Api(settings)
        body = {"operator": operator, "reason": reason}
        (api.log_in() if log_in else api).call("POST", f"/holds/{kind}/release", body)
    typer.echo(f"{kind}: 已解除 released")
