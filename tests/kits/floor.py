"""A small factory for tests: a virtual printer, a ledger with an allotment, a worker between them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from edge_agent.change_signal import ChangeSignal
from edge_agent.clock import no_probe
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.copies import Copies, CopiesOrder, CopiesState
from edge_agent.model.job import Job, JobOrder, JobState
from edge_agent.model.media import Media, Setup
from edge_agent.model.printer import PrintMode, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Quirks
from edge_agent.printers.link import Link
from edge_agent.printers.transports import open_transport
from edge_agent.printing.imposition import Imposition, single
from edge_agent.printing.printer_session import SessionSettings
from edge_agent.printing.window_printer import WindowPrinter
from edge_agent.printing.worker import Worker, WorkerSettings
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from label_protocol.codes.serial import new_serial
from label_protocol.states import Step

MEDIA = Media(203, 64, 40)
SETUP = Setup(ribbon=False)
"""EPL2 must be told; the others do not mind."""
QUOTA_KEY = "lot:L1"
COPY = Bitmap(64, 40, bytes(8 * 36) + b"\xff" * 8 * 4)
"""What a label without a code shows: a bar at its foot."""


def ticking_clock() -> Callable[[], str]:
    """A clock that moves one millisecond a look."""
    ticks = count()
    return lambda: f"2026-11-20T09:{(n := next(ticks)) // 60000:02d}:{n // 1000 % 60:02d}.{n % 1000:03d}Z"


def an_imposition() -> Imposition:
    """Small art: a bar on top as background, and one patch that depends on the serial."""
    bar = Bitmap(64, 40, b"\xff" * 8 * 4 + bytes(8 * 36))

    def patches(serial: str) -> tuple[Patch, ...]:
        return (Patch(8, 8, Bitmap(32, 8, (serial.encode("ascii") * 2)[:32])),)

    def full(serial: str) -> Bitmap:
        return Bitmap(64, 40, bar.rows[:-17] + serial.encode("ascii"))

    return single(MEDIA, bar, patches, full)


@dataclass
class Floor:
    """What a test may look at and turn."""

    printer: VirtualPrinter
    ledger: LedgerThread
    worker: Worker
    window_printer: WindowPrinter
    changes: ChangeSignal
    task: asyncio.Task[None] | None = None
    keys: count[int] = field(default_factory=count)

    async def submit(self, quantity: int, printer: str = "p1") -> Job:
        """Open a job on the one lot there is."""
        key = f"key-{next(self.keys)}"
        order = JobOrder(
            key=key,
            request_hash="0" * 64,
            template="t",
            printer=printer,
            quantity=quantity,
            snapshot={"snapshot": 1, "n": 1},
            gtin="06901234567892",
            lot_no="L1",
            quota_key=QUOTA_KEY,
        )
        job = await self.ledger.do(Ledger.open_job, order)
        self.changes.tell()
        return job

    async def order_copies(self, quantity: int, printer: str = "p1") -> Copies:
        """Order labels without a code."""
        key = f"key-{next(self.keys)}"
        order = CopiesOrder(key, "0" * 64, "t", printer, quantity, {"snapshot": 1, "n": 2}, "A01")
        found = await self.ledger.do(Ledger.open_copies, order)
        self.changes.tell()
        return found

    async def copied(self, copies_id: str, timeout_s: float = 60.0) -> Copies:
        """Wait until an order of copies is over and its last window judged."""
        async with asyncio.timeout(timeout_s):
            while True:
                heard = self.changes.count
                found = await self.ledger.do(Ledger.copies, copies_id)
                if found.state is not CopiesState.OPEN and not found.sending:
                    return found
                await self.changes.wait(heard, 0.05)

    async def job(self, job_id: str) -> Job:
        """The job now."""
        return await self.ledger.do(Ledger.job, job_id)

    async def until(self, job_id: str, *states: JobState, timeout_s: float = 60.0) -> Job:
        """Wait until the job is in one of `states`."""
        async with asyncio.timeout(timeout_s):
            while True:
                heard = self.changes.count
                job = await self.job(job_id)
                if job.state in states:
                    return job
                await self.changes.wait(heard, 0.05)

    async def answer(self, answer: str = "another", printer: str = "p1") -> None:
        """A lead answers what is asked of a line, if anything is."""
        if await self.ledger.do(Ledger.printer_question, printer):
            await self.ledger.do(Ledger.answer_printer, printer, answer, "A01", "看过了")
            self.changes.tell()

    async def resume(self, job_id: str) -> None:
        """The operator says what is on the strip that hangs, of one label, and presses the resume key."""
        await one_is_good(self.ledger)
        await self.press_resume(job_id)

    async def press_resume(self, job_id: str) -> None:
        """The operator presses the resume key, whatever hangs."""
        await self.ledger.do(Ledger.move_job, job_id, JobState.RUNNING, "test")
        self.changes.tell()


async def one_is_good(ledger: LedgerThread) -> None:
    """Somebody decides of the first label of each strip of which none is known to be good that it is; nothing hangs
    then, and what became of the others stays in doubt."""
    for window, labels in await ledger.do(Ledger.doubts):
        if await ledger.do(Ledger.awaits_last_good, window.window_id):
            await ledger.do(Ledger.decide, labels[0].serial, Step.SETTLE_PRINTED, "A01", "看过了")


def open_test_ledger(folder: Path, **more: object) -> Ledger:
    """A ledger with the test's clock."""
    settings: dict[str, object] = {
        "witness": folder / "witness" / "w.json",
        "clock": ticking_clock(),
        "new_serial": lambda issuer: new_serial(issuer, os.urandom),
        "fingerprint": "f" * 64,
        **more,
    }
    return Ledger.open(folder / "ledger" / "ledger.db", **settings)  # type: ignore[arg-type]


