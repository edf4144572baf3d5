"""Who died where, pair by pair, in a form that people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.promises.crash.checker import Books, Paper
from tests.promises.crash.lines import Pair


@dataclass(frozen=True)
class Death:
    """One kill: where, whether a window was open whose bytes had begun to leave, and whether they still came or the
    paper still moved when the agent was dead already."""

    pair: Pair
    where: str
    in_flight: bool
    moved_on: bool
    fault: str


@dataclass
class Tally:
    """All deaths. `late`: labels that queues printed between a death and the next start; `stale`: jobs that the next
    start found in them."""

    deaths: list[Death] = field(default_factory=list)
    late: int = 0
    stale: int = 0

    def add(self, death: Death) -> None:
        """One more."""
        self.deaths.append(death)

    def of(self, pair: Pair) -> Tally:
        """Those of one pair."""
        return Tally([death for death in self.deaths if death.pair == pair])

    def of_line(self, line: str) -> Tally:
        """Those of one line."""
        return Tally([death for death in self.deaths if death.pair.line == line])

    @property
    def kills(self) -> Counter[str]:
        """By point."""
        return Counter(death.where for death in self.deaths)

    @property
    def named(self) -> int:
        """Kills at a named point."""
        return self.kills.total() - self.kills["random"]

    @property
    def in_flight(self) -> int:
        """Kills of a window whose bytes had begun to leave."""
        return sum(death.in_flight for death in self.deaths)

    @property
    def moved_on(self) -> int:
        """Kills after which the printer still got bytes or printed."""
        return sum(death.moved_on for death in self.deaths)

    @property
    def faults(self) -> Counter[str]:
        """By name."""
        return Counter(death.fault for death in self.deaths if death.fault)


def still_moving(at_once: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    """Whether a printer got more, or printed, after its agent was dead."""
    return any(later[name] > at_once[name] for name in ("printed", "labels_inside", "buffered_bytes"))


def histogram(tally: Tally, wanted: Sequence[Pair], papers: Iterable[Paper], books: Books) -> str:
    """For people."""
    papers = list(papers)
    lines = [f"  {point:32s} {'█' * min(count, 60)} {count}" for point, count in tally.kills.most_common()]
    lines += ["", *(_row(tally.of(pair), pair, papers, books) for pair in wanted)]
    lines += [f"  {tally.kills.total()} kills, {tally.named} at named points, {tally.in_flight} with bytes in flight, "]
    lines[-1] += f"{tally.moved_on} with the printer still at it after the death"
    lines += [f"  {tally.late} labels came out of queues without an agent, {tally.stale} queued jobs met the next one"]
    lines += [f"  faults: {dict(tally.faults)}; {len(books.drawn)} serials drawn, {len(papers)} papers on the tapes; "]
    lines[-1] += f"alarms: {dict(books.alarms)}"
    return "\n" + "\n".join(lines)


def _row(tally: Tally, pair: Pair, papers: Iterable[Paper], books: Books) -> str:
    mine = {serial for serial, printer in books.printer_of.items() if printer == pair.name}
    on_tape = sum(paper.printer == pair.name for paper in papers)
    deaths = f"{len(tally.deaths):3d} lives, {tally.named:3d} named, {tally.in_flight:3d} in flight, "
    deaths += f"{tally.moved_on:3d} still moving, {tally.faults.total():3d} faults"
    labels = f"{len(mine):5d} serials, {on_tape:5d} papers, {len(mine & books.proven):5d} proven, "
    labels += f"{len(mine & books.doubted):5d} doubted, {len(mine & books.declared):5d} scanned or settled, "
    labels += f"{len(mine & books.invalid):4d} void"
    return f"  {pair.name:10s} {deaths}; {labels}"
