"""The doctor's row of each printer: what is wrong with it and what to do, before anybody prints."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer

from edge_agent.config import AgentConfig, PrinterRow, config_from
from edge_agent.messages.printer import DOWN, ECHO, TAKE
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.ops.doctor import Row, examine, printers
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.sync.pump import SyncView
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.web.api import build_web
from edge_agent.wiring import open_ledger
from tests.kits.floor import url_of
from tests.kits.web_double import VIEW, ServiceDouble

PROFILES = {"zpl": "virtual-zpl", "tspl": "tsc-203", "epl2": "lp2844"}
NOWHERE = "tcp://127.0.0.1:1"


def config_of(folder: Path, *printers: dict[str, Any], **tables: Any) -> AgentConfig:
    """A site in `folder` with these printers, in a hurry."""
    files = {"ledger_path": "ledger/l.db", "witness_path": "witness/w", "catalog_path": "c/c.json"}
    rows = [{"id": f"p{number}", "name": "线", **row} for number, row in enumerate(printers, start=1)]
    table = {"data": files, "printing": {"reply_timeout_s": 0.2}, "printers": rows, **tables}
    return config_from(table, folder / "agent.toml")


async def printer_rows(config: AgentConfig) -> list[Row]:
    """What the doctor says of printers and groups."""
    return [row for row in await examine(config) if "printer" in row.what or "group" in row.what]


@contextlib.asynccontextmanager
async def a_printer(language: str, **options: Any) -> AsyncIterator[VirtualPrinter]:
    printer = VirtualPrinter(VirtualPrinterOptions(language=language, control_port=None, **options))
    await printer.start()
    try:
        yield printer
    finally:
        await printer.stop()


@pytest.mark.parametrize("language", PROFILES)
async def test_a_printer_that_is_well_is_named_with_its_words(tmp_path: Path, language: str) -> None:
    async with a_printer(language) as printer:
        config = config_of(tmp_path, {"url": url_of(printer), "profile": PROFILES[language], "ribbon": False})
        (row,) = await printer_rows(config)
    assert row.ok and row.what == "打印机 printer p1" and "就绪 · ready" in row.found, row


@pytest.mark.parametrize(("darkness", "told"), [({}, True), ({"darkness": 12}, False)])
async def test_a_darkness_that_the_site_left_open_is_told(tmp_path: Path, darkness: dict[str, int], told: bool) -> None:
    """The one thing of a label's picture that another program may leave and no window sets by itself."""
    async with a_printer("zpl") as printer:
        row_of_it = {"url": url_of(printer), "profile": "zpl-203", **darkness}
        (row,) = await printer_rows(config_of(tmp_path, row_of_it))
    assert row.ok and ("darkness is not set, so what another program left stays" in row.found) is told


async def test_a_printer_that_could_not_print_says_why(tmp_path: Path) -> None:
    async with a_printer("tspl", faults=("media-out",)) as printer:
        (row,) = await printer_rows(config_of(tmp_path, {"url": url_of(printer), "profile": "tsc-203"}))
    assert not row.ok and "缺纸，请装入标签纸 · out of labels" in row.found


async def test_what_a_printer_warns_of_is_told_and_no_reason_to_refuse(tmp_path: Path) -> None:
    """A ZT230 set to direct thermal: its ribbon flag is up, and a warning bit that no manual names."""
    async with a_printer("zpl", ribbon=False) as printer:
        (row,) = await printer_rows(config_of(tmp_path, {"url": url_of(printer), "profile": "zpl-203"}))
    assert row.ok and "就绪（提示：打印机提示 warning 00000000 00002000）" in row.found, row
    assert "ready (note: the printer says: warning 00000000 00002000)" in row.found


async def test_a_printer_of_another_language_is_told_from_a_good_one(tmp_path: Path) -> None:
    async with a_printer("zpl") as printer:
        (row,) = await printer_rows(config_of(tmp_path, {"url": url_of(printer), "profile": "tsc-203"}))
    assert not row.ok and "expected an answer in tspl" in row.found and "tsc-203" in row.found


async def test_a_printer_nobody_hears_needs_no_answer(tmp_path: Path) -> None:
    async with a_printer("zpl") as printer:
        (row,) = await printer_rows(config_of(tmp_path, {"url": url_of(printer), "profile": "zpl-203-one-way"}))
    assert row.ok and "扫描最后一张好标签" in row.found


