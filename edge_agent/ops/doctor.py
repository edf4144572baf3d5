"""Looks at everything the agent needs, one row each, and says what to do: for IT at two in the morning."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from edge_agent.access.exposure import is_plain, open_to_network
from edge_agent.clock import no_probe
from edge_agent.config import AgentConfig, GroupRow, PrinterRow, PrintingTable
from edge_agent.errors import HeldError, LedgerBusyError, LinkDownError, RefusedError, SyncError, TemplateError
from edge_agent.files import write_over
from edge_agent.identity.check_keys import KeyRing
from edge_agent.identity.credentials import Credentials
from edge_agent.messages.printer import DOWN, ONE_WAY, SILENT, beside, of_status
from edge_agent.messages.text import Words
from edge_agent.model.printer import Health
from edge_agent.printers.link import Link
from edge_agent.printers.ports import numbered, stable_name
from edge_agent.printers.transports.serial_url import parse_serial_url
from edge_agent.printing.from_config import window_printer_for
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.render.type.fonts import font_path
from edge_agent.wiring import open_ledger, open_overrides, require_registry_locked
from label_protocol.errors import AgentError, ConfigError

FREE_MB_LEAST = 500
"""Three years of labels at ten thousand a day stay far below this; less means that something else fills the disk."""

CONNECT_S = 5.0
"""A print service may have to be asked about a queue first; a printer that is there takes the connection at once."""

_RUNNING = "运行中的代理持有 the running agent has it"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at."""

    ok: bool
    what: str
    found: str
    warns: bool = False
    """It works, and somebody should know at what price."""


async def examine(config: AgentConfig) -> list[Row]:
    """All rows; never raises for what it finds."""
    rows = [
        await _row("账本 ledger", lambda: _ledger(config)),
        await _row("磁盘 disk", lambda: _disk(_there(config.data.ledger_path.parent))),
        await _row("落盘 fsync", lambda: _fsync(_there(config.data.ledger_path.parent))),
        await _row("字体 font", _font),
        await _row("中心 registry", lambda: _registry(config)),
        await _row("防伪码 check code", lambda: _check_keys(config)),
    ]
    rows += [one for one in (_open_page(config), _plain_registry(config)) if one is not None]
    if config.rules.override_path is not None:
        rows.append(await _row("规则补充 rule overrides", lambda: _overrides(config)))
    if config.labels.template_path is not None:
        rows.append(await _row("模板 templates", lambda: _templates(TemplateLibrary(config.labels.template_path))))
    running = rows[0].found == _RUNNING
    if running:
        rows.append(await _row("停发 holds", lambda: _holds(config)))
        rows.append(await _row("上报 sync", lambda: _sync(config)))
    for row in config.printers:
        look = partial(_asked, config, row) if running else partial(_printer, row, config.printing)
        rows.append(await _row(f"打印机 printer {row.id}", look))
        rows += [one for one in (_numbered_port(row), _without_parity(row)) if one is not None]
    for group in config.groups:
        rows.append(await _row(f"组 group {group.id}", partial(_group, group)))
    return rows


async def _row(what: str, look: Callable[[], Awaitable[str]]) -> Row:
    try:
        return Row(True, what, await look())
    except (AgentError, OSError, aiohttp.ClientError, TimeoutError) as cause:
        return Row(False, what, str(cause) or type(cause).__name__)


async def _ledger(config: AgentConfig) -> str:
    if not config.data.ledger_path.exists() and not config.data.witness_path.exists():
        raise ConfigError(
            f"还没有账本，登记时建立 {config.data.ledger_path}: expected a ledger, got none yet; enrolment makes it"
        )
    try:
        with contextlib.closing(open_ledger(config)) as ledger:
            head, holds = ledger.head(), ledger.holds()
    except LedgerBusyError:
        return _RUNNING
    if holds:
        raise HeldError(f"停发 issuing is held: {'; '.join(one['words'] for one in holds)}")
    return f"{head.seq} 事件 events"


