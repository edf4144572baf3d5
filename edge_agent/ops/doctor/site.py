"""What the site needs beside its printers: ledger, disk, font, catalogue, keys, rules and templates."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from pathlib import Path

from edge_agent.access.exposure import is_plain
from edge_agent.access.roles import Role
from edge_agent.access.store import PeopleStore
from edge_agent.catalog import Catalog
from edge_agent.config import AgentConfig
from edge_agent.errors import CatalogError, HeldError, LedgerBusyError, TemplateError
from edge_agent.files import write_over
from edge_agent.identity.check_keys import KeyRing
from edge_agent.identity.credentials import Credentials
from edge_agent.messages.access import NOBODY_NAMED, NOBODY_YET, of_people
from edge_agent.messages.text import Words
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.row import NOTHING, Found, Row
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.render.type.fonts import font_path
from edge_agent.wiring import open_ledger, open_overrides, require_registry_locked
from label_protocol.errors import ConfigError

FREE_MB_LEAST = 500
"""Three years of labels at ten thousand a day stay far below this; less means that something else fills the disk."""

RUNNING = Words("运行中的代理持有", "the running agent has it")
"""What is found of a ledger that a running agent has: then the agent is asked."""


async def ledger(config: AgentConfig) -> Found:
    """Asks the ledger how far it is, and whether it may issue. That there is none yet is no fault: enrolment makes it.
    Raises HeldError: it may not."""
    if not config.data.ledger_path.exists() and not config.data.witness_path.exists():
        return Found(Words("还没有账本，登记时建立", "no ledger yet; enrolment makes it"), todo.ENROL)
    try:
        with contextlib.closing(open_ledger(config)) as ledger:
            head, holds = ledger.head(), ledger.holds()
    except LedgerBusyError:
        return Found(RUNNING)
    if holds:
        raise HeldError(f"停发 issuing is held: {'; '.join(one['words'] for one in holds)}")
    return Found(Words(f"{head.seq} 条事件", f"{head.seq} events"))


async def catalogue(config: AgentConfig) -> Found:
    """What can be ordered. Raises CatalogError: its file is damaged."""
    styles, lots = await asyncio.to_thread(_counts, config.data.catalog_path)
    return Found(
        Words(f"款式 {styles}，批次 {lots}", f"styles {styles}, lots {lots}"), NOTHING if styles else todo.IMPORT
    )


def _counts(path: Path) -> tuple[int, int]:
    """Nothing is begun where nothing is yet: a look leaves nothing behind."""
    if not any(path.parent.glob(f"{path.name}*")):
        return 0, 0
    found = Catalog.open(path)
    return len(found.styles.list()), len(found.lots.list())


def there(folder: Path) -> Path:
    """`folder`, or before enrolment made it, the nearest one above it that is there: on the same disk."""
    return next(one for one in (folder, *folder.parents) if one.is_dir())


async def disk(folder: Path) -> Found:
    """Tells how much room is left. Raises OSError: less than FREE_MB_LEAST."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < FREE_MB_LEAST:
        raise OSError(f"磁盘快满了，只剩 {free_mb} MB · expected {FREE_MB_LEAST} MB free, got {free_mb} MB; make room")
    return Found(Words(f"还空 {free_mb} MB", f"{free_mb} MB free"))


def other_disk(folder: Path, than: Path) -> Path | None:
    """Where `folder` will be, if that is on another disk than `than` is."""
    place = there(folder)
    return place if place.stat().st_dev != there(than).stat().st_dev else None


async def fsync(folder: Path) -> str:
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


async def font() -> str:
    return font_path().name


async def overrides(config: AgentConfig) -> str:
    found = open_overrides(config)
    return ", ".join(f"{one.key} ({one.who})" for one in found) or "没有一条 no rows"


async def templates(library: TemplateLibrary) -> str:
    """Names the site's own templates. Raises TemplateError: one has a flaw."""
    if flaws := library.flaws():
        raise TemplateError("; ".join(flaws))
    own = [one.title_zh for name, one in library.labels().items() if name != one.name]
    return ", ".join(own) or f"没有一个 none in {library.folder}"


async def people(config: AgentConfig) -> Row:
    """Who is named at this site; that nobody is, is told and is no fault."""
    what, asked = "人员 people", config.people.required == "on"
    try:
        there = [one for one in PeopleStore(config.people_path).people() if one.works_here]
    except CatalogError as cause:
        return Row(False, what, str(cause))
    leads = sum(one.role is Role.LEAD for one in there)
    if not there:
        return Row(not asked, what, NOBODY_YET if asked else str(NOBODY_NAMED), warns=True)
    return Row(True, what, of_people(len(there), leads, sum(not one.has_badge for one in there)))


def carton_numbers(config: AgentConfig) -> Row | None:
    """Two computers under one prefix may give two cartons one number; this one cannot know whether it is alone."""
    if config.site.gs1_company_prefix is None or config.site.sscc_block:
        return None
    words = Words(
        "没有写 sscc_block，这台电脑用全部号段", "no sscc_block: this computer uses all numbers of the prefix"
    )
    return Row(True, "箱号 carton numbers", str(words), warns=True, words=words, todo=todo.SSCC_BLOCK)


def plain_registry(config: AgentConfig) -> Row | None:
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


NO_KEY = Words(
    "还没有密钥，带防伪码的模板不能打印；和平台联网一次就有",
    "no key yet, templates with a check code are refused; the registry gives one at the next sync",
)


async def check_keys(config: AgentConfig) -> str | Found:
    """Names only. That there is no key is no fault: only templates with a check code need one."""
    if config.labels.check_code == "off":
        return Found(Words("设为不印，见 agent.toml 的 [labels]", "off, see [labels] in agent.toml"))
    keys = KeyRing(config.registry.credentials_path).keys
    if keys is None:
        return Found(NO_KEY)
    return f"密钥 key {keys.current} ({len(keys.keys)})"