@pytest.mark.parametrize("language", PROFILES)
async def test_who_answers_is_named_with_model_firmware_and_serial_number(tmp_path: Path, language: str) -> None:
    facts = {"firmware": "V9.90", "serial_number": "42A1"}
    async with a_printer(language, **facts) as printer:
        config = config_of(tmp_path, {"url": url_of(printer), "profile": PROFILES[language], "ribbon": False})
        (row,) = await printer_rows(config)
    assert row.ok and "V9.90 S/N 42A1, 就绪 · ready" in row.found, row


async def test_an_answer_that_nobody_can_read_is_shown_as_it_came(tmp_path: Path) -> None:
    async with a_printer("zpl", faults=("garbled-replies",)) as printer:
        (row,) = await printer_rows(config_of(tmp_path, {"url": url_of(printer), "profile": "zpl-203"}))
    assert not row.ok and "看不懂的应答" in row.found and "~HS → \\x02" in row.found, row
    assert len(row.found.splitlines()) == 1 and row.found.isprintable()


async def test_a_line_that_echoes_is_told_with_what_to_do(tmp_path: Path) -> None:
    async with a_printer("zpl", faults=("echo",)) as printer:
        (row,) = await printer_rows(config_of(tmp_path, {"url": url_of(printer), "profile": "zpl-203"}))
    assert not row.ok and row.found.startswith(str(ECHO)) and "got back what was sent" in row.found


@pytest.mark.parametrize(
    ("url", "advised"),
    [
        ("serial:///dev/nobody?baud=9600", True),
        ("serial:///dev/nobody?parity=none", True),
        ("serial:///dev/nobody?parity=even", False),
        ("serial:///dev/nobody?parity=odd", False),
        ("serial:///dev/nobody?parity=some", False),
        (NOWHERE, False),
    ],
)
async def test_a_serial_line_without_parity_is_advised_to_have_one(tmp_path: Path, url: str, advised: bool) -> None:
    rows = await examine(config_of(tmp_path, {"url": url, "profile": "zpl-203"}))
    told = [row for row in rows if row.what.startswith("校验 parity")]
    assert [(row.ok, row.warns) for row in told] == [(True, True)] * advised
    assert all("parity=even" in row.found and "偶校验" in row.found for row in told)