def _there(folder: Path) -> Path:
    """`folder`, or before enrolment made it, the nearest one above it that is there: on the same disk."""
    return next(one for one in (folder, *folder.parents) if one.is_dir())


async def _disk(folder: Path) -> str:
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < FREE_MB_LEAST:
        raise OSError(f"expected {FREE_MB_LEAST} MB free, got {free_mb} MB; make room")
    return f"{free_mb} MB free"


async def _fsync(folder: Path) -> str:
    """Median of nine small durable writes: what every window pays twice."""
    probe, times_ms = folder / ".fsync-probe", []
    with os.fdopen(write_over(probe), "wb") as file:
        for _ in range(9):
            began = time.perf_counter()
            file.write(b"x" * 200)
            file.flush()
            os.fsync(file.fileno())
            times_ms.append((time.perf_counter() - began) * 1000)
    probe.unlink()
    return f"{sorted(times_ms)[4]:.2f} ms"


async def _holds(config: AgentConfig) -> str:
    """The running agent has the ledger, so it is asked: a disk that took no write is known to nobody else."""
    url = f"http://{config.web.host}:{config.web.port}/api/v1/holds"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, session.get(url) as answer:
        holds = (await answer.json())["holds"]
    if holds:
        raise HeldError(f"停发 issuing is held: {'; '.join(one['words'] for one in holds)}")
    return "没有 none"


async def _sync(config: AgentConfig) -> str:
    """What the running agent last heard: a registry that answers may still say no, as to a lost agent."""
    url = f"http://{config.web.host}:{config.web.port}/api/v1/sync"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, session.get(url) as answer:
        told = await answer.json()
    if not told["configured"]:
        return "没有中心平台 no registry"
    said = f"{told['words_zh']} · {told['words_en']}"
    if told["state"] in ("refused", "cloned", "failed"):
        raise SyncError(f"{said} ({told['error']})" if told.get("error") else said)
    return said


async def _font() -> str:
    return font_path().name


async def _overrides(config: AgentConfig) -> str:
    found = open_overrides(config)
    return ", ".join(f"{one.key} ({one.who})" for one in found) or "没有一条 no rows"


async def _templates(library: TemplateLibrary) -> str:
    if flaws := library.flaws():
        raise TemplateError("; ".join(flaws))
    own = [one.title_zh for name, one in library.labels().items() if name != one.name]
    return ", ".join(own) or f"没有一个 none in {library.folder}"


async def _registry(config: AgentConfig) -> str:
    credentials = Credentials.load(config.registry.credentials_path)
    if credentials is None:
        raise LedgerBusyError("尚未登记 not enrolled; run: edge-agent enrol --registry URL --token-file F")
    timeout = aiohttp.ClientTimeout(total=5)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(credentials.registry.rstrip("/") + "/healthz") as answer,
    ):
        if answer.status != 200:
            raise OSError(f"expected 200 from {credentials.registry}/healthz, got {answer.status}")
    return f"{credentials.registry} answers; this is agent {credentials.agent}"


def _open_page(config: AgentConfig) -> Row | None:
    words = open_to_network(config.web.host)
    return None if words is None else Row(False, "页面 page", str(words))


def _plain_registry(config: AgentConfig) -> Row | None:
    """Red if the agent would not start so; a warning where the site wants it."""
    what = "加密 encryption"
    try:
        require_registry_locked(config)
        credentials = Credentials.load(config.registry.credentials_path)
    except ConfigError as cause:
        return Row(False, what, str(cause))
    urls = [url for url in (credentials.registry if credentials else None, config.registry.url) if url]
    plain = next((url for url in urls if is_plain(url)), None)
    told = (
        f"{plain} 没有加密，路上谁都能看见 is not encrypted, anybody on the way can read it; allow_plain_http allows it"
    )
    return None if plain is None else Row(True, what, told, warns=True)


async def _check_keys(config: AgentConfig) -> str:
    """Names only. That there is no key is no fault: only templates with a check code need one."""
    if config.labels.check_code == "off":
        return "设为不印 off, see [labels] in agent.toml"
    keys = KeyRing(config.registry.credentials_path).keys
    if keys is None:
        return "还没有密钥，带防伪码的模板不能打印 no key yet, templates with a check code are refused; sync once"
    return f"密钥 key {keys.current} ({len(keys.keys)})"


