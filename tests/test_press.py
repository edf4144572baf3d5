"""When the press looks: seldom while the engine runs, often about the expected end, and never so seldom that a fault
waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.press import Press
from tests.floor import floor

INTERVAL_S = 0.005


def looks(press: Press, work_s: float) -> list[float]:
    """The moments at which it looks at a window that takes `work_s` and is expected to take as long."""
    moments, now_s = [], 0.0
    while now_s < work_s:
        now_s += press._nap_s(work_s - now_s)
        moments.append(now_s)
    return moments


@pytest.fixture
async def press(tmp_path: Path) -> Press:
    async with floor(tmp_path, run=False) as here:
        here.press._label_s = 0.1
        return here.press


@pytest.mark.parametrize("work_s", [0.02, 0.1, 0.967, 5.0])
async def test_the_end_is_seen_at_once_with_few_questions(press: Press, work_s: float) -> None:
    moments = looks(press, work_s)
    assert moments[-1] - work_s <= INTERVAL_S / 4
    assert len(moments) <= 12 + work_s / 0.25
    assert max(late - early for early, late in zip([0.0, *moments], moments, strict=False)) <= 0.25


@pytest.mark.parametrize("late_s", [0.01, 1.0])
async def test_a_window_that_is_late_is_asked_about_at_the_interval(press: Press, late_s: float) -> None:
    assert press._nap_s(-late_s) == INTERVAL_S


async def test_nothing_is_expected_of_labels_of_another_job(press: Press) -> None:
    press.start_afresh()
    assert press._label_s == 0.0
    assert press._nap_s(0.0) == INTERVAL_S
