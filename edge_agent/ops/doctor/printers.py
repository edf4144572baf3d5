"""Printers and their groups: whether each can be reached, who answers, what it says, and what is advised."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from edge_agent.clock import no_probe
from edge_agent.config import AgentConfig, GroupRow, PrinterRow, PrintingTable
from edge_agent.errors import LinkDownError, LinkError, RefusedError
from edge_agent.messages.printer import DOWN, ONE_WAY, SILENT, UNREAD, beside, of_link, of_status
from edge_agent.messages.text import Words
from edge_agent.model.printer import Health
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.row import Row, row_of
from edge_agent.ops.doctor.running import asked
from edge_agent.printers.link import Link
from edge_agent.printers.ports import numbered, stable_name
from edge_agent.printers.transports.serial_url import parse_serial_url
from edge_agent.printing.from_config import window_printer_for
from label_protocol.errors import ConfigError

CONNECT_S = 5.0
"""A print service may have to be asked about a queue first; a printer that is there takes the connection at once."""


async def rows_of(config: AgentConfig, *, running: bool) -> list[Row]:
    """A row for each printer and group, and what is advised beside it. `running`: the agent has the printers, so it is
    asked and not they."""
    rows: list[Row] = []
    for row in config.printers:
        look = partial(_asked, config, row) if running else partial(_printer, row, config.printing)
        rows.append(await row_of(f"打印机 printer {row.id}", look, todo.PRINTER))
        rows += [one for one in (_numbered_port(row), _without_parity(row)) if one is not None]
    for group in config.groups:
        rows.append(await row_of(f"组 group {group.id}", partial(_group, group)))
    return rows


async def _printer(row: PrinterRow, printing: PrintingTable) -> str:
    """The row can be obeyed, its place can be opened, and whoever is there speaks the row's language."""
    window_printer = window_printer_for(row, printing, no_probe)
    link = window_printer.link
    try:
        await _connect(link, row)
        if window_printer.blind:
            return str(ONE_WAY)
        found, status = await link.who(), await link.status()
    except LinkError as cause:
        raise LinkDownError(_both(of_link(cause), str(cause))) from cause
    finally:
        await link.close()
    unread, told = _unread(link.unread), found != PrinterIdentity()
    if not told and status.health is Health.UNKNOWN:
        raise LinkDownError(
            f"{SILENT}: expected an answer in {link.language.name}, got none from {row.url}; is the profile "
            f"{row.profile} right? see docs/printers.md{unread}"
        )
    what = beside(of_status(status), status.warnings)
    who = str(found) if told else "未报型号 does not tell its model"
    return _well(who, what, status.health is Health.OK, unread) + _left_open(row)


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
        "串口没有校验位，线路上错一位打印机也看不出；请在打印机上设偶校验，并在该打印机的 url 加 parity=even "
        "the line has no parity, so the printer cannot see a flipped bit; set even parity at the printer and "
        "parity=even in this printer's url; docs/faults.md, section 5"
    )
    return Row(True, f"校验 parity {row.id}", told, warns=True)


async def _connect(link: Link, row: PrinterRow) -> None:
    try:
        await asyncio.wait_for(link.connect(), CONNECT_S)
    except TimeoutError as cause:
        raise LinkDownError(f"{DOWN}: expected {row.url} to open within {CONNECT_S:g} s, got nothing") from cause


def _both(words: Words, detail: str) -> str:
    """What people know it by, then the transport's own sentence, which may begin with the same words."""
    return detail if detail.startswith(str(words)) else f"{words}: {detail}"


def _well(who: str, what: Words, ready: bool, unread: str) -> str:
    """What a printer is doing. Raises RefusedError if it could not print now: whoever asks wants to know why not."""
    if not ready:
        raise RefusedError(f"{what} ({who}: expected a printer that could print now, got this){unread}")
    return f"{who}, {what}{unread}"


def _unread(answers: Mapping[str, str]) -> str:
    """What it said that nobody could read, word for word: with it a reader can be written."""
    return "".join(f"；{UNREAD}: {question} → {answer}" for question, answer in answers.items())


async def _group(row: GroupRow) -> str:
    """The configuration has been read, so its printers are there, each once."""
    moves = "，出故障换机 moves on after a fault" if row.after_fault == "move" else ""
    return f"{' → '.join(row.printers)}, {row.fallback_after_s:g} s{moves}"


async def _asked(config: AgentConfig, row: PrinterRow) -> str:
    """A printer takes one connection, and the running agent has it: so it is asked. The row itself must be good too:
    it may have been edited since the agent read it."""
    window_printer_for(row, config.printing, no_probe)
    views = (await asked(config, "printers"))["printers"]
    view = next((view for view in views if view["printer_id"] == row.id), None)
    if view is None:
        raise ConfigError(f"expected the running agent to know {row.id}, got an older configuration; restart the agent")
    words = Words(**view["words"])
    if view["trouble"]:
        raise LinkDownError(_both(words, view["trouble"]))
    who = f"{row.profile} {PrinterIdentity(**view['identity'])}" if view.get("identity") else row.profile
    return _well(who, words, view["ready"], _unread(view.get("unread", {}))) + _left_open(row)


def _left_open(row: PrinterRow) -> str:
    """Every window sets all that another program may have left in a printer, but what only the site can know."""
    if row.darkness is not None:
        return ""
    return "；没写 darkness，别的程序改过的浓度会留着 darkness is not set, so what another program left stays"
