"""Invariants that no single room holds: watched on the wire, in the file, and in what a scan says.

A recorder stands between what sends windows and the real transport. What it saw leave is held against the
ledger's file, which is copied and read by plain SQL at the very moment of each write.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.demo.play import samples
from edge_agent.errors import LinkBlockedError, LinkBrokenError, NotFoundError, RenderError
from edge_agent.labels.from_snapshot import plan_of_job
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.job import JobState
from edge_agent.model.printer import Health, PrintMode
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.link import Link
from edge_agent.printers.transports.contract import Transport
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.printing.imposition import Imposition, Row
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts
from label_protocol.chain import canonical
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.codes.serial import new_serial
from label_protocol.errors import CodeError, LedgerDamagedError, RecordError
from tests.kits import floor as factory
from tests.kits.floor import Floor, an_imposition, floor
from tests.kits.ledger_kit import GTIN, Place, a_job, an_order, enrolled
from tests.kits.printer_bench import PrinterBench
from tests.kits.web_double import VIEW

ENDED = (JobState.DONE, JobState.PAUSED)
LABEL = b"^PQ1"
"""Ends each label and nothing else."""


@dataclass
class Recorder:
    """Passes everything on, notes every write, and breaks where it is told."""

    inner: Transport
    at_write: Callable[[bytes], None] = lambda data: None
    writes: list[bytes] = field(default_factory=list)
    trouble: dict[int, str] = field(default_factory=dict)
    """Number of the label write (from 1) → what happens at it: `broken before`, `broken after`, `blocked`."""

    @property
    def url(self) -> str:
        return self.inner.url

    @property
    def labels(self) -> list[bytes]:
        """The writes that hold labels."""
        return [data for data in self.writes if LABEL in data]

    async def open(self) -> None:
        await self.inner.open()

    async def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.at_write(data)
        what = self.trouble.get(len(self.labels), "") if LABEL in data else ""
        if what == "broken before":
            raise LinkBrokenError("expected an open connection, got a torn cable")
        await self.inner.write(data)
        if what == "broken after":
            raise LinkBrokenError("expected an open connection, got a torn cable")
        if what == "blocked":
            raise LinkBlockedError("expected the printer to take bytes, got none taken")

    async def flush(self) -> None:
        await self.inner.flush()

    async def commit(self, title: str) -> None:
        await self.inner.commit(title)

    @property
    def two_way(self) -> bool:
        return self.inner.two_way

    @property
    def clean(self) -> bool:
        return self.inner.clean

    async def read(self, timeout_s: float) -> bytes:
        return await self.inner.read(timeout_s)

    async def close(self) -> None:
        await self.inner.close()


@contextlib.asynccontextmanager
async def watched(folder: Path, **more: object) -> AsyncIterator[tuple[Floor, Recorder]]:
    """The small factory with a recorder on its wire."""
    async with floor(folder, run=False, **more) as here:  # type: ignore[arg-type]
        recorder = Recorder(here.window_printer.link.transport)
        here.window_printer.link.transport = recorder
        here.task = asyncio.create_task(here.worker.run())
        yield here, recorder


async def to_the_end(here: Floor, quantity: int) -> str:
    """Submit, scrap the strip and resume when it pauses, and be done; a job that has paused five times does not end by
    itself."""
    opened = await here.submit(quantity)
    for _ in range(5):
        if (await here.until(opened.job_id, *ENDED)).state is JobState.DONE:
            return opened.job_id
        for window, _ in await here.ledger.do(Ledger.doubts):
            await here.ledger.do(Ledger.settle_window, window.window_id, None, "", "A01", "scrapped")
        await here.resume(opened.job_id)
    raise AssertionError(await here.job(opened.job_id))


async def drawn(here: Floor) -> dict[str, str]:
    """Serial → state, of all there are."""
    return {label.serial: label.state for label in await here.ledger.do(Ledger.labels, limit=1000)}


# --- 1: at most once --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(PrintMode))
@pytest.mark.parametrize("trouble", ["", "broken before", "broken after", "blocked"])
async def test_the_bytes_of_a_serial_are_handed_over_at_most_once(
    tmp_path: Path, trouble: str, mode: PrintMode
) -> None:
    async with watched(tmp_path, mode=mode) as (here, recorder):
        recorder.trouble = {4: trouble}
        await to_the_end(here, 20)
        states = await drawn(here)
        wire = b"".join(recorder.writes)
        times = {serial: wire.count(here.window_printer.encode(an_imposition(), (serial,))) for serial in states}
        assert set(times.values()) <= {0, 1}
        assert all(times[serial] == 1 for serial, state in states.items() if state == "printed")
        assert sum(times.values()) == wire.count(LABEL), "a label that no serial owns"
        assert Counter(states.values())["scrapped"] == (8 if trouble else 0)


# --- 2: intent before ink ---------------------------------------------------------------------------------------------


def sending_in_a_copy(ledger: Path) -> set[str]:
    """Serials of open windows, as a power cut now would leave them: file and log copied, read by plain SQL."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", "-wal"):
            shutil.copy(f"{ledger}{suffix}", Path(folder) / f"copy.db{suffix}")
        with contextlib.closing(sqlite3.connect(Path(folder) / "copy.db")) as copy:
            rows = copy.execute(
                'SELECT serial FROM label JOIN "window" USING (window_no) WHERE "window".state = \'sending\''
            )
            return {serial for (serial,) in rows}


