"""A hall for one day: an agent that is a process of its own and can be killed, printers on real ports whose paper is
read by a decoder, people with badges, and a work order that waits.

Its ledger was enrolled and allotted before the day begins, as a registry would have done; no registry is called.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from edge_agent.access import codes, pins
from edge_agent.access.roles import Role
from edge_agent.access.store import PeopleStore
from edge_agent.catalog import Catalog
from edge_agent.config import load_config
from edge_agent.model.job import Label
from edge_agent.model.work_order import OrderLine, ReadRow
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.wiring import open_ledger
from edge_agent.work_orders.book import OrderBook
from tests.kits.page_kit import SAMPLE
from tests.kits.people_kit import PIN

ROOT = Path(__file__).resolve().parents[2]
LEAD, EARLY, LATE = "示例班长", "示例甲", "示例乙"
STYLE, SIZE, GTIN, LOT = "YR2026-0801", "175/92A", "06901234567892", "L20261118A"
"""Those of `SAMPLE`."""
ORDER_NO, ORDERED = "MO-2026-0801", 12
CONFIG = """
[site]
name = "示例服饰"
gs1_company_prefix = "6901234"
[data]
ledger_path = "ledger/ledger.db"
witness_path = "witness/witness"
catalog_path = "catalogue/catalogue.json"
[web]
port = {port}
[scanner]
prefix = "F8"
[registry]
credentials_path = "credentials.json"
[link]
host = "id.example.cn"
[printing]
window_labels = 4
[[printers]]
id = "line-1"
name = "一号线"
url = "tcp://127.0.0.1:{line}"
profile = "virtual-zpl"
[[printers]]
id = "cartons"
name = "箱标机"
url = "tcp://127.0.0.1:{cartons}"
profile = "virtual-zpl"
"""


@dataclass
class Hall:
    """Everything around the desk. `line` prints garments' labels, `cartons` those of cartons; `badges` and `ids` are
    by name; `whole`: labels that came out before the roll ended."""

    home: Path
    port: int
    line: VirtualPrinter
    cartons: VirtualPrinter
    badges: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    whole: int = 0
    agent: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Start the agent; wait until it takes requests."""
        words = (sys.executable, "-m", "tests.promises.crash.agent", str(self.home / "agent.toml"))
        with (self.home / "agent.log").open("ab") as log:
            self.agent = await asyncio.create_subprocess_exec(
                *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        assert self.agent.stdout is not None
        assert await asyncio.wait_for(self.agent.stdout.readline(), 30), (self.home / "agent.log").read_text()

    async def end(self, sign: int = signal.SIGTERM) -> int:
        """End the agent, by default in order; returns what it ended with."""
        assert self.agent is not None
        if self.agent.returncode is None:
            self.agent.send_signal(sign)
        return await asyncio.wait_for(self.agent.wait(), 30)

    def freeze(self) -> None:
        """The agent takes in no more, as in the moment before it dies."""
        assert self.agent is not None
        self.agent.send_signal(signal.SIGSTOP)

    @property
    def at_rest(self) -> bool:
        """Whether the line's printer has nothing to print."""
        state = self.line.state()
        return not state["labels_inside"] and not state["buffered_bytes"]

    def code_on(self, number: int, tape: str = "line") -> str:
        """What a scanner reads off the paper that came out as that one."""
        with Image.open(self.home / tape / f"{number:06d}.png") as paper:
            found = zxingcpp.read_barcodes(paper.convert("L"))
        assert len(found) == 1, f"{tape} {number}: expected one code, got {[one.text for one in found]}"
        return found[0].text

    def books(self) -> tuple[Sequence[Label], Sequence[dict[str, Any]]]:
        """Every label and every event, when the agent is down; the ledger is whole and unbroken, or this fails."""
        with contextlib.closing(open_ledger(load_config(self.home / "agent.toml"))) as ledger:
            report = ledger.verify()
            assert report.ok, report.findings
            labels = ledger.labels(None, 1000, "")
        with contextlib.closing(sqlite3.connect(self.home / "ledger" / "ledger.db")) as db:
            return labels, [json.loads(body) for (body,) in db.execute("SELECT body FROM event ORDER BY rowid")]


@contextlib.asynccontextmanager
async def a_hall(home: Path) -> AsyncIterator[Hall]:
    """The hall in the morning; the agent runs."""
    async with contextlib.AsyncExitStack() as stack:
        line = await stack.enter_async_context(_printer(home / "line", speed_ips=4.0))
        cartons = await stack.enter_async_context(_printer(home / "cartons", width_dots=800, height_dots=800))
        hall = Hall(home, _free_port(), line, cartons)
        text = CONFIG.format(port=hall.port, line=line.port, cartons=cartons.port)
        (home / "agent.toml").write_text(text, encoding="utf-8")
        await asyncio.to_thread(_furnish, hall)
        await hall.start()
        try:
            yield hall
        finally:
            await hall.end(signal.SIGKILL)


def _free_port() -> int:
    """The agent comes back where it was: the page that waits knows no other place."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def _printer(tape: Path, **more: Any) -> AsyncIterator[VirtualPrinter]:
    printer = VirtualPrinter(VirtualPrinterOptions(tape=tape, control_port=None, **more))
    await printer.start()
    try:
        yield printer
    finally:
        await printer.stop()


def _furnish(hall: Hall) -> None:
    """What others did before the day: IT and the registry, the lead, the planners."""
    config = load_config(hall.home / "agent.toml")
    with contextlib.closing(open_ledger(config, create=True)) as ledger:
        ledger.enrol("agent-1", "PH1", "epoch-1", "http://registry.example")
        allotment = {"kind": "allotment", "quota_key": f"lot:{LOT}", "quantity": 1000, "spoilage_permille": 30}
        ledger.receive_distribution("c1", "epoch-1", [allotment])
    Catalog.open(config.data.catalog_path).import_file(SAMPLE)
    people = PeopleStore(config.people_path)
    for name, role in ((LEAD, Role.LEAD), (EARLY, Role.OPERATOR), (LATE, Role.OPERATOR)):
        person = people.add(name, role, pins.hashed(PIN) if role is Role.LEAD else None)
        hall.ids[name] = person.id
        hall.badges[name] = codes.new_badge(os.urandom)
        people.new_badge(person.id, codes.digest(hall.badges[name]))
    asked = OrderLine("erp", ORDER_NO, "1", STYLE, SIZE, ORDERED, lot_no=LOT, wanted_by="2026-12-05")
    with contextlib.closing(OrderBook(config.data.work_orders)) as book:
        book.take("f1", "orders.csv", "erp", [ReadRow("2", ORDER_NO, asked)], limit=9999, day="", answer=lambda _: {})