async def _printer(row: PrinterRow, printing: PrintingTable) -> str:
    """The row can be obeyed, its place can be opened, and whoever is there speaks the row's language."""
    window_printer = window_printer_for(row, printing, no_probe)
    link = window_printer.link
    try:
        await _connect(link, row)
        if window_printer.blind:
            return str(ONE_WAY)
        identity, status = await link.identity(), await link.status()
    finally:
        await link.close()
    if identity is None and status.health is Health.UNKNOWN:
        raise LinkDownError(
            f"{SILENT}: expected an answer in {link.language.name}, got none from {row.url}; is the profile "
            f"{row.profile} right? see docs/printers.md"
        )
    what = beside(of_status(status), status.warnings)
    return _well(identity or "未报型号 does not tell its model", what, status.health is Health.OK) + _left_open(row)


def _numbered_port(row: PrinterRow) -> Row | None:
    """A number given in the order of plugging in may be another printer's after the next restart."""
    if (device := numbered(row.url)) is None:
        return None
    stable = stable_name(device)
    told = f"{device} 的编号插拔或重启后会变 changes with each plugging in"
    todo = f"写 use {stable}" if stable else "没有固定的名字 it has no name that stays"
    return Row(True, f"端口 port {row.id}", f"{told}; {todo}", warns=True)


def _without_parity(row: PrinterRow) -> Row | None:
    """Advice: without parity no printer can tell a flipped bit. A URL that cannot be read has its own row."""
    try:
        line = parse_serial_url(row.url) if row.url.startswith(("serial://", "rfc2217://")) else None
    except ConfigError:
        return None
    if line is None or line.parity != "none":
        return None
    told = (
        "串口没有校验位，线路上错一位打印机也看不出；请在打印机菜单设偶校验，并在该打印机的 url 加 parity=even "
        "the line has no parity, so the printer cannot see a flipped bit; set even parity in the printer's menu and "
        "parity=even in this printer's url"
    )
    return Row(True, f"校验 parity {row.id}", told, warns=True)


async def _connect(link: Link, row: PrinterRow) -> None:
    try:
        await asyncio.wait_for(link.connect(), CONNECT_S)
    except TimeoutError as cause:
        raise LinkDownError(f"{DOWN}: expected {row.url} to open within {CONNECT_S:g} s, got nothing") from cause


def _well(who: str, what: Words, ready: bool) -> str:
    """What a printer is doing. Raises RefusedError if it could not print now: whoever asks wants to know why not."""
    if not ready:
        raise RefusedError(f"{who}: expected a printer that could print now, got {what}")
    return f"{who}, {what}"


async def _group(row: GroupRow) -> str:
    """The configuration has been read, so its printers are there, each once."""
    return f"{' → '.join(row.printers)}, {row.fallback_after_s:g} s"


async def _asked(config: AgentConfig, row: PrinterRow) -> str:
    """A printer takes one connection, and the running agent has it: so it is asked. The row itself must be good too:
    it may have been edited since the agent read it."""
    window_printer_for(row, config.printing, no_probe)
    url = f"http://{config.web.host}:{config.web.port}/api/v1/printers"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session, session.get(url) as answer:
        views = (await answer.json())["printers"]
    view = next((view for view in views if view["printer_id"] == row.id), None)
    if view is None:
        raise ConfigError(f"expected the running agent to know {row.id}, got an older configuration; restart the agent")
    if view["trouble"]:
        raise LinkDownError(view["trouble"])
    return _well(row.profile, Words(**view["words"]), view["ready"]) + _left_open(row)


def _left_open(row: PrinterRow) -> str:
    """Every window sets all that another program may have left in a printer, but what only the site can know."""
    if row.darkness is not None:
        return ""
    return "；没写 darkness，别的程序改过的浓度会留着 darkness is not set, so what another program left stays"
