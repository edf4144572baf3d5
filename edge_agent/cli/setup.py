"""`edge-agent setup`: the guided first start. It asks, writes the configuration, and runs the commands that follow from
the answers, each shown as somebody could type it. Every question has an option; with --yes nothing is asked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from edge_agent.cli.common import ConfigOption, wait_for
from edge_agent.cli.printers import place_of
from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig, config_from, default_paths, load_config, places
from edge_agent.errors import RefusedError
from edge_agent.ops.registry_here import unit as own
from edge_agent.ops.service import systemd
from edge_agent.ops.service.unit import STATE
from edge_agent.ops.setup import run
from edge_agent.ops.setup.answers import Answers, Printer, printer_of
from edge_agent.ops.setup.answers import places as places_in
from edge_agent.ops.setup.run import Wanted, with_own_registry
from edge_agent.ops.setup.steps import Step
from edge_agent.ops.setup.write import require_leave
from edge_agent.printers import discovery
from edge_agent.printers.discovery import Found
from edge_agent.printers.profiles import shipped_profiles
from edge_agent.web.setup.draft import Draft
from edge_agent.web.setup.site import serve
from edge_agent.wiring import page_url
from label_protocol.errors import ConfigError

_WITHOUT_REGISTRY = (
    "还没有登记到中心平台：能校验和预览，不能打印有码标签；拿到口令后运行 · not enrolled: it checks and previews, but "
    "prints no label with a code; with a token run: edge-agent enrol --registry URL --token-file F --config {config}"
)

_START = "启动 start it: edge-agent run --config {config}; "

_OWN_REGISTRY = "没有协会平台：在这台电脑上开一个自己的吗 · No association's registry: run one of your own on this PC?"
_OTHERS = "页面也给别的电脑、平板打开吗（会加密，每台装一次证书）· Is the page opened on other devices, too (by TLS)?"
_OWN_LOTS = (
    "本机平台：导入批次、分配数量 · your own registry; import lots and allot them: central-registry lots import FILE "
    f"--config {own.CONFIG}; central-registry allot --lot LOT --agent agent-1 --quantity N --config {own.CONFIG}"
)

Site = Annotated[str | None, typer.Option("--site", metavar="NAME", help="工厂名称 · name of the factory")]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="数据文件夹 · folder of all data")]
Network = Annotated[
    str | None, typer.Option("--range", metavar="CIDR", help="在这个网段里找打印机 · look for printers in it")
]
Printers = Annotated[
    list[str] | None,
    typer.Option("--printer", metavar="PROFILE@URL", help="打印机，可多次 · e.g. zpl-203@tcp://192.168.1.50:9100"),
]
Url = Annotated[str | None, typer.Option("--registry", metavar="URL", help="中心平台地址 · the registry's address")]
Here = Annotated[
    bool | None,
    typer.Option("--registry-here/--no-registry-here", help="没有协会平台，在本机开一个 · run one of your own here"),
]
TokenFile = Annotated[
    Path | None, typer.Option("--token-file", metavar="F", help="登记口令所在的文件 · file with the one-time token")
]
Lead = Annotated[
    str | None, typer.Option("--lead", metavar="NAME", help="第一个班长，此后操作都要扫工牌 · the first lead's name")
]
PinFile = Annotated[Path | None, typer.Option("--pin-file", metavar="F", help="班长 PIN 所在的文件 · the lead's PIN")]
Others = Annotated[
    bool | None,
    typer.Option(
        "--other-computers/--no-other-computers", help="页面也给别的电脑、平板用（加密）· reached by others, by TLS"
    ),
]
AsService = Annotated[bool | None, typer.Option("--service/--no-service", help="装成系统服务 · install the service")]
Test = Annotated[bool | None, typer.Option("--test/--no-test", help="每台打一张测试签 · print a test label on each")]
Change = Annotated[bool, typer.Option("--change", help="已有配置就改它 · change a configuration that is there")]
AsPage = Annotated[
    bool, typer.Option("--page", help="在浏览器里问，只有本机、只用一次的地址 · ask in a browser, here and once")
]
Yes = Annotated[bool, typer.Option("--yes", help="什么都不问，没给的不动 · ask nothing; what is not given stays")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(setup)


def setup(
    config: ConfigOption = None,
    site: Site = None,
    data: Data = None,
    network: Network = None,
    printer: Printers = None,
    registry: Url = None,
    registry_here: Here = None,
    token_file: TokenFile = None,
    lead: Lead = None,
    pin_file: PinFile = None,
    other_computers: Others = None,
    service: AsService = None,
    test: Test = None,
    change: Change = False,
    page: AsPage = False,
    yes: Yes = False,
) -> None:
    """首次设置：找打印机、写配置、登记、装服务、打测试签 · The guided first start, from the printers to the test label.

    Example: edge-agent setup
    """
    path = (config or _usual_path()).absolute()
    change = change or (path.exists() and not yes and typer.confirm(f"{path} 已经有了，改它吗 · exists, change it?"))
    fresh, ask = not path.exists(), not yes
    _require_pin(lead, pin_file, ask)
    now = AgentConfig() if fresh else load_config(path)
    if page:
        _in_a_browser(path, now, change=change)
        return
    name = site or (_asked("工厂名称 · Name of the factory", now.site.name) if ask else None)
    folder = (data or _data_folder(ask)).absolute() if fresh or data else None
    url = registry or (_asked("中心平台地址，没有就回车 · The registry", now.registry.url) if ask else None)
    here = url is None and _wants(registry_here, ask and _can_serve(), _OWN_REGISTRY)
    answers = with_own_registry(Answers(name, folder, url)) if here else Answers(name, folder, url)
    chosen = [printer_of(one) for one in printer or ()] or (_chosen(network, ask) if ask or network else [])
    others = _wants(other_computers, ask and now.web.tls is None, _OTHERS, default=False)
    answers = replace(answers, printers=chosen, others=others)
    if url and token_file is None and ask:
        token = _asked("登记口令所在的文件，没有就回车 · File with the one-time token", None)
        token_file = Path(token) if token else None
    wanted = Wanted(
        answers=answers,
        registry_here=here,
        token=token_file,
        service=_wants(service, ask and _can_serve(), "装成开机自启的服务吗 · Install it as a service?"),
        test=_wants(
            test, ask and bool(chosen or now.printers), "每台打一张测试签吗 · Print a test label on each printer?"
        ),
        lead=lead or (_first_lead(now, folder) if ask else None),
        pin=pin_file,
    )
    settings = run.write(path, wanted, change=change, now=now_utc())
    typer.echo(f"已写好 written: {path}")
    _do(path, wanted, settings)
    if here:
        typer.echo(_OWN_LOTS)
    elif token_file is None and not settings.registry.credentials_path.exists():
        typer.echo(_WITHOUT_REGISTRY.format(config=path))
    begin = "" if wanted.service else _START.format(config=path)
    typer.echo(f"好了 done; {begin}{page_url(settings)}/")


def _require_pin(lead: str | None, pin_file: Path | None, ask: bool) -> None:
    if lead is not None and pin_file is None and not ask:
        raise ConfigError(
            "班长要有 PIN，什么都没有写；请加 --pin-file F · setup: expected --pin-file beside --lead and --yes, since "
            "a lead has a PIN and nobody is asked for it, got none; nothing was written: give --pin-file F"
        )


def _in_a_browser(path: Path, now: AgentConfig, *, change: bool) -> None:
    """The same by the page; what it did is told here, too."""
    require_leave(path, change=change)
    draft = Draft(path, now, not path.exists(), _can_serve(), str(_data_folder(False)), site=now.site.name)
    work = wait_for(serve(draft, change=change, tell=_tell_address))
    for one in work.outcomes if work else ():
        typer.echo(f"{'✓' if one.ok else '✗'} {one.step.zh} · {one.step.en}: {one.step.typed}")
    if work is None or not all(one.ok for one in work.outcomes):
        raise RefusedError(
            "没有都做成，页面上写着为什么 · setup: expected every step to be done, got less; the page said why, and "
            "each can be run by itself"
        )


def _tell_address(url: str) -> None:
    typer.echo(f"请在这台电脑的浏览器里打开，只能用一次 · open this in a browser of this computer, once:\n{url}")


def _do(path: Path, wanted: Wanted, settings: AgentConfig) -> None:
    """What fails is told at the end, and the others are still done."""
    todo = run.planned(path, wanted, settings)
    failed = [one.step for one in run.carry_out(path, todo, service=wanted.service, do=_shown) if not one.ok]
    if failed:
        raise RefusedError(
            f"配置已写好，这几步没有成功，改好后可单独再运行 · setup: expected every step to be done, got "
            f"{len(failed)} that failed; the configuration is written, run them again: "
            f"{'; '.join(step.typed for step in failed)}"
        )


def _shown(step: Step) -> run.Outcome:
    typer.echo(f"\n→ {step.zh} · {step.en}: {step.typed}")
    return run.at_the_terminal(step)


def _first_lead(now: AgentConfig, folder: Path | None) -> str | None:
    """Nobody is asked for at a site that has people already."""
    there = now.people_path if folder is None else config_from(places_in(folder), folder).people_path
    if there.exists():
        return None
    return _asked("第一个班长的姓名，以后再加就回车 · Name of the first lead, who then has a PIN", None)


def _usual_path() -> Path:
    """Root sets the machine up, anybody else himself; a configuration that is there is the one that is meant."""
    own = default_paths().config
    return places.machine_path() if _is_root() and not own.exists() else places.found(own)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _can_serve() -> bool:
    return _is_root() and Path("/", systemd.BOOTED).is_dir()


def _data_folder(ask: bool) -> Path:
    usual = Path(STATE) if _can_serve() else default_paths().ledger.parent.parent
    return (
        Path(typer.prompt("数据文件夹（本机硬盘）· Folder of all data, on a local disk", default=usual))
        if ask
        else usual
    )


def _wants(given: bool | None, ask: bool, question: str, *, default: bool = True) -> bool:
    return typer.confirm(question, default=default) if given is None and ask else bool(given)


def _asked(question: str, now: str | None) -> str | None:
    """The answer, or what it is `now`; None: nothing was answered."""
    return str(typer.prompt(question, default=now or "", show_default=now is not None)).strip() or None


# --- printers ---------------------------------------------------------------------------------------------------------


def _chosen(network: str | None, ask: bool) -> list[Printer]:
    """Those that somebody picks of what is found; without anybody to ask, those that said who they are."""
    network = network or (_asked("在哪个网段里找，如 192.168.1.0/24，不找就回车 · Network", None) if ask else None)
    found = discovery.here()
    if network is not None:
        alone = not ask or typer.confirm(
            "网段里只有标签打印机吗？别的打印机会把问题打在纸上 · Only label printers there? Others print the question"
        )
        found += wait_for(discovery.scan(network, ask=alone))
    if not ask:
        return [Printer(one.url, one.profile, one.identity or one.url) for one in found if one.profile]
    return [_described(one) for one in _picked(found)]


def _picked(found: Sequence[Found]) -> list[Found]:
    for number, one in enumerate(found, start=1):
        typer.echo(f"{number}. {one.url}  {place_of(one)}")
    if not found:
        typer.echo("没有找到打印机，以后再加：docs/printers.md · no printer found; add one later")
        return []
    by_number = {str(number): one for number, one in enumerate(found, start=1)}
    while True:
        told = _asked("用哪几台，写编号如 1,3，都不用就回车 · Which, by number", None) or ""
        words = [word for part in told.replace("，", ",").split(",") if (word := part.strip())]
        if not (strange := next((word for word in words if word not in by_number), "")):
            return [by_number[word] for word in dict.fromkeys(words)]
        typer.echo(f"没有编号 {strange} · expected numbers from 1 to {len(found)}, got {strange!r}; write them again")


def _described(one: Found) -> Printer:
    """With what no answer told: the profile, and the name people call it by."""
    known = shipped_profiles()
    kind = one.profile or ""
    while kind not in known:
        typer.echo(f"型号 profiles: {', '.join(known)}")
        kind = str(typer.prompt(f"{one.url} 是哪种型号，见 docs/printers.md · Its profile", default="zpl-unknown"))
    name = typer.prompt(f"{one.url} 叫什么名字 · Its name", default=one.identity or one.description)
    return Printer(one.url, kind, name.strip())
