"""Kills the agent again and again, at named points and at random moments, with and without printer faults.

`make test` kills ten times, `make soak` five hundred. What must hold is in `checker.py`; here is only who dies when.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.crash.checker import contradictions, read_books, read_tape
from tests.crash.stage import Stage, stage

POINTS = {
    # point → how often it may be passed before it kills; drawn at random up to this
    "before_commit:window_sending": 4,
    "after_commit:window_sending": 4,
    "before_write": 4,
    "mid_write": 20,
    "after_write": 4,
    "before_verdict": 3,
    "before_commit:window_printed": 3,
    "after_commit:window_printed": 3,
    "mid_sync:sent": 3,
    "mid_sync:acked": 3,
}
CALM = {
    "before_commit:window_sending",
    "after_commit:window_sending",
    "before_write",
    "mid_sync:sent",
    "mid_sync:acked",
}
FAULTS = ["ribbon-out", "media-out", "head-open", "reset-before-ink", "reset-after-ink", "feed-key", "power-cut"]
NEVER_HIT_S = 8.0


@dataclass
class Tally:
    """Who died where."""

    kills: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def histogram(self, papers: int, drawn: int) -> str:
        """For people."""
        total = self.kills.total()
        lines = [
            f"  {point:32s} {'█' * count if count < 60 else '█' * 60} {count}"
            for point, count in self.kills.most_common()
        ]
        named = total - self.kills["random"]
        lines.append(f"  {total} kills, {named} at named points, {self.in_flight} with bytes in flight")
        lines.append(f"  faults: {dict(self.faults)}; {drawn} serials drawn, {papers} papers on the tape")
        return "\n" + "\n".join(lines)


@pytest.fixture(scope="session")
def kills(request: pytest.FixtureRequest) -> int:
    """How many, by `--crash-kills`."""
    return int(request.config.getoption("--crash-kills"))


@pytest.mark.timeout(0)
async def test_no_kill_breaks_a_promise(tmp_path: Path, kills: int, request: pytest.FixtureRequest) -> None:
    seed = int(request.config.getoption("--crash-seed"))
    tally = Tally()
    async with stage(tmp_path, seed) as here:
        points = list(POINTS)
        for number in range(kills):
            point = points[(number - number // 3) % len(points)] if number % 3 else ""  # two of three are named
            await _one_life(here, tally, point, faulty=number % 4 == 3)
        await _last_life(here)
        papers, books = read_tape(tmp_path / "tape"), read_books(here.ledger)
        print(tally.histogram(len(papers), len(books.drawn)))
        assert contradictions(papers, books, await here.registry_chain()) == []
    assert books.drawn
    assert tally.kills.total() == kills
    assert tally.kills["random"] <= kills / 2 + 2
    assert tally.in_flight >= kills / 5


async def _one_life(here: Stage, tally: Tally, point: str, *, faulty: bool) -> None:
    await here.printer({"fix": "all"})
    if faulty:
        fault = here.rng.choice(FAULTS)
        at = (await here.printer())["printed"] + here.rng.randint(2, 14)
        await here.printer({"fault": f"{fault}@{at}" + (":200" if fault == "power-cut" else "")})
        tally.faults[fault] += 1
    alive = await here.start_agent(point, here.rng.randint(1, POINTS.get(point, 1)))
    if alive:
        await _work(here)
    died = await here.dead(NEVER_HIT_S if point else here.rng.uniform(0.05, 1.2))
    before = await here.printer()
    await here.kill()
    tally.kills[point if died and point else "random"] += 1
    tally.in_flight += _was_in_flight(here, before, point if died else "")


def _was_in_flight(here: Stage, printer: dict[str, Any], point: str) -> bool:
    """A window was open, and some of its bytes had left: by the point's place, or by what the printer shows."""
    window = here.open_window()
    if window is None or point in CALM:
        return False
    moved = window["counter"] is not None and printer["odometer"] > window["counter"]
    return bool(point or moved or printer["labels_inside"] or printer["buffered_bytes"])


async def _work(here: Stage) -> None:
    """What people do on a normal day: settle a doubt, resume what was paused, order more."""
    await _settle(here, share=0.5)
    jobs = (await here.api("GET", "/jobs") or {}).get("jobs", [])
    for job in jobs:
        if job["state"] == "paused":
            await here.api("POST", f"/jobs/{job['job_id']}/resume", {"operator": "12"})
    for _ in range(2):
        here.jobs += 1
        body = {
            "template": "down_grade_60x40",
            "printer": "p1",
            "record": here.record,
            "quantity": 30,
            "operator": "12",
        }
        await here.api("POST", "/jobs", body, key=f"job-{here.jobs}")


async def _settle(here: Stage, share: float) -> None:
    """An honest operator: a label that is on the tape is scanned, one that is not is searched for and invalidated."""
    found = (await here.api("GET", "/labels?state=in_doubt&limit=1000") or {}).get("labels", [])
    on_paper = {paper.serial for paper in read_tape(here.home / "tape", here.decoded)} if found else set()
    for label in found:
        if here.rng.random() > share:
            continue
        serial = label["serial"]
        if serial in on_paper:
            text = f"HTTPS://ID.EXAMPLE.CN/01/{label['gtin']}/10/{label['lot_no']}/21/{serial}"
            await here.api("POST", f"/labels/{serial}/scan", {"text": text, "operator": "12"})
        else:
            body = {"operator": "12", "reason": "searched, not found"}
            await here.api("POST", f"/labels/{serial}/invalidate", body)


async def _last_life(here: Stage) -> None:
    """Let everything come to rest: printer mended, jobs done, most doubts settled, registry told."""
    await here.printer({"fix": "all"})
    assert await here.start_agent()
    async with asyncio.timeout(300):
        while True:
            await _settle(here, share=0.9)
            jobs = (await here.api("GET", "/jobs?limit=1000"))["jobs"]
            left = [job for job in jobs if job["state"] not in ("done", "cancelled")]
            for job in left:
                if job["state"] == "paused":
                    await here.api("POST", f"/jobs/{job['job_id']}/cancel", {"operator": "12"})
            if not left and (await here.api("GET", "/sync"))["pending"] == 0:
                break
            await asyncio.sleep(0.05)
    assert await here.kill(15) == 0