async def test_every_serial_is_in_the_file_before_its_bytes_leave(tmp_path: Path) -> None:
    seen: list[tuple[bytes, set[str]]] = []
    async with watched(tmp_path) as (here, recorder):
        ledger = tmp_path / "ledger" / "ledger.db"
        recorder.at_write = lambda data: seen.append((data, sending_in_a_copy(ledger) if LABEL in data else set()))
        await to_the_end(here, 20)
        labels = [(data, sending) for data, sending in seen if LABEL in data]
        assert len(labels) == 20
        for data, sending in labels:
            assert sum(data.endswith(here.window_printer.encode(an_imposition(), (serial,))) for serial in sending) == 1


def test_quota_check_and_draw_are_in_one_transaction(tmp_path: Path) -> None:
    with contextlib.closing(enrolled(Place(tmp_path).open())) as ledger:
        job, said = a_job(ledger), list[str]()
        ledger._db.set_trace_callback(lambda statement: said.append(" ".join(statement.split())))
        ledger.begin_window(job.job_id)
        ledger._db.set_trace_callback(None)
    order = [
        next(number for number, statement in enumerate(said) if words in statement)
        for words in ("BEGIN IMMEDIATE", "FROM allotment", "INSERT INTO label", "COMMIT")
    ]
    assert order == sorted(order), said
    assert sum("FROM allotment" in statement for statement in said) == 1


