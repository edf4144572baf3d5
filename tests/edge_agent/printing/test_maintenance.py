"""What printers do between jobs: a test label, a calibration, and a counter that is tried before it is trusted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edge_agent.errors import LinkDownError, NotFoundError, RefusedError
from edge_agent.ledger import Ledger
from edge_agent.messages.printer import CALIBRATING, DOWN, IDLE, counted
from edge_agent.messages.text import Words
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.media import Sensor, Setup
from edge_agent.model.printer import ProofLevel
from edge_agent.printing.directory import GroupView, PrinterDirectory
from edge_agent.printing.imposition import Imposition, single
from label_protocol.errors import ConflictError
from tests.kits.floor import MEDIA, floor
from tests.kits.web_double import VIEW


def frame() -> Imposition:
    """A test label: ink, and no code."""
    art = Bitmap(64, 40, b"\xff" * 8 * 4 + bytes(8 * 36))
    return single(MEDIA, art, lambda _serial: (), lambda _serial: art)


async def print_one(
    folder: Path, language: str, level: ProofLevel, *, unanswered: frozenset[str] = frozenset()
) -> Words:
    """What a test label says on the virtual printer of a language, whose profile gives `level`."""
    window_printer = {"level": level}
    async with floor(
        folder, language=language, window_printer=window_printer, unanswered=unanswered, speed_ips=2.0
    ) as here:
        return await here.worker.maintenance.test(frame())


async def test_a_counter_that_the_profile_does_not_use_is_tried_by_a_test_label(tmp_path: Path) -> None:
    said = await print_one(tmp_path, "tspl", ProofLevel.IDLE)
    assert "忙完转就绪" in said.zh
    assert "计数正好加一" in said.zh and "tsc-203-counted" in said.en


async def test_a_counter_that_the_profile_uses_is_proof_and_not_tried(tmp_path: Path) -> None:
    said = await print_one(tmp_path, "tspl", ProofLevel.COUNTER)
    assert "计数器相符" in said.zh and "正好加一" not in said.zh


@pytest.mark.parametrize("language", ["tspl", "epl2"])
async def test_a_printer_without_a_counter_is_told_of_none(tmp_path: Path, language: str) -> None:
    said = await print_one(tmp_path, language, ProofLevel.IDLE, unanswered=frozenset({"@LABEL"}))
    assert "测试签已打印" in said.zh and "正好加一" not in said.zh


@pytest.mark.parametrize(("after", "part"), [(7, "从 7 到 7"), (9, "从 7 到 9"), (None, "从 7 到 无应答")])
def test_a_counter_that_did_not_move_by_one_is_warned_of(after: int | None, part: str) -> None:
    said = counted(7, after)
    assert part in said.zh and "不要选用" in said.zh and "choose no profile" in said.en


async def test_a_printer_that_is_not_ready_gets_no_test_label(tmp_path: Path) -> None:
    async with floor(tmp_path, faults=("media-out",)) as here:
        with pytest.raises(RefusedError, match="ready for a test label, got 缺纸"):
            await here.worker.maintenance.test(frame())
        assert here.printer.odometer == 1000


@pytest.mark.parametrize("language", ["zpl", "tspl", "epl2"])
async def test_calibrating_feeds_and_says_so(tmp_path: Path, language: str) -> None:
    async with floor(tmp_path, language=language) as here:
        assert await here.worker.maintenance.calibrate() == CALIBRATING
        assert here.worker.window_printer.edge


async def test_a_language_that_cannot_order_a_calibration_refuses(tmp_path: Path) -> None:
    setup = Setup(ribbon=False, sensor=Sensor.CONTINUOUS)
    async with floor(tmp_path, language="epl2", window_printer={"setup": setup}) as here:
        with pytest.raises(RefusedError, match="expected a language that can order a calibration, got epl2"):
            await here.worker.maintenance.calibrate()


async def test_a_printer_with_a_job_does_nothing_else(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        here.worker.job_id = "j9"
        for maintenance_task in (here.worker.maintenance.calibrate(), here.worker.maintenance.test(frame())):
            with pytest.raises(ConflictError, match="expected no job on it, got j9"):
                await maintenance_task
        here.worker.job_id = None


async def test_why_a_link_is_down_is_known_until_it_is_up(tmp_path: Path) -> None:
    async with floor(tmp_path, run=False) as here:
        await here.window_printer.lost(LinkDownError("queue q: expected the policy abort-job, got retry-job"))
        assert here.window_printer.trouble.endswith("got retry-job") and here.window_printer.status_words == DOWN
        await here.window_printer.ensure_connected()
        await here.window_printer.look()
        assert here.window_printer.trouble == ""


async def test_the_directory_takes_printers_by_name_and_no_groups() -> None:
    done: list[str] = []

    async def maintenance_task(printer: str) -> Words:
        done.append(printer)
        return IDLE

    directory = PrinterDirectory(
        lambda: [VIEW], maintenance={"test": maintenance_task}, groups=[GroupView("line-a", "甲线", ("p1", "p2"))]
    )
    assert await directory.test("p1") is IDLE
    with pytest.raises(RefusedError, match="got a group; name one of p1, p2"):
        await directory.test("line-a")
    with pytest.raises(NotFoundError, match="expected one of p1"):
        await directory.test("p9")
    with pytest.raises(RefusedError, match="expected an agent that can order a calibrate"):
        await directory.calibrate("p1")
    assert done == ["p1"]


async def test_a_test_label_is_in_the_books_before_a_restart_could_ask_whose_count_it_is(tmp_path: Path) -> None:
    async with floor(tmp_path) as here:
        await here.worker.maintenance.test(frame())
        assert here.printer.odometer == 1001
        assert await here.ledger.do(Ledger.printer_counter, "p1") == 1001


async def test_what_goes_wrong_amid_a_test_label_is_never_told_as_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with floor(tmp_path, run=False) as here:

        async def breaks(*_: object) -> None:
            raise RuntimeError("nobody planned this")

        monkeypatch.setattr(here.window_printer, "send_window", breaks)
        here.task = asyncio.create_task(here.worker.run())
        said = await here.worker.maintenance.test(frame())
        assert said.zh == "测试签没有证实：打印结果无法证实"
        assert "stopped in the middle: RuntimeError('nobody planned this')" in said.en and "ready" not in said.en
