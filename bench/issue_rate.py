"""Issue → durable → bytes: one agent, 16 blind printers, 60×40 mm; and what the ledger alone can do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from bench.factory import Watch, allot, config, factory, submit, until
from bench.kit import SLOW_DISK_S, Row, asked, percentile, prepared, record, workspace
from bench.printers import Machine, printers
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobOrder
from edge_agent.model.printer import ProofLevel, Verdict
from edge_agent.service.agent_service import AgentService
from edge_agent.wiring import open_ledger

MACHINES = 16
ENDLESS = 1_000_000
PAPER = 132.0
"""Labels a second that leave 16 printers at 14 in/s and 43 mm."""
TARGET = 150.0
WINDOW = 8
_DISKS = (("", 0.0), (", 10 ms added per commit", SLOW_DISK_S))


@dataclass(frozen=True, slots=True)
class Run:
    """What was seen of one run. `agent_cpu` is in percent of one core."""

    labels_per_s: float
    agent_cpu: float
    first_byte_ms: tuple[float, float]
    commit_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU of the agent for one label."""
        return 10 * self.agent_cpu / self.labels_per_s

    @property
    def commits_share(self) -> float:
        """The share of the time that the ledger's one thread sleeps in commits, in percent; two a window."""
        return self.labels_per_s / WINDOW * 2 * self.commit_ms / 10

    def limit(self) -> str:
        """Which of paper, processor and disk is nearest to its end."""
        shares = {
            "the paper": 100 * self.labels_per_s / PAPER if self.labels_per_s <= PAPER else 0.0,
            "the agent's one core": self.agent_cpu,
            "the wait that each commit was given, two a window, one after the other": self.commits_share,
        }
        most = max(shares, key=lambda name: shares[name])
        return f"{most}, {shares[most]:.0f} % of it used; {self.cpu_ms:.2f} ms of CPU a label"


def rows(*, full: bool = False) -> list[Row]:
    """At the speed of paper, without that limit, and the ledger without printers; each on a slow disk too."""
    found = []
    for words, commit_s in _DISKS:
        found += _paper(words, asyncio.run(measure(14.0, commit_s, 15.0)))
        found += _ceiling(words, asyncio.run(measure(0.0, commit_s, 8.0)))
        found.append(_ledger(words, ledger_alone(commit_s, 3.0)))
    return found


def _paper(words: str, run: Run) -> list[Row]:
    p50, p99 = run.first_byte_ms
    what = f"16 printers at 14 in/s{words}"
    return [
        Row(what, run.labels_per_s, "labels/s", "what the paper allows", PAPER, limit=run.limit()),
        Row(f"{what}: CPU of the agent", run.agent_cpu, "% of a core", "one core", 100.0, "less"),
        Row(f"{what}: CPU for one label", run.cpu_ms, "ms", "its paper, by 16", 1000 / PAPER, "less"),
        Row(f"{what}: committed → first byte, median", p50, "ms", "p99", p99, "less"),
    ]


def _ceiling(words: str, run: Run) -> list[Row]:
    what = f"16 printers without a speed limit{words}"
    return [
        asked(what, run.labels_per_s, "labels/s", TARGET, limit=run.limit()),
        Row(f"{what}: CPU of the agent", run.agent_cpu, "% of a core", "one core", 100.0, "less"),
    ]


def _ledger(words: str, labels_per_s: float) -> Row:
    return Row(f"ledger alone, windows of 8{words}", labels_per_s, "labels/s", "what is asked for", TARGET)


async def measure(speed_ips: float, commit_s: float, length_s: float) -> Run:
    """Run all printers and look at the middle of the run."""
    watch = Watch(commit_s)
    with workspace() as folder, printers([Machine(speed_ips=speed_ips)] * MACHINES) as urls:
        async with factory(config(folder, urls), watch) as service:
            jobs = [await submit(service, ENDLESS, f"p{number}") for number in range(MACHINES)]
            await until(lambda: len(watch.to_first_byte_s) >= 2 * MACHINES, 30)
            run = await _middle(service, watch, length_s)
            for job in jobs:
                await service.jobs.cancel(job.job_id, "bench")
    return run


async def _middle(service: AgentService, watch: Watch, length_s: float) -> Run:
    before = await _reading(service)
    watch.to_first_byte_s.clear()
    await asyncio.sleep(length_s)
    after = await _reading(service)
    wall_s, cpu_s, proven = (late - early for late, early in zip(after, before, strict=True))
    waits_ms = [1000 * wait for wait in watch.to_first_byte_s]
    first_byte_ms = percentile(waits_ms, 50), percentile(waits_ms, 99)
    return Run(proven / wall_s, 100 * cpu_s / wall_s, first_byte_ms, 1000 * watch.commit_s)


async def _reading(service: AgentService) -> tuple[float, float, int]:
    return time.perf_counter(), time.process_time(), sum(job.printed for job in await service.jobs.recent())


def ledger_alone(commit_s: float, length_s: float) -> float:
    """Labels a second drawn, made durable, proven and made durable again, by one thread without a printer."""
    with workspace() as folder, contextlib.closing(_allotted(folder, commit_s)) as ledger:
        job = ledger.open_job(_order())
        begun_s, counter = time.perf_counter(), 0
        while (spent_s := time.perf_counter() - begun_s) < length_s:
            window = ledger.begin_window(job.job_id, limit=WINDOW, counter=counter)
            counter += WINDOW
            ledger.prove_window(window.window_id, Verdict(True, ProofLevel.COUNTER, "", {"counter_after": counter}))
        return counter / spent_s


def _allotted(folder: Path, commit_s: float) -> Ledger:
    ledger = open_ledger(config(folder, []), create=True, probe=Watch(commit_s))
    allot(ledger)
    return ledger


def _order() -> JobOrder:
    garment = record()
    lot_no = garment.lot.lot_no if garment.lot else None
    key = garment.quota_key
    return JobOrder("k", "h", "t", "p0", ENDLESS, prepared().require(), garment.product.gtin, lot_no, key)
