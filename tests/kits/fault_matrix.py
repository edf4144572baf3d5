"""The fault matrix: every fault × every language × every proof level, each a real run; rendered by `fault_page.py`.

A cell is a ledger, a worker, a window printer and a virtual printer of that language on a line of its own. A job of
two windows is printed; the fault strikes under or behind the third label of the first. Afterwards an operator puts the
printer right and presses resume, until the job is done: what is told is the first window's fate.

Nothing here depends on how fast the machine is. The head stands still until the whole window is in the printer and
(where the printer can be heard) a look has found it busy; then it prints as fast as it can, and only what never ends
by itself is waited out. The one row for which that is not enough says so (`Row.luck`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from edge_agent.ledger import Ledger
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.job import Job, JobState, Label
from edge_agent.model.media import Handling, Setup
from edge_agent.model.printer import Observation, ProofLevel
from edge_agent.printing.imposition import Imposition, single
from tests.kits.fault_rows import ROWS, WINDOW, Cell, Key, Paper, Row
from tests.kits.floor import LEVELS, MEDIA, SETUP, Floor, floor

QUANTITY = WINDOW + 2
AT_ONCE = 48
"""So many cells at a time: more, and their beginnings starve each other."""

REPLY_TIMEOUT_S, SILENCE_LIMIT_S = 1.0, 2.0
"""The first is shorter than the late replies, and longer than this machine may doze."""

PEEL = Setup(handling=Handling.PEEL, ribbon=False)


# --- the art ----------------------------------------------------------------------------------------------------------

_BARS = Bitmap(64, 40, b"\xff" * 8 * 4 + bytes(8 * 32) + b"\xff" * 8 * 4)
"""A bar on top and one below: a torn label lacks the lower one, a label without its background both."""


def _patches(serial: str) -> tuple[Patch, ...]:
    return (Patch(8, 8, Bitmap(32, 8, (serial.encode("ascii") * 2)[:32])),)


def art() -> Imposition:
    """The same dots in both modes."""
    return single(MEDIA, _BARS, _patches, lambda serial: Bitmap(64, 40, _whole(serial)))


def _whole(serial: str) -> bytes:
    """The patch lies on whole bytes, so it is simply put in its place; `overlaid` would be half the matrix' time."""
    (patch,), rows = _patches(serial), bytearray(_BARS.rows)
    for y in range(8):
        rows[(8 + y) * 8 + 1 : (8 + y) * 8 + 5] = patch.bitmap.rows[y * 4 : y * 4 + 4]
    return bytes(rows)


def paper_of(folder: Path, serials: Iterable[str], others: Iterable[str]) -> Paper:
    """Read the tape dot by dot: which of these serials are on it, how often and whole. `others` are left out."""
    lines = [json.loads(line) for line in (folder / "tape.jsonl").read_text("utf-8").splitlines()]
    blanks = sum(line["cause"] == "feed" for line in lines)
    strangers = sum(line.get("foreign", False) for line in lines)
    ours = [line["n"] for line in lines if line["cause"] != "feed" and not line.get("foreign", False)]
    seen = Counter(_ink(folder / f"{n:06d}.png") for n in ours)
    for serial in others:
        seen.pop(_whole(serial), None)
    times = [seen.pop(_whole(serial), 0) for serial in serials]
    return Paper(times.count(1), sum(n > 1 for n in times), times.count(0), sum(seen.values()), blanks, strangers)


def _ink(path: Path) -> bytes:
    with Image.open(path) as picture:
        return bytes(255 - byte for byte in picture.convert("1").tobytes())


# --- the stage --------------------------------------------------------------------------------------------------------


@dataclass
class Stage:
    """Holds the head until a window is in the printer to its last byte, and (if it can be heard) was seen there."""

    blind: bool
    may_print: asyncio.Event = field(default_factory=asyncio.Event)
    sent: bool = False
    on_the_way: int = 0

    def probe(self, point: str) -> None:
        """What the window printer does."""
        if point == "before_write":
            self.sent, self.on_the_way = False, 0
            self.may_print.clear()
        elif point == "after_write":
            self.sent = True
            self.arrived(0)

    def arrived(self, count: int) -> None:
        """So many bytes are in the printer."""
        self.on_the_way -= count
        if self.blind and self.sent and self.on_the_way <= 0:
            self.may_print.set()

    def set_up(self, here: Floor) -> None:
        """Stand between head and paper, beside the window printer, and at both ends of the line."""
        self._hold_the_head(here)
        self._count_bytes(here)

    def _hold_the_head(self, here: Floor) -> None:
        look = here.window_printer.look

        async def looking(imposition: Imposition | None = None) -> Observation:
            seen = await look(imposition)
            if self.sent and seen.status.idle is False:
                self.may_print.set()
            return seen

        async def travel(_sheet: object) -> None:
            await self.may_print.wait()

        here.window_printer.look = looking  # type: ignore[method-assign]
        here.printer._mechanism._travel = travel  # type: ignore[method-assign, assignment]

    def _count_bytes(self, here: Floor) -> None:
        send, receive = here.window_printer.link.send, here.printer._firmware.receive

        async def sending(data: bytes) -> None:
            self.on_the_way += len(data)
            await send(data)

        def receiving(data: bytes) -> None:
            receive(data)
            self.arrived(len(data))

        here.window_printer.link.send = sending  # type: ignore[method-assign]
        here.printer._firmware.receive = receiving  # type: ignore[method-assign]

    async def over(self, here: Floor) -> None:
        """A verdict is there; what the printer still holds comes out."""
        if self.blind:  # the verdict came before the paper; a line that broke brings nothing more
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.may_print.wait(), 3.0)
        await _at_rest(here)
        self.may_print.set()
        await _at_rest(here)