LEVELS = {"zpl": ProofLevel.COUNTER, "tspl": ProofLevel.COUNTER, "epl2": ProofLevel.RESPONSE}
"""The strongest proof that the virtual printer of a language gives."""


def url_of(printer: VirtualPrinter, baud: int = 115_200) -> str:
    """Where a host reaches it: its TCP port, or the stable name of its serial line."""
    return f"serial://{printer.path}?baud={baud}&flow=none" if printer.path else f"tcp://127.0.0.1:{printer.port}"


def window_printer_of(
    printer: VirtualPrinter,
    language: str,
    *,
    mode: PrintMode = PrintMode.RUN,
    level: ProofLevel | None = None,
    accepted: ProofLevel = ProofLevel.IDLE,
    setup: Setup = SETUP,
    ribbon: bool | None = None,
    write_timeout_s: float = 2.0,
    silence_limit_s: float = 1.0,
    reply_timeout_s: float = 0.3,
    baud: int = 115_200,
    probe: Callable[[str], None] = no_probe,
) -> WindowPrinter:
    """A window printer in a hurry, for a virtual printer, not yet connected."""
    level = LEVELS[language] if level is None else level
    speaks = LANGUAGES[language].with_quirks(Quirks(confirms=level is ProofLevel.RESPONSE, ribbon=ribbon))
    counter = speaks.counter_query
    uncounted = frozenset({counter.name} if counter and level < ProofLevel.COUNTER else ())
    transport = open_transport(url_of(printer, baud), write_timeout_s=write_timeout_s)
    link = Link(speaks, transport, reply_timeout_s=reply_timeout_s, unanswered=uncounted)
    settings = SessionSettings(
        level=level,
        accepted=accepted,
        mode=mode,
        setup=setup,
        poll_interval_s=0.005,
        stall_timeout_s=0.4,
        silence_limit_s=silence_limit_s,
    )
    return WindowPrinter(link, settings, probe)


@contextlib.asynccontextmanager
async def floor(
    folder: Path,
    *,
    language: str = "zpl",
    allotted: int = 1000,
    window_labels: int = 8,
    run: bool = True,
    roll: Callable[[Imposition], Imposition] = lambda imposition: imposition,
    window_printer: Mapping[str, Any] | None = None,
    mode: PrintMode = PrintMode.RUN,
    write_timeout_s: float = 2.0,
    silence_limit_s: float = 1.0,
    probe: Callable[[str], None] = no_probe,
    **printer_options: object,
) -> AsyncIterator[Floor]:
    """The factory, running; the printer is fast and its tape is in `folder/tape`.

    Args:
        roll: what becomes of the one label to a row on this printer's roll.
        window_printer: more settings for `window_printer_of`.
        printer_options: for `VirtualPrinterOptions`.
    """
    size = {"width_dots": 64, "height_dots": 40, **printer_options}
    options = VirtualPrinterOptions(language=language, tape=folder / "tape", **size)  # type: ignore[arg-type]
    printer = VirtualPrinter(options)
    await printer.start()
    ledger = await LedgerThread.open(lambda: open_test_ledger(folder))
    await fill(ledger, allotted)
    more = {
        "mode": mode,
        "write_timeout_s": write_timeout_s,
        "silence_limit_s": silence_limit_s,
        **(window_printer or {}),
    }
    made, changes = window_printer_of(printer, language, probe=probe, **more), ChangeSignal()

    async def render_job(_job: Job) -> Imposition:
        return roll(an_imposition())

    async def render_copies(_order: Copies) -> Imposition:
        return roll(single(MEDIA, COPY, lambda _serial: (), lambda _serial: COPY))

    settings = WorkerSettings(window_labels, idle_poll_s=0.05)
    worker = Worker("p1", made, ledger, render_job, changes, settings, render_copies=render_copies)
    found = Floor(printer, ledger, worker, made, changes)
    if run:
        found.task = asyncio.create_task(worker.run())
    try:
        yield found
    finally:
        worker.stop()
        if found.task:
            async with asyncio.timeout(10):
                await found.task
        await ledger.close()
        await printer.stop()


async def fill(ledger: LedgerThread, allotted: int) -> None:
    """Enrol the agent and allot the one lot there is."""
    if await ledger.do(Ledger.identity) is None:
        await ledger.do(Ledger.enrol, "agent-1", "PH1", "epoch-1", "http://127.0.0.1:1")
    allotment = {"kind": "allotment", "quota_key": QUOTA_KEY, "quantity": allotted, "spoilage_permille": 30}
    await ledger.do(Ledger.receive_distribution, "c1", "epoch-1", [allotment])
