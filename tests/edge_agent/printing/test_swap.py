"""Another printer at the same address: nothing is printed on it before somebody has answered."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import HeldError, NotFoundError, RefusedError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.copies import Copies
from edge_agent.model.job import Job, JobOrder, JobState
from edge_agent.model.printer import PrintMode, ProofLevel
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Quirks
from edge_agent.printers.link import Link
from edge_agent.printers.transports import open_transport
from edge_agent.printing.imposition import Imposition, single
from edge_agent.printing.printer_session import SessionSettings
from edge_agent.printing.window_printer import WindowPrinter
from edge_agent.printing.worker import Worker, WorkerSettings
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from label_protocol.kinds import LineQuestion
from tests.kits.floor import COPY, LEVELS, MEDIA, QUOTA_KEY, SETUP, an_imposition, fill, one_is_good, open_test_ledger

ENDED = (JobState.DONE, JobState.PAUSED)
LINES = ["tcp", pytest.param("serial", marks=pytest.mark.skipif(sys.platform == "win32", reason="no ptys"))]
EVERY = [pytest.param(language, id=language) for language in LANGUAGES]


@dataclass
class Place:
    """One address, whoever stands there, and the agent that prints at it."""

    folder: Path
    language: str
    line: str
    ledger: LedgerThread
    level: ProofLevel
    changes: ChangeSignal = field(default_factory=ChangeSignal)
    port: int = 0
    printer: VirtualPrinter | None = None
    worker: Worker | None = None
    task: asyncio.Task[None] | None = None
    keys: int = 0

    @property
    def url(self) -> str:
        return f"serial://{self.folder}/line?flow=none" if self.line == "serial" else f"tcp://127.0.0.1:{self.port}"

    async def put(self, name: str, **more: Any) -> VirtualPrinter:
        """This printer and no other stands at the address now; its tape is `name`."""
        if self.printer is not None:
            await self.printer.stop()
        facts: dict[str, Any] = {
            "language": self.language,
            "tape": self.folder / name,
            "port": self.port,
            "pty": self.line == "serial",
            "control_port": None,
            "width_dots": 64,
            "height_dots": 40,
        }
        self.printer = VirtualPrinter(VirtualPrinterOptions(**{**facts, **more}))
        await self.printer.start()
        self.port = self.printer.port
        if self.line == "serial":
            (self.folder / "line").unlink(missing_ok=True)
            (self.folder / "line").symlink_to(Path(self.printer.path).resolve())
        return self.printer

    async def start(self) -> None:
        """The agent."""
        speaks = LANGUAGES[self.language].with_quirks(Quirks(confirms=self.level is ProofLevel.RESPONSE))
        counter = speaks.counter_query
        uncounted = frozenset({counter.name} if counter and self.level < ProofLevel.COUNTER else ())
        transport = open_transport(self.url, write_timeout_s=2.0)
        link = Link(speaks, transport, reply_timeout_s=0.3, unanswered=uncounted)
        settings = SessionSettings(self.level, ProofLevel.IDLE, PrintMode.RUN, 0.005, 0.4, 1.0, SETUP)

        async def render_job(_job: Job) -> Imposition:
            return an_imposition()

        async def render_copies(_order: Copies) -> Imposition:
            return single(MEDIA, COPY, lambda _serial: (), lambda _serial: COPY)

        self.worker = Worker(
            "p1",
            WindowPrinter(link, settings),
            self.ledger,
            render_job,
            self.changes,
            WorkerSettings(8, idle_poll_s=0.03),
            render_copies=render_copies,
        )
        self.task = asyncio.create_task(self.worker.run())

    async def stop(self) -> None:
        if self.worker and self.task:
            self.worker.stop()
            async with asyncio.timeout(10):
                await self.task
        self.worker = self.task = None

    async def order(self, quantity: int) -> Job:
        self.keys += 1
        order = JobOrder(
            key=f"key-{self.keys}",
            request_hash="0" * 64,
            template="t",
            printer="p1",
            quantity=quantity,
            snapshot={"snapshot": 1, "n": 1},
            gtin="06901234567892",
            lot_no="L1",
            quota_key=QUOTA_KEY,
        )
        job = await self.ledger.do(Ledger.open_job, order)
        self.changes.tell()
        return job

    async def until(self, job: Job, *states: JobState) -> Job:
        async with asyncio.timeout(20):
            while (now := await self.ledger.do(Ledger.job, job.job_id)).state not in states:
                await self.changes.wait(self.changes.count, 0.02)
        return now

    async def resume(self, job: Job) -> Job:
        await one_is_good(self.ledger)
        await self.ledger.do(Ledger.move_job, job.job_id, JobState.RUNNING, "test")
        self.changes.tell()
        return await self.until(job, *ENDED)

    async def asked(self, question: LineQuestion = LineQuestion.IDENTITY) -> None:
        """Until the line is held by this question."""
        async with asyncio.timeout(20):
            while (now := await self.ledger.do(Ledger.printer_question, "p1")) is None:
                await asyncio.sleep(0.01)
        assert now.question == question

    async def answer(self, answer: str) -> None:
        await self.ledger.do(Ledger.answer_printer, "p1", answer, "A01", "看过了")
        self.changes.tell()

    async def known(self, wanted: PrinterIdentity | None = None, **facts: str) -> PrinterIdentity:
        """Until the confirmed printer has these facts."""
        async with asyncio.timeout(20):
            while True:
                found = await self.ledger.do(Ledger.printer_identity, "p1")
                if found and found != wanted and all(getattr(found, name) == fact for name, fact in facts.items()):
                    return found
                await asyncio.sleep(0.01)

    def tape(self, name: str) -> int:
        """How much paper came out of it."""
        file = self.folder / name / "tape.jsonl"
        return len(file.read_text("utf-8").splitlines()) if file.exists() else 0


@contextlib.asynccontextmanager
async def place(
    folder: Path, language: str = "zpl", line: str = "tcp", level: ProofLevel | None = None
) -> AsyncIterator[Place]:
    ledger = await LedgerThread.open(lambda: open_test_ledger(folder))
    await fill(ledger, 1000)
    here = Place(folder, language, line, ledger, LEVELS[language] if level is None else level)
    try:
        yield here
    finally:
        await here.stop()
        assert (await ledger.do(Ledger.verify)).ok, "chain, and rebuilt tables equal live ones"
        await ledger.close()
        if here.printer is not None:
            await here.printer.stop()


async def printed(here: Place, quantity: int = 8) -> None:
    job = await here.until(await here.order(quantity), *ENDED)
    assert (job.state, job.printed) == (JobState.DONE, quantity), job.reason


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("language", EVERY)
async def test_swapped_between_two_windows_the_stranger_stays_blank_until_somebody_answers(
    tmp_path: Path, language: str, line: str
) -> None:
    async with place(tmp_path, language, line) as here:
        await here.put("ours", serial_number="42A1", odometer=1000)
        await here.start()
        await printed(here)
        await here.put("stranger", serial_number="42A2", odometer=1008)
        job = await here.until(await here.order(8), *ENDED)
        assert job.state is JobState.PAUSED and job.drawn == 0
        assert "换了打印机？原来是" in job.reason and "42A1" in job.reason and "42A2" in job.reason
        await asyncio.sleep(0.1)
        assert here.tape("stranger") == 0
        with pytest.raises(HeldError, match=r"换了打印机"):
            await here.ledger.do(Ledger.move_job, job.job_id, JobState.RUNNING, "test")
            await here.ledger.do(Ledger.begin_window, job.job_id, printer="p1")
        await here.answer("another")
        job = await here.resume(job)
        assert (job.state, job.printed, here.tape("stranger")) == (JobState.DONE, 8, 8)
        assert await here.ledger.do(Ledger.alarms) == ()
        assert (await here.known()).serial_number == "42A2"


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("language", EVERY)
async def test_swapped_in_the_middle_of_a_job(tmp_path: Path, language: str, line: str) -> None:
    async with place(tmp_path, language, line) as here:
        ours = await here.put("ours", serial_number="42A1", speed_ips=8.0)
        await here.start()
        job = await here.order(40)
        async with asyncio.timeout(20):
            while ours.printed < 12:
                await asyncio.sleep(0.01)
        await here.put("stranger", serial_number="42A2", odometer=70_000)
        job = await here.until(job, *ENDED)
        assert job.state is JobState.PAUSED
        proven, doubted = job.printed, job.in_doubt
        job = job if "换了打印机" in job.reason else await here.resume(job)
        assert job.state is JobState.PAUSED and "换了打印机" in job.reason
        assert here.tape("stranger") == 0
        await here.answer("another")
        job = await here.resume(job)
        assert (job.state, job.in_doubt, job.printed + job.in_doubt) == (JobState.DONE, doubted - 1, 40), "one settled"
        assert here.tape("stranger") == 40 - proven - doubted, "what was drawn for the old one is not sent again"


@pytest.mark.parametrize("language", EVERY)
async def test_swapped_while_idle_the_line_says_so_and_the_old_one_put_back_ends_it(
    tmp_path: Path, language: str
) -> None:
    async with place(tmp_path, language) as here:
        await here.put("ours", serial_number="42A1", odometer=1000)
        await here.start()
        await printed(here)
        await here.put("stranger", serial_number="42A2", odometer=9)
        await here.asked()
        assert here.worker is not None
        assert str(here.worker.window_printer.status_words).startswith("换了打印机？")
        assert here.worker.window_printer.unready_since_s is not None
        with pytest.raises(RefusedError, match="换了打印机"):
            await here.worker.maintenance.test(an_imposition())
        with pytest.raises(RefusedError, match="换了打印机"):
            await here.worker.maintenance.calibrate()
        await here.answer("put_back")
        await asyncio.sleep(0.2)
        asked = await here.ledger.do(Ledger.printer_question, "p1")
        assert asked is not None and asked.put_back, "no answer but the old printer's own ends it now"
        assert here.tape("stranger") == 0
        await here.put("ours again", serial_number="42A1", odometer=1008)
        await printed(here)
        assert await here.ledger.do(Ledger.printer_question, "p1") is None
        assert await here.ledger.do(Ledger.alarms) == ()


async def test_swapped_while_the_agent_is_down_and_asked_again_after_the_next_restart(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        await here.put("ours", serial_number="42A1")
        await here.start()
        await printed(here)
        await here.stop()
        await here.put("stranger", serial_number="42A2", odometer=1)
        for _ in range(2):
            await here.start()
            job = await here.order(8)
            await here.until(job, JobState.PAUSED)
            await here.stop()
        assert here.tape("stranger") == 0
        await here.answer("another")
        await here.start()
        assert (await here.resume(job)).printed == 8


async def test_a_third_printer_is_not_let_in_by_the_answer_for_the_second(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        await here.put("ours", serial_number="42A1")
        await here.start()
        await printed(here)
        await here.put("second", serial_number="42A2")
        await here.asked()
        await here.stop()
        await here.answer("another")
        await here.put("third", serial_number="42A3")
        await here.start()
        await here.asked()
        assert here.tape("third") == 0


async def test_a_third_printer_is_not_let_in_while_the_question_is_open(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        await here.put("ours", serial_number="42A1", odometer=1000)
        await here.start()
        await printed(here)
        second = await here.put("second", serial_number="42A2", odometer=2000)
        await here.asked()
        second.fault("unplug")
        async with asyncio.timeout(20):
            while here.worker is None or here.worker.window_printer.link.connected:
                await asyncio.sleep(0.01)
        await here.answer("another")
        await here.put("third", serial_number="42A3", odometer=3000)
        await here.asked()
        job = await here.until(await here.order(8), *ENDED)
        assert "42A2" in job.reason and "42A3" in job.reason
        assert here.tape("third") == 0


@pytest.mark.parametrize("language", EVERY)
async def test_other_firmware_on_the_same_serial_number_is_an_update(tmp_path: Path, language: str) -> None:
    async with place(tmp_path, language) as here:
        await here.put("ours", serial_number="42A1", odometer=1000)
        await here.start()
        await printed(here)
        before = await here.known()
        await here.put("updated", serial_number="42A1", firmware="V9.90", odometer=1008)
        assert (await here.known(before)).firmware == "V9.90"
        await printed(here)
        assert here.tape("updated") == 8


@pytest.mark.parametrize("language", EVERY)
async def test_without_a_serial_number_other_firmware_may_be_another_printer(tmp_path: Path, language: str) -> None:
    async with place(tmp_path, language) as here:
        await here.put("ours", serial_number="", odometer=1000)
        await here.start()
        await printed(here)
        await here.put("other", serial_number="", firmware="V9.90", odometer=1008)
        await here.asked()
        assert here.tape("other") == 0


async def test_its_like_without_a_serial_number_is_told_by_its_count(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        await here.put("ours", serial_number="", odometer=1000)
        await here.start()
        await printed(here)
        await here.put("its like", serial_number="", odometer=5000)
        job = await here.until(await here.order(8), *ENDED)
        assert "计数从 1008 跳到 5000，又认不出" in job.reason and job.drawn == 0
        assert here.tape("its like") == 0
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == ["possible_duplicate"]
        await here.put("ours again", serial_number="", odometer=1008)
        assert (await here.resume(job)).printed == 8


@pytest.mark.parametrize("number", ["42A1", ""])
async def test_a_count_that_went_back_asks_whatever_the_printer_calls_itself(tmp_path: Path, number: str) -> None:
    async with place(tmp_path) as here:
        ours = await here.put("ours", serial_number=number, odometer=1000)
        await here.start()
        await printed(here)
        ours.fault("counter-reset")
        job = await here.until(await here.order(8), *ENDED)
        assert "计数从 1008 变小到 0" in job.reason and job.drawn == 0
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == ["counter_reset"]
        await here.answer("another")
        assert (await here.resume(job)).printed == 8


async def test_a_jump_of_a_known_printer_stays_an_alarm(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        ours = await here.put("ours", serial_number="42A1", odometer=1000)
        await here.start()
        await printed(here)
        for _ in range(9):
            ours.fault("feed-key")
        async with asyncio.timeout(10):
            while ours.odometer < 1017:
                await asyncio.sleep(0.01)
        await printed(here)
        assert [alarm["kind"] for alarm in await here.ledger.do(Ledger.alarms)] == ["possible_duplicate"]


async def test_copies_wait_for_the_answer_too(tmp_path: Path) -> None:
    from edge_agent.model.copies import CopiesOrder, CopiesState

    async with place(tmp_path) as here:
        await here.put("ours", serial_number="42A1")
        await here.start()
        await printed(here)
        await here.put("stranger", serial_number="42A2", odometer=1)
        await here.asked()
        order = CopiesOrder("k", "0" * 64, "t", "p1", 8, {"snapshot": 1, "n": 2}, "A01")
        opened = await here.ledger.do(Ledger.open_copies, order)
        here.changes.tell()
        await asyncio.sleep(0.2)
        with pytest.raises(HeldError, match="换了打印机"):
            await here.ledger.do(Ledger.begin_copies, opened.copies_id, 1, rows=1, counter=1)
        assert here.tape("stranger") == 0
        await here.answer("another")
        async with asyncio.timeout(20):
            while (await here.ledger.do(Ledger.copies, opened.copies_id)).state is CopiesState.OPEN:
                await here.changes.wait(here.changes.count, 0.02)
        assert here.tape("stranger") == 8


async def test_a_ledger_of_before_learns_its_printer_without_a_question(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        job = await here.order(16)
        window = await here.ledger.do(Ledger.begin_window, job.job_id, printer="p1", counter=992)
        await here.ledger.do(Ledger.doubt_window, window.window_id, "an earlier release")
        await one_is_good(here.ledger)
        await here.put("ours", serial_number="42A1", odometer=1000)
        await here.start()
        assert (await here.until(job, *ENDED)).printed == 9
        assert (await here.known()).serial_number == "42A1"


async def test_an_answer_needs_a_question(tmp_path: Path) -> None:
    async with place(tmp_path) as here:
        with pytest.raises(NotFoundError, match="没有要回答的问题"):
            await here.answer("another")


AT_ONCE = ["zpl", "epl2"]
"""These tell who they are at once. TSPL does in its turn, behind what it still has to print; until then it is silent of
that, and a silence is also what a picture half received makes, so it is told to drop what it holds."""


async def another_program(here: Place, labels: int) -> None:
    """Sends labels of its own, over the same line, and leaves."""
    transport = open_transport(here.url, write_timeout_s=2.0)
    await transport.open()
    await transport.write(LANGUAGES[here.language].preamble(MEDIA, SETUP))
    for _ in range(labels):
        await transport.write(LANGUAGES[here.language].full_label(COPY))
    assert here.printer is not None
    async with asyncio.timeout(10):
        while here.printer.state()["labels_inside"] != labels:
            await asyncio.sleep(0.01)
    await transport.close()


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("language", AT_ONCE)
async def test_what_another_printer_still_holds_is_somebody_elses_and_is_not_cancelled(
    tmp_path: Path, language: str, line: str
) -> None:
    async with place(tmp_path, language, line) as here:
        await here.put("ours", serial_number="42A1")
        await here.start()
        await printed(here)
        await here.stop()
        stranger = await here.put("stranger", serial_number="42A2", faults=("pause",), queue_labels=8)
        await another_program(here, 3)
        await here.start()
        assert here.worker is not None
        async with asyncio.timeout(20):
            while here.worker.window_printer.seen_s == 0.0:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert stranger.state()["labels_inside"] == 3
        stranger.fix("pause")
        await here.asked()
        assert here.tape("stranger") == 3, "theirs, all of them"
        handed = noted(here)
        await here.answer("another")
        await printed(here)
        assert here.tape("stranger") == 3 + 8
        assert handed.index(LANGUAGES[language].cancel()) == 0, "once it is ours, it begins empty"


def noted(here: Place) -> list[bytes]:
    """What is handed over from now on, but the questions."""
    handed: list[bytes] = []
    assert here.worker is not None
    link = here.worker.window_printer.link
    send = link.send

    async def sending(data: bytes) -> None:
        handed.append(data)
        await send(data)

    link.send = sending  # type: ignore[method-assign]
    return handed


@pytest.mark.parametrize("language", AT_ONCE)
async def test_what_our_own_printer_still_holds_is_cancelled_at_each_connection(tmp_path: Path, language: str) -> None:
    async with place(tmp_path, language) as here:
        ours = await here.put("ours", serial_number="42A1", queue_labels=8)
        await here.start()
        await printed(here)
        await here.stop()
        ours.fault("pause")
        await another_program(here, 3)
        await here.start()
        async with asyncio.timeout(20):
            while ours.state()["labels_inside"]:
                await asyncio.sleep(0.01)