# --- 3: unknown is never success --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bad", "states"), [(1, {"invalid": 8}), (3, {"in_doubt": 8}), (8, {"in_doubt": 8})])
async def test_a_label_that_cannot_be_drawn_leaves_no_half_believed_window(
    tmp_path: Path, bad: int, states: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first byte the window was never sent; after it, nothing about it is known."""
    asked: list[str] = []

    def patches(row: Row) -> Sequence[Patch]:
        asked.extend(row)
        if len(asked) == bad:
            raise RenderError("slot qr: expected a drawing, got none")
        return an_imposition().patches(row)

    def art() -> Imposition:
        return Imposition(plain.media, plain.background, patches, plain.full)

    plain = an_imposition()
    monkeypatch.setattr(factory, "an_imposition", art)
    async with watched(tmp_path) as (here, recorder):
        job = await here.until((await here.submit(8)).job_id, *ENDED)
        assert job.state is JobState.PAUSED
        assert Counter((await drawn(here)).values()) == states
        assert len(recorder.labels) == bad - 1


class Mailbox:
    """A transport whose answers come when a test says so."""

    url = "memory"

    def __init__(self) -> None:
        self.coming: list[bytes] = []
        self.on_write: list[bytes] = []

    async def open(self) -> None:
        return

    async def write(self, data: bytes) -> None:
        self.coming += self.on_write[:1]
        del self.on_write[:1]

    async def flush(self) -> None:
        return

    async def commit(self, title: str) -> None:
        return

    @property
    def two_way(self) -> bool:
        return True

    @property
    def clean(self) -> bool:
        return True

    async def read(self, timeout_s: float) -> bytes:
        await asyncio.sleep(0)
        return self.coming.pop(0) if self.coming else b""

    async def close(self) -> None:
        return


async def test_a_late_answer_is_not_taken_for_a_fresh_one() -> None:
    """The odometer's answer to an earlier question would prove a window that has not come out."""
    language, box = LANGUAGES["zpl"], Mailbox()
    link = Link(language, box, reply_timeout_s=0.01)
    await link.connect()
    assert language.counter_query is not None
    assert await link.ask(language.counter_query) is None
    box.coming, box.on_write = [b'"100"\r\n'], [b'"92"\r\n']
    assert await link.ask(language.counter_query) == 92


async def test_an_answer_that_nobody_waited_for_is_not_taken_for_another() -> None:
    """The status was asked for before a label, and the write of the label failed: its answer comes before the next."""

    class Late(Mailbox):
        async def read(self, timeout_s: float) -> bytes:
            return await super().read(timeout_s) if timeout_s else b""

    language, box = LANGUAGES["zpl"], Late()
    link = Link(language, box, reply_timeout_s=0.01)
    await link.connect()
    await link.pose_status()
    box.coming, box.on_write = [b'"100"\r\n'], [b'"92"\r\n']
    assert language.counter_query is not None
    assert await link.ask(language.counter_query) == 92
    await link.pose_status()
    await link.close()
    await link.connect()
    printer = PrinterBench()
    box.coming, box.on_write = [], [b"".join(printer.ask(query.request) for query in language.status_queries)]
    assert (await link.status()).health is Health.OK, "the questions of a lost line are asked again"


# --- 4 and 6: what is recorded is what is printed ---------------------------------------------------------------------


def a_snapshot() -> dict[str, object]:
    prepared = prepare(
        samples()["down_graded"], "down_grade_60x40", LabelTerms("2026-11-20", LinkStyle("id.example.cn"))
    )
    return json.loads(json.dumps(prepared.require()))  # type: ignore[no-any-return]


def test_a_job_prints_only_with_the_template_its_snapshot_names() -> None:
    snapshot = a_snapshot()
    assert isinstance(plan_of_job("down_grade_60x40", snapshot, 203).background, Bitmap)
    changed = {**snapshot, "template": {**snapshot["template"], "version": "0" * 16}}  # type: ignore[dict-item]
    with pytest.raises(NotFoundError, match=r"down_grade_60x40: expected version 0{16}, got .*open it again"):
        plan_of_job("down_grade_60x40", changed, 203)
    with pytest.raises(NotFoundError, match="expected version"):
        plan_of_job("composition_card_60x40", snapshot, 203)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    place = Place(tmp_path)
    ledger = await LedgerThread.open(
        lambda: enrolled(place.open(new_serial=lambda issuer: new_serial(issuer, _entropy)))
    )
    yield AgentService(
        AgentParts(
            ledger=ledger,
            catalog=Catalog.open(tmp_path / "catalogue.json"),
            printers=PrinterDirectory(lambda: [VIEW]),
            changes=ChangeSignal(),
            terms=lambda: LabelTerms("2026-11-20", LinkStyle("id.example.cn")),
        )
    )
    await ledger.close()


def _entropy(length: int) -> bytes:
    return bytes(range(length))


@pytest.mark.parametrize(
    ("gtin", "lot_no"), [("06901234567915", "L1"), (GTIN, "L2"), (GTIN, None)], ids=["gtin", "lot", "no lot"]
)
async def test_a_code_whose_facts_differ_proves_nothing(service: AgentService, gtin: str, lot_no: str | None) -> None:
    """The serial is known, the GTIN or lot beside it is another: no scan of this label, whatever else it is."""
    job = await service.parts.ledger.do(Ledger.open_job, an_order(1))
    window = await service.parts.ledger.do(Ledger.begin_window, job.job_id)
    await service.parts.ledger.do(Ledger.doubt_window, window.window_id, "silence")
    (serial,) = window.serials
    with pytest.raises(CodeError, match="expected GTIN"):
        await service.labels.scan(DigitalLink(gtin, serial, lot_no).uri("id.example.cn", upper=True), "12")
    assert (await service.labels.find(serial)).state == "in_doubt"
    good = DigitalLink(GTIN, serial, "L1").uri("id.example.cn", upper=True)
    assert ((await service.labels.scan(good, "12")).state, (await service.labels.find(serial)).level) == (
        "printed",
        "scan",
    )


# --- 7: the printer's own reprint is off ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", list(PrintMode))
async def test_the_reprint_switch_leads_every_window(tmp_path: Path, mode: PrintMode) -> None:
    async with watched(tmp_path, mode=mode) as (here, recorder):
        await to_the_end(here, 20)
        first_of_windows = recorder.labels[0::8]
        assert len(recorder.labels) == 20 and len(first_of_windows) == 3
        assert all(data.startswith(b"~CC^\r\n^XA^JZN") for data in first_of_windows)


def test_facts_that_were_edited_in_the_file_are_not_printed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with contextlib.closing(place.open()) as ledger:
        digest = a_job(enrolled(ledger)).snapshot_hash
    with contextlib.closing(sqlite3.connect(place.path)) as file, file:
        file.execute("UPDATE snapshot SET body = ? WHERE hash = ?", (b'{"product":{}}', digest))
    with contextlib.closing(place.open()) as ledger, pytest.raises(LedgerDamagedError, match=digest):
        ledger.snapshot(digest)


def test_names_that_are_not_ascii_have_one_canonical_form() -> None:
    assert canonical({"均码": "150", "S": "140"}) == '{"S":"140","均码":"150"}'.encode()
    with pytest.raises(RecordError, match="Basic Multilingual Plane"):
        canonical({"𠮷": "150"})
