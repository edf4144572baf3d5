"""The mechanics, the same for every language: a short print queue, a head, an odometer, and hands that fix things.

Time is the loop's clock. At speed s a label takes pitch / s; a queue that never runs dry keeps the head moving
without gaps, however late the loop wakes up. A label whose printing a stop cut short is on the tape as far as it got.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from edge_agent.virtual_printer.faults import FaultBoard, FaultOrder, Phase
from edge_agent.virtual_printer.nameplate import Nameplate
from edge_agent.virtual_printer.options import VirtualPrinterOptions
from edge_agent.virtual_printer.tape import Tape


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper of one row of labels. `ink` None: a blank, or a printer that paints nothing. `foreign`: another program
    sent it. `continuous`: on a roll without gaps, so that no paper goes by between two of them."""

    width_dots: int
    height_dots: int
    ink: Image.Image | None
    foreign: bool = False
    continuous: bool = False

    def paper_fed_in(self, options: VirtualPrinterOptions) -> float:
        """Inches of paper that it moves."""
        return self.height_dots / options.dpi + (0.0 if self.continuous else options.gap_mm / 25.4)


class Mechanism:
    """Prints what is queued; tells `on_change` when a label left, and `on_order` what fault has come due.

    A firmware may set `handling` (tear, peel, cut) and `reprint_after_error`, and what it wants to hear of: `on_left`
    gets the cause of each row (label, reprint, feed) once it has left the head and was counted; `torn` then tells
    whether a stop cut it short, and that stop is on the board. `on_taken`: a label was taken off the peel bar.
    """

    def __init__(
        self,
        options: VirtualPrinterOptions,
        board: FaultBoard,
        tape: Tape | None,
        on_order: Callable[[FaultOrder], None],
        on_change: Callable[[], None],
    ) -> None:
        self._options, self._board, self._tape = options, board, tape
        self._on_order, self._on_change = on_order, on_change
        self.queue: deque[Paper] = deque()
        self.first: deque[tuple[Paper, str]] = deque()  # feeds and reprints go before the queue
        self.under_head: Paper | None = None
        self.reprint_after_error = True
        self.handling = options.handling
        self.on_left: Callable[[str], None] = _ignore
        self.on_taken: Callable[[], None] = _ignore
        self.torn = False
        self.printed = 0
        self.odometer = options.odometer
        self.nameplate = Nameplate.of(options)
        self.cuts = 0
        self._at_bar = False
        self._last: Paper | None = None
        self._size = (options.width_dots, options.height_dots)
        self._free_at_s = 0.0
        self._wake = asyncio.Event()

    @property
    def label_waiting(self) -> bool:
        """Peel mode: the newest label hangs at the bar, and the head stands still until it is taken."""
        return self._at_bar and self.handling == "peel"

    @property
    def labels_inside(self) -> int:
        """Queued, due again, or under the head."""
        return len(self.queue) + len(self.first) + (self.under_head is not None)

    @property
    def has_room(self) -> bool:
        """Whether another label may be painted ahead."""
        return len(self.queue) < self._options.queue_labels

    def enqueue(self, paper: Paper) -> None:
        """Queue a label."""
        self.queue.append(paper)
        self._wake.set()

    def clear(self) -> None:
        """Forget everything but the label under the head."""
        self.queue.clear()
        self.first.clear()

    def wake(self) -> None:
        """Something has changed: look again whether there is work."""
        self._wake.set()

    def feed_paper(self, count: int = 1) -> None:
        """Feed blanks, before anything else."""
        self.first.extend([(Paper(*self._size, None), "feed")] * count)
        self._wake.set()

    def repeat_last(self) -> None:
        """Print the newest label again, as a panel key does."""
        if self._last is not None:
            self.first.append((self._last, "reprint"))
            self._wake.set()

    def print_foreign(self) -> None:
        """Another program's label comes next, as wide as ours: a black bar over its lower half."""
        width, height = self._size
        ink = None if self._options.blind else Image.new("1", (width, height))
        if ink is not None:
            ink.paste(255, (0, height // 2, width, height))
        self.first.append((Paper(width, height, ink, foreign=True), "label"))
        self._wake.set()

    def take_label(self) -> None:
        """What hands do in peel mode. Taking what does not wait does nothing."""
        if self._at_bar:
            self._at_bar = False
            self.on_taken()
            self._wake.set()
            self._on_change()

    async def run(self) -> None:
        """Print until cancelled."""
        while True:
            await self._until_work()
            for order in self._board.due(self.printed + 1, Phase.BEFORE):
                self._on_order(order)
            if self._has_work():
                await self._print(*self._take())

    def _has_work(self) -> bool:
        return not self._board.stopped and not self.label_waiting and bool(self.first or self.queue)

    async def _until_work(self) -> None:
        if self._has_work():
            return
        while not self._has_work():
            self._wake.clear()
            await self._wake.wait()
        self._free_at_s = asyncio.get_running_loop().time()

    def _take(self) -> tuple[Paper, str]:
        return self.first.popleft() if self.first else (self.queue.popleft(), "label")

    async def _print(self, paper: Paper, cause: str) -> None:
        self.under_head = paper
        self._on_change()
        await self._travel(paper)
        struck = self._board.due(self.printed + 1, Phase.DURING)
        counted = all(order.name != "power-cut" for order in struck)
        self._leave(paper, cause, torn=bool(struck), counted=counted)
        if struck and cause != "feed" and self.reprint_after_error:
            self.first.appendleft((paper, "reprint"))
        self.under_head = None
        self._obey(struck)
        if counted:
            self.on_left(cause)
        whole = cause != "feed" and not self.torn  # what is torn, or fed, hangs nowhere and is not cut
        self._at_bar = whole and self.handling == "peel"
        self._obey(self._board.due(self.printed, Phase.AFTER))
        if whole:
            self._finish()
        self._on_change()

    def _obey(self, orders: list[FaultOrder]) -> None:
        for order in orders:
            self._on_order(order)

    def _finish(self) -> None:
        """Hands take, or the cutter cuts, unless they are away or it is jammed."""
        if self.label_waiting and self._options.take_after_s is not None:
            asyncio.get_running_loop().call_later(self._options.take_after_s, self._hand)
        elif self.handling == "cut" and "cutter-jam" not in self._board.active:
            self.cuts += 1

    def _hand(self) -> None:
        if "label-not-taken" not in self._board.active:
            self.take_label()

    async def _travel(self, paper: Paper) -> None:
        if not self._options.speed_ips:
            await asyncio.sleep(0)
            return
        self._free_at_s += paper.paper_fed_in(self._options) / self._options.speed_ips
        await asyncio.sleep(max(0.0, self._free_at_s - asyncio.get_running_loop().time()))

    def _leave(self, paper: Paper, cause: str, *, torn: bool, counted: bool) -> None:
        self.printed += 1
        self.torn = torn
        self.odometer += counted and (cause != "feed" or self._options.paper_fed_counted)
        if cause != "feed":
            self._last, self._size = paper, (paper.width_dots, paper.height_dots)
        if self._tape is not None:
            nothing: list[Image.Image | None] = [None] * self._options.across
            pictures = nothing if self._options.blind else self._labels(_picture_of(paper, torn=torn))
            self._tape.write(cause, pictures, foreign=paper.foreign)

    def _labels(self, row: Image.Image) -> list[Image.Image]:
        """The labels of a row, left to right. What reaches beyond the last label is on the backing paper, and lost."""
        options = self._options
        if options.across == 1:
            return [row]
        pitch_dots = options.width_dots + round(options.across_gap_mm * options.dpi / 25.4)
        lefts = range(0, options.across * pitch_dots, pitch_dots)
        return [row.crop((left, 0, left + options.width_dots, row.height)) for left in lefts]

    def close_head(self) -> None:
        """What hands do after a stop: new media, head closed. The feed that finds the gap comes before all else."""
        torn = tuple(self.first)
        self.first.clear()
        self.feed_paper(self._options.blanks_on_head_close)
        self.first.extend(torn)
        self._wake.set()


def _ignore(*_: object) -> None:
    """Nobody wants to hear of it."""


def _picture_of(paper: Paper, *, torn: bool) -> Image.Image:
    """The ink on the paper; a torn label has its first half only."""
    size = (paper.width_dots, paper.height_dots)
    if paper.ink is None:
        return Image.new("1", size)
    if not torn:
        return paper.ink
    ink = paper.ink.copy()
    ink.paste(0, (0, paper.height_dots // 2, *size))
    return ink
