"""Job → first byte: from the order in the agent's hands to the first byte of its first label, 60×40 mm, blind printers.

In between: the record is checked, the label drawn (to refuse what cannot be printed, and to print it), the job made
durable, the printer brought to quiet, the check before the first label made, the background stored, the first
window made durable. Each job is of another printer; a round is over when all have printed, so none waits for paper.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

from bench.factory import Watch, config, ended, factory, submit, until
from bench.kit import SLOW_DISK_S, Row, asked, percentile, prepared, serial, workspace
from bench.printers import Machine, printers
from edge_agent.labels.prepare import plan_prepared, symbol_findings
from edge_agent.service.agent_service import AgentService

MACHINES = 16
LABELS = 8
ROUNDS, FULL_ROUNDS = 4, 12
BESIDE_ROUNDS = 15
"""So many times the rounds: p99 is asked for, and there is one job in each."""
SPEED_IPS = 14.0
ENDLESS = 1_000_000
ASKED_BESIDE_MS, ASKED_TOGETHER_MS = 60.0, 1000.0


def rows(*, full: bool = False) -> list[Row]:
    """One job alone, one while sixteen printers work, and sixteen ordered in the same moment; as the disk is, and with
    a slow one."""
    rounds, drawing_ms = FULL_ROUNDS if full else ROUNDS, _drawing_ms()
    found = list(_asked("one job while 16 printers work", asyncio.run(beside(BESIDE_ROUNDS * rounds)), ASKED_BESIDE_MS))
    for disk, commit_s in (("", 0.0), (", 10 ms added per commit", SLOW_DISK_S)):
        alone, together = asyncio.run(measure(rounds, commit_s))
        found += _rows(f"one job at a time{disk}", alone, drawing_ms)
        found += _rows(f"{MACHINES} jobs at once{disk}", together, MACHINES * drawing_ms)
        if not commit_s:
            found += _asked(f"{MACHINES} jobs at once", together, ASKED_TOGETHER_MS)
    return found


def _asked(what: str, waits_s: Sequence[float], most_ms: float) -> Iterator[Row]:
    """Beside what is asked for."""
    p50, p99 = (1000 * percentile(list(waits_s), percent) for percent in (50, 99))
    yield asked(f"{what}: p99", p99, "ms", most_ms, "less", limit=f"median {p50:.0f} ms")


def _rows(what: str, waits_s: Sequence[float], drawing_ms: float) -> Iterator[Row]:
    p50, p99 = (1000 * percentile(list(waits_s), percent) for percent in (50, 99))
    share = min(1.0, drawing_ms / p99)
    limit = f"drawing, one core, {100 * share:.0f} % of the time until the last job begins; then commits, questions"
    yield Row(f"{what}: median", p50, "ms", "drawing alone", drawing_ms, "less", limit=limit)
    yield Row(f"{what}: p99", p99, "ms", "drawing alone", drawing_ms, "less")


def _drawing_ms() -> float:
    """What is drawn for one job: its label, and the patterns of its QR code. Fonts are warm; the median of five."""
    ready = prepared()
    spent_ms = []
    for _ in range(5):
        begun_s = time.perf_counter()
        plan = plan_prepared(ready, 203)
        symbol_findings(plan, ready.context)
        plan.patches(serial())
        spent_ms.append(1000 * (time.perf_counter() - begun_s))
    return percentile(spent_ms, 50)


async def measure(rounds: int, commit_s: float) -> tuple[list[float], list[float]]:
    """Seconds from order to first byte: of jobs alone, and of jobs ordered together. The first round is not counted."""
    alone: list[float] = []
    together: list[float] = []
    watch = Watch(commit_s)
    with workspace() as folder, printers([Machine()] * MACHINES) as urls:
        async with factory(config(folder, urls), watch) as service:
            for round_number in range(rounds + 1):
                for number in range(0, MACHINES, 4):
                    alone += await _round(service, watch, [number], f"alone-{round_number}")
                together += await _round(service, watch, range(MACHINES), f"together-{round_number}")
    return alone[MACHINES // 4 :], together[MACHINES:]


async def beside(jobs: int) -> list[float]:
    """Seconds from order to first byte of jobs of one printer, one after the other, while sixteen others print."""
    watch = Watch()
    with workspace() as folder, printers([Machine(speed_ips=SPEED_IPS)] * MACHINES + [Machine()]) as urls:
        async with factory(config(folder, urls), watch) as service:
            others = [await submit(service, ENDLESS, f"p{number}") for number in range(MACHINES)]
            await until(lambda: len(watch.to_first_byte_s) >= 2 * MACHINES, 30)
            found = [(await _round(service, watch, [MACHINES], f"beside-{number}"))[0] for number in range(jobs)]
            for job in others:
                await service.jobs.cancel(job.job_id, "bench")
    return found[1:]


async def _round(service: AgentService, watch: Watch, numbers: Sequence[int], key: str) -> list[float]:
    watch.first_byte_at_s.clear()
    begun_s = time.perf_counter()
    jobs = await asyncio.gather(*(submit(service, LABELS, f"p{number}", key) for number in numbers))
    for job in jobs:
        await ended(service, job)
    return [watch.first_byte_at_s[f"worker-p{number}"] - begun_s for number in numbers]