WRONG = {
    "nobody there": ({"url": NOWHERE, "profile": "zpl-203"}, "127.0.0.1:1"),
    "no such profile": ({"url": NOWHERE, "profile": "zpl-999"}, "expected one of zpl-203"),
    "no such port": ({"url": "serial:///dev/nobody", "profile": "zpl-203"}, "/dev/nobody"),
    "ribbon left open": ({"url": NOWHERE, "profile": "epl2-unknown"}, "ribbon"),
    "raw bytes on XON/XOFF": (
        {"url": "serial:///dev/nobody?flow=xonxoff", "profile": "tsc-203"},
        "set printer and url to flow=rtscts",
    ),
    "no such transport": ({"url": "ftp://10.0.0.1", "profile": "zpl-203"}, "expected"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_row_that_cannot_work_says_what_to_do(tmp_path: Path, what: str) -> None:
    printer, part = WRONG[what]
    (row,) = await printer_rows(config_of(tmp_path, printer))
    assert not row.ok and part in row.found, row
    assert len(row.found.splitlines()) == 1


async def test_a_group_is_one_line(tmp_path: Path) -> None:
    printers = ({"url": NOWHERE, "profile": "zpl-203"}, {"url": "tcp://127.0.0.1:2", "profile": "zpl-203"})
    groups = [{"id": "line-a", "name": "甲线", "printers": ["p2", "p1"]}]
    rows = await printer_rows(config_of(tmp_path, *printers, groups=groups))
    assert [row.what for row in rows] == ["打印机 printer p1", "打印机 printer p2", "组 group line-a"]
    assert rows[-1] == Row(True, "组 group line-a", "p2 → p1, 15 s")
    (*_, row) = await printer_rows(config_of(tmp_path, *printers, groups=[groups[0] | {"after_fault": "move"}]))
    assert row.found == "p2 → p1, 15 s，出故障换机 moves on after a fault"


async def test_a_printer_of_the_running_agent_that_could_not_print_says_why(tmp_path: Path) -> None:
    service = ServiceDouble(tmp_path)
    service.parts.printers = PrinterDirectory(lambda: [replace(VIEW, words=TAKE, ready=False)])
    async with TestServer(build_web(cast(Any, service))) as server:
        config = config_of(tmp_path, {"url": NOWHERE, "profile": "zpl-203"}, web={"port": server.port})
        with contextlib.closing(open_ledger(config, create=True)):
            (row,) = await printer_rows(config)
    assert row.found == f"{TAKE} (zpl-203: expected a printer that could print now, got this)" and not row.ok


async def test_the_running_agent_tells_who_answers_and_what_nobody_could_read(tmp_path: Path) -> None:
    service = ServiceDouble(tmp_path)
    zebra = PrinterIdentity("ZT230-200dpi", "V72.20.01Z", "42J0123")
    view = replace(VIEW, identity=zebra, unread={"~HS": "\\x02what\\x03"})
    service.parts.printers = PrinterDirectory(lambda: [view])
    async with TestServer(build_web(cast(Any, service))) as server:
        config = config_of(tmp_path, {"url": NOWHERE, "profile": "zpl-203"}, web={"port": server.port})
        with contextlib.closing(open_ledger(config, create=True)):
            (row,) = await printer_rows(config)
    assert row.ok and row.found.startswith("zpl-203 ZT230-200dpi V72.20.01Z S/N 42J0123, 就绪 · ready")
    assert "看不懂的应答" in row.found and "~HS → \\x02what\\x03" in row.found


async def test_a_row_that_was_edited_while_the_agent_runs_is_looked_at_too(tmp_path: Path) -> None:
    async with TestServer(build_web(cast(Any, ServiceDouble(tmp_path)))) as server:
        config = config_of(tmp_path, {"url": NOWHERE, "profile": "zpl-999"}, web={"port": server.port})
        with contextlib.closing(open_ledger(config, create=True)):
            (row,) = await printer_rows(config)
    assert not row.ok and "expected one of zpl-203" in row.found


async def test_the_running_agent_is_asked_since_it_has_the_printers(tmp_path: Path) -> None:
    async with TestServer(build_web(cast(Any, ServiceDouble(tmp_path)))) as server:
        rows = [{"url": f"tcp://127.0.0.1:{port}", "profile": "zpl-203"} for port in (1, 2, 3)]
        config = config_of(tmp_path, *rows, web={"port": server.port})
        with contextlib.closing(open_ledger(config, create=True)):
            found = await printer_rows(config)
    assert [row.ok for row in found] == [True, False, False]
    assert "就绪 · ready" in found[0].found
    assert found[1].found.startswith(f"{DOWN}: queue Zebra-1: expected the policy abort-job")
    assert "an older configuration; restart the agent" in found[2].found


@pytest.mark.parametrize(
    ("view", "ok", "says"),
    [
        (None, True, "没有中心平台"),
        (SyncView("online", "2026-11-20T08:00:00.000Z", 0, 9, None, "已同步", "in step", ""), True, "已同步"),
        (SyncView("refused", "2026-11-20T08:00:00.000Z", 4, 9, None, "平台拒绝", "no", "declared lost"), False, "lost"),
        (
            SyncView("online", "2026-11-20T08:00:00.000Z", 0, 9, None, "已同步", "", "", "ab12cd34ef"),
            False,
            "ab12cd34）",
        ),
    ],
)
async def test_a_registry_that_answers_and_says_no_is_no_tick(
    tmp_path: Path, view: SyncView | None, ok: bool, says: str
) -> None:
    service = ServiceDouble(tmp_path)
    service.site.sync_view = lambda: view  # type: ignore[method-assign, assignment]
    async with TestServer(build_web(cast(Any, service))) as server:
        config = config_of(tmp_path, web={"port": server.port})
        with contextlib.closing(open_ledger(config, create=True)):
            (row,) = [row for row in await examine(config) if row.what == "上报 sync"]
    assert (row.ok, says in row.found) == (ok, True), row


def test_a_port_by_its_number_of_the_moment_is_advised_against(monkeypatch: pytest.MonkeyPatch) -> None:
    link = "/dev/serial/by-id/usb-FTDI_FT232R_A10285BI-if00-port0"
    monkeypatch.setattr(printers, "stable_name", {"/dev/ttyUSB0": link}.get)
    row = PrinterRow(id="line-1", url="serial:///dev/ttyUSB0?baud=9600", profile="virtual-zpl", name="x")
    found = printers._numbered_port(row)
    assert found is not None and found.ok and found.warns and link in found.found
    other = printers._numbered_port(row.model_copy(update={"url": "device:///dev/usb/lp0"}))
    assert other is not None and "no name that stays" in other.found
    assert printers._numbered_port(row.model_copy(update={"url": f"serial://{link}"})) is None
