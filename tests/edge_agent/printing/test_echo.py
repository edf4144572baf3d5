"""A line that echoes: told as such, and nothing of a label goes out on it, whatever answers stand beside the echo."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from edge_agent.messages.printer import ECHO
from edge_agent.model.job import JobState
from edge_agent.printers.languages import LANGUAGES
from tests.kits.floor import Floor, floor

ENDED = (JobState.DONE, JobState.PAUSED)
LINES = ["tcp", pytest.param("serial", marks=pytest.mark.skipif(sys.platform == "win32", reason="no ptys"))]


def counting(here: Floor) -> list[bytes]:
    """All that the window printer hands over from now on, but the questions."""
    handed: list[bytes] = []
    send = here.window_printer.link.send

    async def noted(data: bytes) -> None:
        handed.append(data)
        await send(data)

    here.window_printer.link.send = noted  # type: ignore[method-assign]
    return handed


@pytest.mark.parametrize("faults", [("echo",), ("echo", "split-replies")], ids=["", "byte by byte"])
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_of_a_label_goes_out_on_a_line_that_echoes_though_right_answers_follow(
    tmp_path: Path, language: str, line: str, faults: tuple[str, ...]
) -> None:
    async with floor(tmp_path, language=language, pty=line == "serial", run=False, faults=faults) as here:
        handed = counting(here)
        here.task = asyncio.create_task(here.worker.run())
        job = await here.submit(8)
        async with asyncio.timeout(20):  # of a long echo, byte by byte, the first thing told may be the silence
            while here.window_printer.status_words != ECHO:
                await asyncio.sleep(0.01)
        job = await here.until(job.job_id, JobState.WAITING, *ENDED)
        assert (job.state, job.drawn) == (JobState.WAITING, 0)
        assert here.window_printer.unready_since_s is not None
        assert "got back what was sent" in here.window_printer.trouble
        assert set(handed) == {here.window_printer.link.language.cancel()}
        assert here.printer.printed == 0
        here.printer.fix("echo")
        job = await here.until(job.job_id, *ENDED)
        assert (job.state, job.printed) == (JobState.DONE, 8), "it goes on by itself"


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_echo_that_begins_in_a_window_leaves_it_in_doubt(tmp_path: Path, language: str, line: str) -> None:
    async with floor(tmp_path, language=language, pty=line == "serial", run=False, faults=("echo@3",)) as here:
        handed = counting(here)
        here.task = asyncio.create_task(here.worker.run())
        job = await here.until((await here.submit(16)).job_id, *ENDED)
        assert (job.state, job.drawn, job.in_doubt) == (JobState.PAUSED, 8, 8)
        assert ECHO.zh in job.reason
        assert here.window_printer.link.language.cancel() in handed
