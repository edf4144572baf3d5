"""When the window printer looks: seldom while the engine runs, often about the expected end, and never so seldom that a
fault waits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.messages.text import Words
from edge_agent.model.bitmap import Bitmap
from edge_agent.printing.window_printer import Ask, WindowPrinter
from tests.kits.floor import an_imposition, floor

INTERVAL_S = 0.005


def looks(window_printer: WindowPrinter, work_s: float) -> list[float]:
    """The moments at which it looks at a window that takes `work_s` and is expected to take as long."""
    moments, now_s = [], 0.0
    while now_s < work_s:
        now_s += window_printer._nap_s(work_s - now_s)
        moments.append(now_s)
    return moments


@pytest.fixture
async def window_printer(tmp_path: Path) -> WindowPrinter:
    async with floor(tmp_path, run=False) as here:
        here.window_printer._label_s = 0.1
        return here.window_printer


@pytest.mark.parametrize("work_s", [0.02, 0.1, 0.967, 5.0])
async def test_the_end_is_seen_at_once_with_few_questions(window_printer: WindowPrinter, work_s: float) -> None:
    moments = looks(window_printer, work_s)
    assert moments[-1] - work_s <= INTERVAL_S / 4
    assert len(moments) <= 12 + work_s / 0.25
    assert max(late - early for early, late in zip([0.0, *moments], moments, strict=False)) <= 0.25


@pytest.mark.parametrize("late_s", [0.01, 1.0])
async def test_a_window_that_is_late_is_asked_about_at_the_interval(
    window_printer: WindowPrinter, late_s: float
) -> None:
    assert window_printer._nap_s(-late_s) == INTERVAL_S


async def test_nothing_is_expected_of_labels_of_another_job(window_printer: WindowPrinter) -> None:
    window_printer.start_afresh()
    assert window_printer._label_s == 0.0
    assert window_printer._nap_s(0.0) == INTERVAL_S


async def test_backgrounds_of_earlier_jobs_are_taken_out_and_others_left_alone(tmp_path: Path) -> None:
    async def wanted() -> bool:
        return True

    async def tell(_what: Words | None) -> None:
        return

    async with floor(tmp_path, run=False) as here:
        await here.window_printer.ensure_connected()
        await here.window_printer.link.send(b"~DGR:LOGO.GRF,2,1,FFFF\r\n")
        for shade in range(1, 6):
            art = replace(an_imposition(), background=Bitmap(64, 40, bytes([shade]) * 8 * 40))
            before = await here.window_printer.baseline(art, Ask(wanted, tell))
            assert before is not None and before.objects is not None
            assert set(before.objects) == {"R:LOGO.GRF", here.window_printer.link.language.object_name(art.background)}
        await here.window_printer.link.close()


async def test_later_rows_of_all_printers_are_encoded_one_in_a_turn_of_the_loop(tmp_path: Path) -> None:
    """Whoever waits for his turn, a job before its first byte, waits for one label and not for a window of each."""
    async with floor(tmp_path, run=False) as here:
        turn, encoded_in = 0, []

        def encode(_imposition: object, _row: object) -> bytes:
            encoded_in.append(turn)
            return b""

        async def count() -> None:
            nonlocal turn
            while True:
                await asyncio.sleep(0)
                turn += 1

        async def window() -> None:
            for _ in range(4):
                await here.window_printer._encode_in_turn(an_imposition(), ("",))

        here.window_printer.encode = encode  # type: ignore[method-assign]
        counting = asyncio.create_task(count())
        await asyncio.gather(window(), window(), window())
        counting.cancel()
    assert len(encoded_in) == 12 and len(set(encoded_in)) == 12