async def _at_rest(here: Floor) -> None:
    """Until nothing more comes out."""
    still, before = 0, -1
    while still < 8:
        await asyncio.sleep(0.01)
        still = still + 1 if here.printer.printed == before else 0
        before = here.printer.printed


# --- a cell -----------------------------------------------------------------------------------------------------------


def _level(language: str, column: str) -> ProofLevel:
    return {"sent": ProofLevel.SENT, "idle": ProofLevel.IDLE}.get(column, LEVELS[language])


@contextlib.contextmanager
def _own_port() -> Iterator[int]:
    """A port that nobody else is given while this cell runs: a printer whose cable is pulled stops listening, and its
    agent would find another cell's printer there."""
    with socket.socket() as placeholder:
        if sys.platform == "win32":
            yield 0
        else:
            placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            placeholder.bind(("127.0.0.1", 0))
            yield placeholder.getsockname()[1]


async def run_cell(folder: Path, row: Row, language: str, column: str) -> Cell:
    """One run, from the first label to the end of the job."""
    level = _level(language, column)
    stage = Stage(blind=level is ProofLevel.SENT)
    settings = {
        "level": level,
        "accepted": ProofLevel.SCAN if column == "scan" else ProofLevel.IDLE,
        "setup": PEEL if row.peel else SETUP,
        "reply_timeout_s": REPLY_TIMEOUT_S,
    }
    options: dict[str, Any] = {
        "language": language,
        "window_labels": WINDOW,
        "silence_limit_s": SILENCE_LIMIT_S,
        "control_port": None,
        "pty": row.pty,
        "take_after_s": 0.0 if row.peel else None,
        "queue_labels": 1,  # what is painted ahead of the head would not miss a lost background
        # False: a Zebra by its manual; the harder case for a row of luck, the easier for the others
        "paper_fed_counted": not row.luck,
        "faults": (row.order,) if row.order else (),
    }
    with _own_port() as port:
        async with floor(
            folder, run=False, roll=lambda _: art(), window_printer=settings, probe=stage.probe, port=port, **options
        ) as here:
            stage.set_up(here)
            here.task = asyncio.create_task(here.worker.run())
            try:
                cell, serials, others = await _play(here, stage, row)
            except TimeoutError as error:
                error.add_note(f"{row.name} {language} {column}: {await _scene(here)}")
                raise
    return replace(cell, paper=paper_of(folder / "tape", serials, others))


async def _play(here: Floor, stage: Stage, row: Row) -> tuple[Cell, list[str], list[str]]:
    opened, waited = await here.submit(QUANTITY), ""
    job = await _until(here, opened, waits=row.waits)
    if job.state is JobState.WAITING:
        waited = job.reason
        here.printer.fix()
        job = await _until(here, job)
    words = job.reason
    await stage.over(here)
    judged, _ = await _first_window_and_rest(here)  # before anybody settles
    while job.state is not JobState.DONE:
        here.printer.fix()
        await here.answer()
        await here.resume(job.job_id)
        job = await _until(here, job)
        await stage.over(here)
    labels, rest = await _first_window_and_rest(here)
    (verdict,), (level,) = {label.state for label in judged}, {label.level for label in judged}
    alarms = tuple(sorted(str(alarm["kind"]) for alarm in await here.ledger.do(Ledger.alarms)))
    cell = Cell(verdict, level or "", words, waited, alarms, Paper(0, 0, 0, 0, 0, 0))
    return cell, [label.serial for label in labels], [label.serial for label in rest]


async def _until(here: Floor, job: Job, *, waits: bool = False) -> Job:
    ends = (JobState.DONE, JobState.PAUSED, *([JobState.WAITING] if waits else []))
    return await here.until(job.job_id, *ends, timeout_s=30.0)


async def _scene(here: Floor) -> str:
    jobs = [str(job) for job in await here.ledger.do(Ledger.jobs)]
    return f"{jobs}, {here.window_printer.status_words}, {here.printer.state()}"


async def _first_window_and_rest(here: Floor) -> tuple[list[Label], list[Label]]:
    """The first is the longer one."""
    labels = await here.ledger.do(Ledger.labels, limit=100)
    sizes = Counter(label.window_id for label in labels)
    first = [label for label in labels if sizes[label.window_id] == WINDOW]
    return first, [label for label in labels if label not in first]


async def run_matrix(folder: Path, cells: Iterable[Key]) -> dict[Key, Cell]:
    """All cells side by side in one loop: they mostly wait, those on a serial line longest."""
    rows, turn = {row.name: row for row in ROWS}, asyncio.Semaphore(AT_ONCE)
    cells = sorted(cells, key=lambda key: not rows[key[0]].pty)

    async def one(number: int, key: Key) -> tuple[Key, Cell]:
        async with turn:
            name, language, column = key
            return key, await run_cell(folder / str(number), rows[name], language, column)

    return dict(await asyncio.gather(*(one(number, key) for number, key in enumerate(cells))))
