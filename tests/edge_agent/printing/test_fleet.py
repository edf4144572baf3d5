"""The whole agent, from configuration to paper: what a row of `agent.toml` does to a label, and to a day's work."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import zxingcpp
from PIL import Image, ImageChops

from edge_agent.app import agent
from edge_agent.config import config_from
from edge_agent.demo.play import samples
from edge_agent.errors import NotFoundError, RefusedError
from edge_agent.ledger import Ledger
from edge_agent.messages import job as job_words
from edge_agent.messages.printer import BUSY, CALIBRATING, IDLE, WARNINGS, beside
from edge_agent.model.job import Job, JobState
from edge_agent.printers.languages.tspl import answer_bits as tspl
from edge_agent.printers.languages.zpl import answer_bits as zpl
from edge_agent.render.raster import dots
from edge_agent.service.agent_service import AgentService
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from garment.record import GarmentRecord
from label_protocol.errors import ConfigError

ENDED = (JobState.DONE, JobState.PAUSED)
TEMPLATE = "down_grade_60x40"
PLACED = str(Path(__file__).parents[3] / "label_templates" / "former" / "down_grade_60x40-95e0de99970cf1f1.toml")
"""A tag whose serial stands further out than its facts."""


@dataclass
class Shop:
    """The agent's service, its printers, and where their paper lies."""

    service: AgentService
    printers: dict[str, VirtualPrinter]
    folder: Path
    record: GarmentRecord

    async def order(self, printer: str, quantity: int, key: str = "k", template: str = TEMPLATE) -> Job:
        body = {
            "template": template,
            "printer": printer,
            "quantity": quantity,
            "record": json.loads(self.record.model_dump_json(exclude_none=True)),
            "operator": "A01",
        }
        return await self.service.jobs.submit(body, key)

    async def until(self, job_id: str, *states: JobState) -> Job:
        async with asyncio.timeout(20):
            while True:
                heard = self.service.parts.changes.count
                job = await self.service.jobs.find(job_id)
                if job.state in states:
                    return job
                await self.service.parts.changes.wait(heard, 0.05)

    def picture(self, printer: str, n: int) -> Image.Image:
        with Image.open(self.folder / printer / f"{n:06d}.png") as found:
            return found.copy()


@contextlib.asynccontextmanager
async def shop(folder: Path, rows: dict[str, dict[str, Any]], **tables: Any) -> AsyncIterator[Shop]:
    """An agent with one virtual printer per row; a row's `virtual` goes to the printer, the rest to agent.toml."""
    printers, configured = {}, []
    async with contextlib.AsyncExitStack() as stack:
        if not structlog.is_configured():  # commands may run beside it, in this process and on its streams
            structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
            stack.callback(structlog.reset_defaults)
        for name, row in rows.items():
            settings = dict(row)
            options = VirtualPrinterOptions(tape=folder / name, **settings.pop("virtual", {}))
            printer = printers[name] = VirtualPrinter(options)
            await printer.start()
            stack.push_async_callback(printer.stop)
            url = (
                f"serial://{printer.path}?baud=115200&flow=none" if printer.path else f"tcp://127.0.0.1:{printer.port}"
            )
            configured.append({"id": name, "name": name, "url": url, **settings})
        data = {key: f"{key}/{key}" for key in ("ledger_path", "witness_path", "catalog_path")}
        table = {
            "data": data,
            "web": {"port": 0},
            "link": {"host": "id.example.cn"},
            "registry": {"credentials_path": "credentials.json"},
            "printing": {"poll_interval_s": 0.005, "reply_timeout_s": 0.5, "window_labels": 4},
            "printers": configured,
            **tables,
        }
        config = config_from(table, folder / "agent.toml")
        service, _ = await stack.enter_async_context(agent(config))
        record = samples()["down_graded"]
        await service.parts.ledger.do(Ledger.enrol, "agent-1", "PH1", "epoch-1", "http://127.0.0.1:1")
        allotment = {"kind": "allotment", "quota_key": record.quota_key, "quantity": 100, "spoilage_permille": 30}
        await service.parts.ledger.do(Ledger.receive_distribution, "c1", "epoch-1", [allotment])
        yield Shop(service, printers, folder, record)


