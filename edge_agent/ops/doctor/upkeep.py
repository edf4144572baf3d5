"""Whether the agent is looked after: its backups, and whether it runs."""

from __future__ import annotations

import os
from pathlib import Path

import aiohttp

from edge_agent.config import AgentConfig
from edge_agent.errors import LedgerBusyError, NotFoundError, reason_of
from edge_agent.messages.text import Words
from edge_agent.ops.backups.sets import age_h, sets_in
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.row import NOTHING, Found
from edge_agent.ops.doctor.running import alive
from label_protocol.errors import LedgerError

UNIT = "edge-agent.service"
UNIT_FOLDERS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
"""Where systemd looks for a unit that a person or a package put there (systemd.unit(5), table 1)."""


DUMP_LATE_H = 26
"""The registry dumps every hour unless told otherwise; a day is what a backup set is apart."""
LATE_H = 1.0
"""A running agent makes a set when it is due and tries a failed one every quarter of an hour."""


async def backup(config: AgentConfig, now: str, *, running: bool) -> Found:
    """How old the newest set is; `running`: an agent is there to make one. Raises LedgerError: one was not made."""
    whole, every_h = sets_in(config.backup_sets), config.backup.every_h
    if not every_h:
        return Found(Words("没有自动备份", "none on schedule"), todo.BACKUP_ON)
    if not whole:
        return _overdue(Words("还没有一份", "none yet"), every_h, running=running)
    age = age_h(whole[-1], now)
    words = Words(
        f"最新一份 {age:.0f} 小时前，共 {len(whole)} 份", f"the newest is {age:.0f} h old, {len(whole)} in all"
    )
    if age > every_h + LATE_H:
        return _overdue(words, every_h, running=running)
    return Found(words, todo.CLOCK if age < 0 else NOTHING)


def _overdue(words: Words, every_h: int, *, running: bool) -> Found:
    """Nobody made one while no agent ran. Raises LedgerError: one ran."""
    if running:
        raise LedgerError(f"{words}: expected one every {every_h} h; look at backup_failed in the log")
    return Found(words, todo.BACKUP_SOON)


async def registry_dump(dump: Path, now_s: float) -> Found:
    """How old the dump of the registry on this PC is. Raises OSError: there is none to read, or a day has passed."""
    age_h = (now_s - _written_s(dump)) / 3600
    words = Words(f"导出的数据库 {max(age_h, 0):.0f} 小时前", f"dump of its database {max(age_h, 0):.0f} h old")
    if age_h > DUMP_LATE_H:
        raise OSError(f"{words}: expected one of the last {DUMP_LATE_H} h, so that a backup holds what it knows")
    return Found(words)


def _written_s(dump: Path) -> float:
    """When it was made, of one that this user may read: its backups have to."""
    with dump.open("rb") as file:
        return os.fstat(file.fileno()).st_mtime


async def service(config: AgentConfig, *, has_ledger: bool, units: tuple[Path, ...] = UNIT_FOLDERS) -> Found:
    """Whether the agent runs: who has the ledger answers as its page, or it is somebody else.

    Raises:
        LedgerBusyError: a process has the ledger, and no page answers.
        NotFoundError: it is installed as a service and does not run.
    """
    try:
        await alive(config)
    except aiohttp.ClientConnectorCertificateError as cause:
        words = Words(
            f"有应答，证书却不能信，命令都不和它说话：{reason_of(cause)}",
            f"it answers with a certificate that does not hold, so no command speaks to it: {reason_of(cause)}",
        )
        return Found(words, todo.PAGE_CERTIFICATE)
    except (aiohttp.ClientError, TimeoutError, OSError) as cause:
        if has_ledger:
            raise LedgerBusyError(
                f"账本被占用，页面却没有应答 · expected the page of whoever has the ledger at {config.web.host}:"
                f"{config.web.port}, got {type(cause).__name__}; is web.port the same, does another program have it?"
            ) from cause
        if installed := next((one / UNIT for one in units if (one / UNIT).exists()), None):
            raise NotFoundError(
                f"装成了服务，却没有运行 · expected the service of {installed} to run, got no answer"
            ) from cause
        return Found(Words("没有运行", "not running"), todo.START)
    return Found(Words("运行中", "running"))
