"""Who waits for a change is woken by it, by time, and by being cancelled, whichever comes first or all at once."""

from __future__ import annotations

import asyncio

import pytest

from edge_agent.change_signal import ChangeSignal


@pytest.mark.parametrize("turns", range(5))
async def test_whoever_is_cancelled_while_it_rings_ends(turns: int) -> None:
    """A task that goes on waiting keeps an agent from stopping; `asyncio.wait_for` of Python 3.11 loses such a
    cancel."""
    signal = ChangeSignal()

    async def forever() -> None:
        heard = signal.count
        while True:
            heard = await signal.wait(heard, 3600)

    task = asyncio.create_task(forever())
    await asyncio.sleep(0)
    signal.tell()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=1)
    assert done and task.cancelled()


async def test_a_ring_is_heard_and_a_wait_ends_in_time() -> None:
    signal = ChangeSignal()
    assert await signal.wait(0, 0.001) == 0
    signal.tell()
    assert await signal.wait(0, 3600) == 1
    waiting = asyncio.create_task(signal.wait(1, 3600))
    await asyncio.sleep(0)
    signal.tell()
    assert await waiting == 2
