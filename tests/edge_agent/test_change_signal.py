"""Who waits for a change can be told to end in the moment of one: an agent that is stopped while it works stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from edge_agent.change_signal import ChangeSignal
from edge_agent.sync.pump import wait_for_ring


async def _waits_for_changes(signal: ChangeSignal, _: asyncio.Event) -> None:
    await signal.wait(signal.count, 3600)


async def _waits_for_a_ring(_: ChangeSignal, ring: asyncio.Event) -> None:
    await wait_for_ring(ring, 3600)


@pytest.mark.parametrize("wait", [_waits_for_changes, _waits_for_a_ring])
async def test_a_wait_that_ends_as_it_is_cancelled_is_cancelled(
    wait: Callable[[ChangeSignal, asyncio.Event], Awaitable[None]],
) -> None:
    signal, ring = ChangeSignal(), asyncio.Event()

    async def without_end() -> None:
        while True:
            await wait(signal, ring)

    task = asyncio.ensure_future(without_end())
    await asyncio.sleep(0.01)
    signal.tell()
    ring.set()
    task.cancel()
    ring.clear()
    done, _ = await asyncio.wait({task}, timeout=1)
    still = not done
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not still


async def test_a_wait_without_a_change_ends_by_its_time() -> None:
    signal = ChangeSignal()
    assert await signal.wait(signal.count, 0.001) == 0
    signal.tell()
    assert await signal.wait(0, 3600) == 1
