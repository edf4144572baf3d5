"""What every section needs: a row of the table, a sample label, a folder on the real disk, a stopwatch."""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge_agent.demo.play import samples
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, prepare
from garment.record import GarmentRecord
from label_protocol.codes.serial import new_serial

ROOT = Path(__file__).resolve().parent.parent
SAMPLE, TEMPLATE = "down_graded", "down_grade_60x40"
LINK = LinkStyle("id.example.cn")
ISSUER = "PH1"
ON_DATE = "2026-11-20"
SLOW_DISK_S = 0.010
"""What is added to every commit in the figures for a slow disk: a full seek and turn of a hard disk."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ratio` is always "times better than `peer`", so that more is better in every line."""

    what: str
    ours: float
    unit: str
    peer: str
    theirs: float
    better: Literal["more", "less"] = "more"
    target: str = ""
    limit: str = ""
    """What keeps this figure from being better, in a sentence made of what was measured."""

    @property
    def ratio(self) -> float:
        """How many times better ours is; 0 if one of the two is nothing."""
        good, bad = (self.ours, self.theirs) if self.better == "more" else (self.theirs, self.ours)
        return good / bad if bad else 0.0


def asked(
    what: str, ours: float, unit: str, wanted: float, better: Literal["more", "less"] = "more", limit: str = ""
) -> Row:
    """A figure beside its target in the same unit: met from a ratio of 1 on."""
    return Row(what, ours, unit, "what is asked for", wanted, better, "≥ 1", limit)


def record() -> GarmentRecord:
    """The sample garment of all figures."""
    return samples()[SAMPLE]


def prepared() -> Prepared:
    """The sample, checked for its template."""
    return prepare(record(), TEMPLATE, LabelTerms(ON_DATE, LINK))


def serial() -> str:
    """A fresh serial."""
    return new_serial(ISSUER, os.urandom)


@contextlib.contextmanager
def workspace() -> Iterator[Path]:
    """A folder that is gone afterwards, beside the code: a system's temporary folder may be memory, where an fsync
    costs nothing."""
    parent = ROOT / "build"
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix="bench-") as folder:
        yield Path(folder)


def free_port() -> int:
    """A port of loopback nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rates(contenders: Mapping[str, Callable[[], object]], *, rounds: int = 5, round_s: float = 0.3) -> dict[str, float]:
    """Calls per second of each contender: the median of rounds that take turns, so that a noisy machine is noisy for
    all alike."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for call in contenders.values():
        call()
    for _ in range(rounds):
        for name, call in contenders.items():
            found[name].append(_rate(call, round_s))
    return {name: statistics.median(several) for name, several in found.items()}


def _rate(call: Callable[[], object], length_s: float) -> float:
    begun_s, calls = time.perf_counter(), 0
    while (spent_s := time.perf_counter() - begun_s) < length_s or not calls:
        call()
        calls += 1
    return calls / spent_s


@functools.cache
def fsync_ms() -> float:
    """Median time to make one page durable in a file that is already long enough, as a WAL commit does."""
    with workspace() as folder, (folder / "page").open("wb", buffering=0) as file:
        file.write(bytes(4096 * 64))
        os.fsync(file.fileno())
        return statistics.median(_fsync_ms(file.fileno(), page) for page in range(64))


def _fsync_ms(handle: int, page: int) -> float:
    begun_s = time.perf_counter()
    os.lseek(handle, page * 4096, os.SEEK_SET)
    os.write(handle, b"\1" * 4096)
    os.fsync(handle)
    return (time.perf_counter() - begun_s) * 1000


def percentile(values: list[float], percent: float) -> float:
    """The value that `percent` of all are not above; 0 of nothing."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] if ranked else 0.0
