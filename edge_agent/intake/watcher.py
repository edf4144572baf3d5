"""The watcher of one hot folder: looks, takes what is whole, has it taken by the service, answers, puts away.

`watchfiles` only wakes it; what is there is looked at each time, so nothing depends on a notice that was lost. A share
that goes away, a file that is locked, a disk that is full: told, and tried again at the next look.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from watchfiles import awatch

from edge_agent.clock import Probe, no_probe
from edge_agent.errors import OrderBookError
from edge_agent.intake.folder import InHand, WatchedFolder, still_written
from edge_agent.intake.names import clean
from edge_agent.intake.stillness import Stillness
from edge_agent.model.work_order import Source
from edge_agent.service.intake import FolderState, IntakeService
from edge_agent.work_orders.answer import as_sheet

_log = structlog.get_logger("edge_agent.intake")
logging.getLogger("watchfiles").setLevel(logging.WARNING)  # a line for each change is no event of ours

SOON_S = 0.5
"""A file that is not still yet is looked at again after at most this."""
LEFT_TOLD = 20


class Watcher:
    """Watches the folder of one source. `quiet_s`, `look_every_s` and `force_polling` as in `[[intake]]`."""

    def __init__(
        self,
        source: Source,
        folder: Path,
        intake: IntakeService,
        *,
        quiet_s: float,
        look_every_s: float,
        force_polling: bool,
        probe: Probe = no_probe,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source, self._folder, self._intake = source, WatchedFolder(folder), intake
        self._stillness, self._probe, self._clock_s = Stillness(quiet_s), probe, clock_s
        self._quiet_s, self._look_every_s, self._force_polling = quiet_s, look_every_s, force_polling
        self._stuck: dict[str, str] = {}
        self._noticed = asyncio.Event()

    async def run(self) -> None:
        """Looks until it is cancelled; never ends because of what it finds."""
        listening = asyncio.create_task(self._listen())
        try:
            while True:
                self._noticed.clear()
                try:
                    await self.look()
                except Exception as cause:  # something nobody planned: told, and the next look goes on
                    _log.exception("intake_stumbled", source=self.source.source_id, error=type(cause).__name__)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._patience_s()):  # not `wait_for`, as in `change_signal`
                        await self._noticed.wait()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def look(self) -> int:
        """Takes everything that is whole now; returns how many files were taken and put away."""
        trouble, left, done, self._stuck = "", list[str](), 0, {}
        try:
            await asyncio.to_thread(self._folder.prepare)
            begun, strangers = await asyncio.to_thread(self._folder.in_hand)
            for one in begun:
                done += await self._taken(one)
            whole, left = await asyncio.to_thread(self._whole)
            for name in whole:
                done += await self._claimed(name)
            left += strangers
        except OSError as cause:
            trouble = (
                f"文件夹不能用：{cause.strerror or cause} · folder {self._folder.folder}: expected to read and write "
                f"it, got {cause}; is the share there, may the agent's user write?"
            )
        except OrderBookError as cause:
            trouble = str(cause)
        told = (*left, *(f"{name}: {why}" for name, why in self._stuck.items()))
        self._intake.folder_is(self.source.source_id, FolderState(str(self._folder.folder), trouble, told[:LEFT_TOLD]))
        return done

    def _whole(self) -> tuple[list[str], list[str]]:
        """Names of files that are whole, and what is left there."""
        seen, left = self._folder.look()
        writing = still_written(self._folder.folder) if seen else frozenset()
        return self._stillness.of(seen, writing, self._clock_s()), left

    async def _claimed(self, name: str) -> int:
        """Takes one file in hand and through; one that is locked is told and left for the next look."""
        try:
            one = await asyncio.to_thread(self._folder.take_in_hand, name)
        except FileNotFoundError:  # whoever put it there took it away again
            return 0
        except PermissionError as cause:
            self._stuck[clean(name)] = (
                f"别的程序正在用，等它放开 · in use, or not ours to move ({cause.strerror or cause})"
            )
            return 0
        return await self._taken(one)

    async def _taken(self, one: InHand) -> int:
        """Takes a file in hand through; a file that stops half-way is told, and the others go on."""
        try:
            await self._take(one)
        except OSError as cause:
            self._stuck[one.name] = (
                f"收到一半：{cause.strerror or cause}，会再试 · half-way ({cause}), will be tried again"
            )
            return 0
        return 1

    async def _take(self, one: InHand) -> None:
        self._probe("intake:in_hand")
        data = await asyncio.to_thread(self._folder.read, one)
        answer = await self._intake.take_file(one.file_id, one.name, self.source, data)
        self._probe("intake:taken")
        await asyncio.to_thread(self._folder.answer, one, _texts(answer))
        self._probe("intake:answered")
        await asyncio.to_thread(self._folder.put_away, one)
        self._probe("intake:put_away")

    def _patience_s(self) -> float:
        """How long until the next look without a notice."""
        return min(self._look_every_s, max(SOON_S, self._quiet_s / 2)) if self._stillness.waits else self._look_every_s

    async def _listen(self) -> None:
        """Wakes the looks when the system tells of a change; a folder that cannot be watched is looked at in time."""
        while True:
            with contextlib.suppress(OSError, RuntimeError):
                polling = True if self._force_polling else None
                async for _ in awatch(
                    self._folder.folder, watch_filter=None, recursive=False, force_polling=polling, debounce=200
                ):
                    self._noticed.set()
            await asyncio.sleep(self._look_every_s)


def _texts(answer: Mapping[str, Any]) -> dict[str, str]:
    """For people first: a program that waits for the JSON then finds both."""
    return {".csv": as_sheet(answer), ".json": json.dumps(answer, ensure_ascii=False, indent=1)}
