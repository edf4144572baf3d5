"""The fault matrix: every fault × every language × every proof level, each a real run; rendered by `fault_page.py`.

A cell is a ledger, a worker, a press and a virtual printer of that language on a line of its own. A job of two windows
is printed; the fault strikes under or behind the third label of the first. Afterwards an operator puts the printer
right and presses resume, until the job is done: what is told is the first window's fate.

Nothing here depends on how fast the machine is. The head stands still until the whole window is in the printer and
(where the printer can be heard) a look has found it busy; then it prints as fast as it can, and only what never ends
by itself is waited out. The one row for which that is not enough says so (`Row.luck`).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from edge_agent.ledger import Ledger
from edge_agent.model import Bitmap, Job, JobState, Label, Observation, Patch, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.virtual.faults import KINDS
from edge_agent.sheet import Sheet, single
from edge_agent.stock import Handling, Setup
from tests.floor import LEVELS, MEDIA, SETUP, Floor, floor

WINDOW, QUANTITY = 6, 8
AT_ONCE = 48
"""So many cells at a time: more, and their beginnings starve each other."""

REPLY_TIMEOUT_S, SILENCE_LIMIT_S = 1.0, 2.0
"""The first is shorter than the late replies, and longer than this machine may doze."""

PEEL = Setup(handling=Handling.PEEL, ribbon=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `name`: how the page calls it; `order`: as the virtual printer takes it; `waits`: it is waited for,
    and mended meanwhile; `luck`: what is seen of it depends on the moment, so the page tells only which verdicts
    there may be."""

    name: str
    order: str
    zh: str
    en: str
    waits: bool = False
    peel: bool = False
    pty: bool = False
    luck: bool = False


def _of(name: str, order: str = "", *, waits: bool = False, peel: bool = False) -> Row:
    """The table's own words, without what they say of arguments."""
    order, kind = order or f"{name}@3", KINDS[name]
    number = order.partition(":")[2]
    zh = kind.zh.partition("；")[0].replace("K", "3").replace("MS", number)
    en = re.sub(r"[,;] (back|cool|new) .*", "", kind.en).replace("label K", "label 3").replace("MS", f"{number} ms")
    return Row(name, order, zh, en, waits, peel)


ROWS: tuple[Row, ...] = (
    Row("none", "", "一切正常", "nothing goes wrong"),
    *map(_of, ("media-out", "ribbon-out", "head-open", "paper-jam")),
    Row(
        "roll-change",
        "roll-change@3:1500",
        "第3张时纸用完，1.5 秒后已换好",
        "media ends under label 3, and the new roll is in after 1.5 s",
    ),
    Row(
        "roll-change, quick",
        "roll-change@3:1",
        "第3张时纸用完，千分之一秒后已换好：比两次查看之间还短",
        "media ends under label 3 and is back after a millisecond: shorter than from look to look",
        luck=True,
    ),
    _of("cutter-jam"),
    _of("head-hot", "head-hot@3:1500"),
    _of("power-cut"),
    Row(
        "power-cut, serial",
        "power-cut@3",
        "第3张时断电，串口线一直开着",
        "power lost under label 3, behind a serial line that stays open",
        pty=True,
    ),
    *map(_of, ("unplug", "reset-before-ink", "reset-after-ink")),
    _of("refuse-connect", "refuse-connect", waits=True),
    _of("pause", waits=True),
    *map(_of, ("feed-key", "reprint-key", "foreign-label", "counter-reset", "lose-objects")),
    _of("storage-full", "storage-full", waits=True),
    _of("drop-download", "drop-download", waits=True),
    *map(_of, ("silence", "garbled-replies")),
    _of("late-replies", "late-replies@3:1500"),
    _of("slow-replies", "slow-replies:100"),
    _of("split-replies", "split-replies"),
    _of("label-not-taken", waits=True, peel=True),
    _of("take-label", peel=True),
)
COLUMNS = ("sent", "idle", "response", "counter", "scan")
"""Proof levels; under `scan` the printer proves what it can, and the site accepts nothing below a scan."""


