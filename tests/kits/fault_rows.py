"""The lines and columns of the fault matrix, and what a cell of it tells."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.printers.languages import LANGUAGES
from edge_agent.virtual_printer.faults import KINDS
from tests.kits.floor import LEVELS

WINDOW = 6
"""Labels in the window that is told of."""


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
    *map(_of, ("feed-key", "reprint-key", "foreign-label", "counter-reset", "swap", "lose-objects")),
    _of("storage-full", "storage-full", waits=True),
    _of("drop-download", "drop-download", waits=True),
    *map(_of, ("silence", "garbled-replies", "echo")),
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