def code_on(picture: Image.Image) -> str:
    """What somebody else's decoder reads."""
    (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    return found.text


# --- one-way ----------------------------------------------------------------------------------------------------------


async def test_one_scan_per_window_and_the_job_goes_on_by_itself(tmp_path: Path) -> None:
    """Gloves on: the last good label of each window under the scanner, and nothing else."""
    async with shop(tmp_path, {"p1": {"profile": "zpl-203-one-way"}}) as here:
        job = await here.order("p1", 6)
        for papers in (4, 6):
            stood = await here.until(job.job_id, JobState.PAUSED)
            assert stood.reason == str(job_words.SCAN_WINDOW)
            ((window, doubted),) = await here.service.labels.doubts()
            assert len(doubted) == stood.in_doubt
            await here.service.labels.settle_window(window.window_id, code_on(here.picture("p1", papers)), "A01")
        done = await here.until(job.job_id, JobState.DONE)
        assert (done.printed, done.in_doubt, here.printers["p1"].printed) == (6, 0, 6)


async def test_a_job_that_stood_for_another_reason_waits_for_its_operator(tmp_path: Path) -> None:
    async with shop(tmp_path, {"p1": {"profile": "zpl-203", "virtual": {"faults": ("media-out@2",)}}}) as here:
        job = await here.order("p1", 8)
        await here.until(job.job_id, JobState.PAUSED)
        ((window, _),) = await here.service.labels.doubts()
        await here.service.labels.settle_window(window.window_id, None, "A01", rest="scrapped")
        assert (await here.service.jobs.find(job.job_id)).state is JobState.PAUSED


# --- groups -----------------------------------------------------------------------------------------------------------


async def test_a_job_of_a_group_is_printed_by_whoever_can(tmp_path: Path) -> None:
    rows = {
        "p1": {"profile": "zpl-203", "virtual": {"faults": ("head-open",)}},
        "p2": {"profile": "tsc-203-counted", "virtual": {"language": "tspl"}},
    }
    group = {"id": "line-a", "name": "甲线", "printers": ["p1", "p2"], "fallback_after_s": 0.2}
    async with shop(tmp_path, rows, groups=[group]) as here:
        job = await here.order("line-a", 6)
        done = await here.until(job.job_id, JobState.DONE)
        assert (done.printed, done.printer) == (6, "line-a")
        assert (here.printers["p1"].printed, here.printers["p2"].printed) == (0, 6)
        with pytest.raises(NotFoundError, match="line-b"):
            await here.order("line-b", 1, "other")


# --- alignment, rows across, pre-flight -------------------------------------------------------------------------------


async def test_an_alignment_moves_every_dot_and_the_code_still_reads(tmp_path: Path) -> None:
    moved = {"profile": "zpl-203", "shift_right_mm": 0.5, "shift_down_mm": -0.25}
    async with shop(tmp_path, {"plain": {"profile": "zpl-203"}, "moved": moved}) as here:
        for name in ("plain", "moved"):
            job = await here.order(name, 1, name)
            assert (await here.until(job.job_id, *ENDED)).state is JobState.DONE
        plain, shifted = here.picture("plain", 1), here.picture("moved", 1)
    right, down = dots(0.5, 203), dots(-0.25, 203)
    assert (right, down) == (4, -2)
    expected = Image.new("1", plain.size, 1)
    expected.paste(plain, (right, down))
    differ = ImageChops.logical_xor(expected, shifted).getbbox()  # code and serial, which differ from label to label
    assert differ is not None and differ[0] > 280
    assert code_on(shifted).startswith("https://ID.EXAMPLE.CN/01/")


@pytest.mark.parametrize(("shift_mm", "word"), [(19.0, "shift_right_mm"), (2.5, "inside the label")])
async def test_an_alignment_that_pushes_ink_off_the_label_is_refused_before_a_serial_is_drawn(
    tmp_path: Path, shift_mm: float, word: str
) -> None:
    """By 2.5 mm the facts stay on the label and only the serial under the code would leave it."""
    async with shop(tmp_path, {"p1": {"profile": "zpl-203", "shift_right_mm": shift_mm}}) as here:
        job = await here.order("p1", 4, template=PLACED)
        stood = await here.until(job.job_id, *ENDED)
        assert (stood.state, stood.drawn) == (JobState.PAUSED, 0)
        assert word in stood.reason


async def test_three_across_every_label_has_its_own_code(tmp_path: Path) -> None:
    row = {"profile": "zpl-203", "across": 3, "virtual": {"across": 3, "width_dots": 480}}
    async with shop(tmp_path, {"p1": row | {"dpi": 203}}) as here:
        job = await here.order("p1", 3)
        stood = await here.until(job.job_id, *ENDED)
        assert "1472" in stood.reason or stood.state is JobState.DONE, stood.reason  # wider than an 832-dot head: said
        await here.service.jobs.resume(job.job_id, "A01")
        done = await here.until(job.job_id, JobState.DONE)
        assert done.printed == 3
        codes = {code_on(here.picture("p1", n)) for n in (1, 2, 3)}
        assert len(codes) == 3
        assert here.printers["p1"].odometer == 1001


async def test_a_label_that_does_not_fit_the_printer_is_said_before_the_first_serial(tmp_path: Path) -> None:
    row = {"profile": "zpl-203", "across": 2, "virtual": {"across": 2, "width_dots": 480}}
    async with shop(tmp_path, {"p1": row}) as here:
        stood = await here.until((await here.order("p1", 4)).job_id, *ENDED)
        assert (stood.state, stood.drawn) == (JobState.PAUSED, 0)
        assert "832" in stood.reason and "976" in stood.reason


# --- maintenance and wrong rows ---------------------------------------------------------------------------------------


async def test_test_label_and_calibration_tell_what_was_seen(tmp_path: Path) -> None:
    rows = {
        "zebra": {"profile": "zpl-203"},
        "eltron": {"profile": "lp2844-serial", "virtual": {"language": "epl2"}},
        "deaf": {"profile": "tspl-one-way", "virtual": {"language": "tspl"}},
    }
    async with shop(tmp_path, rows) as here:
        directory = here.service.parts.printers
        assert "计数器相符" in (await directory.test("zebra")).zh
        assert "逐张回报" in (await directory.test("eltron")).zh
        assert "请看纸" in (await directory.test("deaf")).zh
        assert await directory.calibrate("zebra") is CALIBRATING
        with pytest.raises(NotFoundError):
            await directory.test("line-9")


@pytest.mark.parametrize(
    ("row", "kind", "part"),
    [
        ({"profile": "epl2-unknown", "virtual": {"language": "epl2"}}, RefusedError, "ribbon"),
        ({"profile": "lp2844-serial", "speed_ips": 2.0, "virtual": {"language": "epl2"}}, RefusedError, "speed"),
        ({"profile": "zpl-9000"}, NotFoundError, "zpl-9000"),
    ],
)
async def test_a_row_that_cannot_work_is_refused_at_the_start_by_name(
    tmp_path: Path, row: dict[str, Any], kind: type[Exception], part: str
) -> None:
    with pytest.raises(kind, match=part):
        async with shop(tmp_path, {"p1": row}):
            pass


async def test_raw_bytes_over_xon_xoff_are_refused_at_the_start(tmp_path: Path) -> None:
    row = {"profile": "tsc-203", "url": "serial:///dev/ttyS9?flow=xonxoff"}
    with pytest.raises(ConfigError, match="flow=rtscts"):
        async with shop(tmp_path, {"p1": row}):
            pass


async def test_a_direct_thermal_printer_prints_and_what_it_warns_of_stands_behind_its_state(tmp_path: Path) -> None:
    rows = {"p1": {"profile": "zpl-203", "virtual": {"ribbon": False}}}
    async with shop(tmp_path, rows) as here:
        job = await here.until((await here.order("p1", 3)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 3), job.reason
        (view,) = here.service.parts.printers.views()
        assert view.ready and view.identity is not None and view.identity.model and view.unread == {}
        assert view.words == beside(IDLE, ["warning 00000000 00002000"])


def test_every_warning_that_a_manual_names_has_its_words() -> None:
    """But for the sensors of a presenter, which are told by their number."""
    named = {*zpl.WARNINGS.values(), *(word for fault, word in tspl.WARNINGS.values() if fault is None)}
    assert {name for name in named if not name.startswith("sensor ")} == set(WARNINGS)
    both = beside(BUSY, ["paper low", "sensor 3"])
    assert both.zh == f"{BUSY.zh}（提示：标签纸快用完；打印机提示 sensor 3）"
    assert both.en == f"{BUSY.en} (note: labels run low; the printer says: sensor 3)"
    assert beside(IDLE, ()) == IDLE