@dataclass(frozen=True, slots=True, order=True)
class Paper:
    """What lies on the floor of the first window's serials, and what else came out."""

    whole: int
    twice: int
    never: int
    spoiled: int
    blank: int
    foreign: int

    @property
    def sound(self) -> bool:
        """Every serial once and whole, and no other paper."""
        return (self.whole, self.twice, self.never, self.spoiled, self.blank, self.foreign) == (WINDOW, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What became of one window. `verdict`: `printed` or `in_doubt`; `waited`: what the operator read before, while
    the printer was waited for."""

    verdict: str
    level: str
    words: str
    waited: str
    alarms: tuple[str, ...]
    paper: Paper


Key = tuple[str, str, str]
"""Row, language, column."""


def columns_of(language: str) -> list[str]:
    """Those that the language has."""
    return [name for name in COLUMNS if name in ("sent", "idle", LEVELS[language].word, "scan")]


def keys(rows: Iterable[Row] = ROWS) -> list[Key]:
    """All cells that can be run here."""
    here = [row for row in rows if not (row.pty and sys.platform == "win32")]
    return [(row.name, language, column) for row in here for language in LANGUAGES for column in columns_of(language)]


# --- the art ----------------------------------------------------------------------------------------------------------

_BARS = Bitmap(64, 40, b"\xff" * 8 * 4 + bytes(8 * 32) + b"\xff" * 8 * 4)
"""A bar on top and one below: a torn label lacks the lower one, a label without its background both."""


def _patches(serial: str) -> tuple[Patch, ...]:
    return (Patch(8, 8, Bitmap(32, 8, (serial.encode("ascii") * 2)[:32])),)


def art() -> Sheet:
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
    """Holds the head until a window is in the printer, and (if it can be heard) was seen there."""

    blind: bool
    may_print: asyncio.Event = field(default_factory=asyncio.Event)
    sent: bool = False

    def probe(self, point: str) -> None:
        """What the press does."""
        if point == "before_write":
            self.sent = False
            self.may_print.clear()
        elif point == "after_write":
            self.sent = True
            if self.blind:
                asyncio.get_running_loop().call_later(0.1, self.may_print.set)

    def set_up(self, here: Floor) -> None:
        """Stand between head and paper, and beside the press."""
        look = here.press.look

        async def looking(sheet: Sheet | None = None) -> Observation:
            seen = await look(sheet)
            if self.sent and seen.status.idle is False:
                self.may_print.set()
            return seen

        async def travel(_sheet: object) -> None:
            await self.may_print.wait()

        here.press.look = looking  # type: ignore[method-assign]
        here.printer._mechanism._travel = travel  # type: ignore[method-assign, assignment]


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
    async with floor(
        folder,
        language=language,
        window_labels=WINDOW,
        run=False,
        roll=lambda _: art(),
        press=settings,
        probe=stage.probe,
        silence_limit_s=SILENCE_LIMIT_S,
        control_port=None,
        pty=row.pty,
        take_after_s=0.0 if row.peel else None,
        queue_labels=1,  # what is drawn ahead of the head would not miss a lost background
        feeds_counted=not row.luck,  # a Zebra by its manual: the harder case for this row, the easier for the others
        faults=(row.order,) if row.order else (),
    ) as here:
        stage.set_up(here)
        here.task = asyncio.create_task(here.worker.run())
        async with asyncio.timeout(60):
            cell, serials, others = await _play(here, stage, row)
    return replace(cell, paper=paper_of(folder / "tape", serials, others))


async def _play(here: Floor, stage: Stage, row: Row) -> tuple[Cell, list[str], list[str]]:
    opened, waited = await here.submit(QUANTITY), ""
    job = await _until(here, opened, waits=row.waits)
    if job.state is JobState.WAITING:
        waited = job.reason
        here.printer.fix()
        job = await _until(here, job)
    words = job.reason
    await _settled(here, stage)
    while job.state is not JobState.DONE:
        here.printer.fix()
        await here.resume(job.job_id)
        job = await _until(here, job)
        await _settled(here, stage)
    labels, rest = await _first_window_and_rest(here)
    (verdict,), (level,) = {label.state for label in labels}, {label.level for label in labels}
    alarms = tuple(sorted(str(alarm["kind"]) for alarm in await here.ledger.do(Ledger.alarms)))
    cell = Cell(verdict, level or "", words, waited, alarms, Paper(0, 0, 0, 0, 0, 0))
    return cell, [label.serial for label in labels], [label.serial for label in rest]


async def _until(here: Floor, job: Job, *, waits: bool = False) -> Job:
    ends = (JobState.DONE, JobState.PAUSED, *([JobState.WAITING] if waits else []))
    return await here.until(job.job_id, *ends, timeout_s=30.0)


async def _settled(here: Floor, stage: Stage) -> None:
    """A verdict is there; what the printer still holds comes out."""
    await asyncio.sleep(0)
    await _at_rest(here)
    stage.may_print.set()
    await _at_rest(here)


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
