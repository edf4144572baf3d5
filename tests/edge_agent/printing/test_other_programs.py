"""What another program did to a printer, seen from a job: it is undone before a label, or no label is sent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from edge_agent.model.job import JobState
from edge_agent.model.media import Setup
from tests.kits.floor import floor

ENDED = (JobState.DONE, JobState.PAUSED)


def serial_on(picture: Path) -> str:
    """What the dots of a label say, if they lie where they belong and nothing lies beside them."""
    with Image.open(picture) as label:
        assert label.size == (64, 40)
        rows = [ImageChops.invert(label).crop((0, y, 64, y + 1)).tobytes() for y in range(40)]
    assert rows[:4] == [b"\xff" * 8] * 4 and not any(map(any, rows[4:8] + rows[16:]))
    return b"".join(row[1:5] for row in rows[8:16])[:17].decode("ascii")


@pytest.mark.parametrize(
    ("language", "left", "words"),
    [
        ("zpl", b"~JD", "未知故障"),
        ("zpl", b"^XA^CT+^XZ", "未应答"),
        ("tspl", b"~!D\r\n", "未应答"),
        ("epl2", b"dump\r\n", "未应答"),
        ("epl2", b"OEPL1\r\n", "未应答"),
    ],
)
async def test_a_printer_in_a_mode_that_no_window_undoes_gets_no_label_and_the_operator_is_told(
    tmp_path: Path, language: str, left: bytes, words: str
) -> None:
    printer = {"setup": Setup(ribbon=False)}
    async with floor(tmp_path, language=language, run=False, window_printer=printer) as here:
        await here.window_printer.ensure_connected()
        await here.window_printer.link.status()  # a printer that resets hears nothing of what comes in the same breath
        await here.window_printer.link.send(left)
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(1)).job_id, JobState.WAITING, *ENDED)
        assert (job.state, job.drawn) == (JobState.WAITING, 0) and words in job.reason, job.reason
        assert here.printer.printed == 0


@pytest.mark.parametrize(
    ("language", "left"),
    [
        ("zpl", b"^XA^CC/\r\n/XZ"),
        ("zpl", b"^XA^MUM^POI^LS40^LT-30^MCN^CD;^XZ"),
        ("tspl", b"DIRECTION 1,1\r\nREFERENCE 40,30\r\nSHIFT 20\r\nSET HEAD OFF\r\n"),
        ("epl2", b"ZB\r\nR40,30\r\nI7,0,001\r\n"),
    ],
)
async def test_a_job_prints_as_ever_on_a_printer_that_another_program_used(
    tmp_path: Path, language: str, left: bytes
) -> None:
    printer = {"setup": Setup(ribbon=False)}
    async with floor(tmp_path, language=language, run=False, window_printer=printer) as here:
        await here.window_printer.ensure_connected()
        await here.window_printer.link.status()  # a printer that resets hears nothing of what comes in the same breath
        await here.window_printer.link.send(left)
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(10)).job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 10), job.reason
    serials = {serial_on(tmp_path / "tape" / f"{n:06d}.png") for n in range(1, 11)}
    assert len(serials) == 10 and all(serial.startswith("PH1") and len(serial) == 17 for serial in serials)
