"""Kills the agent again and again, at named points and at random moments, with and without printer faults, on every
line in every language in turn.

`make test` kills twice a pair, `make soak` five hundred times. What must hold is in `checker.py`; here is only who dies
when.
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.promises.crash.checker import Paper, contradictions, not_a_prefix, read_books, read_tape
from tests.promises.crash.lines import Printer, pairs
from tests.promises.crash.operator import WHO, on_paper, resume_all, settle
from tests.promises.crash.stage import Stage, stage
from tests.promises.crash.tally import Death, Tally, histogram, still_moving

HOT_POINTS = {
    # point → how often it may be passed before it kills; drawn at random up to this
    "mid_write": 20,
    "after_write": 4,
}
DRAW_POINTS = {"before_commit:window_sending": 4, "after_commit:window_sending": 4, "before_write": 4}
SYNC_POINTS = {"mid_sync:sent": 3, "mid_sync:acked": 3}
TWO_WAY_POINTS = {
    **HOT_POINTS,
    "before_verdict": 3,
    "before_commit:window_printed": 3,
    "after_commit:window_printed": 3,
    **DRAW_POINTS,
    **SYNC_POINTS,
}
SEEN_IN_QUEUE = "job_in_queue"
"""Not a probe: the test kills when it sees the agent's job in the queue."""
QUEUE_POINTS = {
    SEEN_IN_QUEUE: 1,
    "after_write": 4,
    "before_commit:window_in_doubt": 3,
    "after_commit:window_in_doubt": 3,
    "before_commit:window_settled": 2,
    "after_commit:window_settled": 2,
    "mid_write": 20,
    **DRAW_POINTS,
    **SYNC_POINTS,
}
POINTS = {"tcp": TWO_WAY_POINTS, "pty": TWO_WAY_POINTS, "queue": QUEUE_POINTS}
"""The first three of each have bytes in flight, and no run is too short for them."""
CALM = {*DRAW_POINTS, *SYNC_POINTS}
"""Nothing of a window has left."""
GATHERED = CALM | {"mid_write"}
"""A queue gets a window whole: until then its bytes are the agent's."""
STOPS = ["ribbon-out", "media-out", "head-open"]
FAULTS = {
    "tcp": [*STOPS, "reset-before-ink", "reset-after-ink", "feed-key", "power-cut:200"],
    "pty": [*STOPS, "reset-before-ink", "unplug:200", "feed-key", "power-cut:200"],
    "queue": [*STOPS, "reset-before-ink", "reset-after-ink", "feed-key", "power-cut:200"],
}
HOLDS_UP = "refuse-connect"
"""The printer is busy with another host: CUPS asks again every few seconds."""
PATIENCE_S = {"tcp": 8.0, "pty": 14.0, "queue": 10.0}
"""How long a point is waited for; on a slow line a background alone takes two seconds."""
MOMENTS_S = {"tcp": 1.2, "pty": 4.0, "queue": 1.5}
"""A random moment comes within this time of the first order."""
LATE_S = 2.0
"""So long a queue may go on printing before the next agent starts."""


@pytest.fixture(scope="session")
def kills(request: pytest.FixtureRequest) -> int:
    """How many, by `--crash-kills`."""
    return int(request.config.getoption("--crash-kills"))


@pytest.mark.timeout(0)
async def test_no_kill_breaks_a_promise(tmp_path: Path, kills: int, request: pytest.FixtureRequest) -> None:
    seed = int(request.config.getoption("--crash-seed"))
    wanted = pairs(request.config.getoption("--crash-line"), request.config.getoption("--crash-language"))
    tally = Tally()
    async with stage(tmp_path, seed, wanted) as here:
        for number in range(kills):
            await _one_life(here, tally, number)
        await _last_life(here)
        papers, books = _all_papers(here), read_books(here.ledger)
        print(histogram(tally, wanted, papers, books))
        one_way = [pair.name for pair in wanted if pair.one_way]
        assert contradictions(papers, books, await here.registry_chain(), one_way) == []
    assert tally.kills.total() == kills
    assert tally.kills["random"] <= kills / 2 + 2
    assert tally.in_flight >= kills / 5
    if kills >= len(wanted):
        assert all(tally.of_line(pair.line).in_flight for pair in wanted)


def _all_papers(here: Stage) -> list[Paper]:
    return [
        paper
        for printer in here.printers
        for paper in read_tape(printer.tape, printer.pair.name, printer.facts, printer.seen)
    ]


# --- a life ------------------------------------------------------------------------------------------------------


async def _one_life(here: Stage, tally: Tally, number: int) -> None:
    """The pairs take turns. Two of three lives end at a named point, one of four has a fault in it."""
    turn, which = divmod(number, len(here.printers))
    printer = here.printers[which]
    point = _point(turn, which, list(POINTS[printer.pair.line]))
    alive = await _start(here, tally, printer, point)
    await _mend(printer)
    faulty = (turn + 2 * which) % 4 == 3 or (point == SEEN_IN_QUEUE and here.rng.random() < 0.5)
    fault = await _break(here, printer, point) if faulty else ""
    died = alive and await _live(here, printer, point)
    tally.add(await _die(here, printer, point, died=died or not alive, fault=fault))
    if printer.pair.one_way and here.rng.random() < 0.5:
        tally.late += await _mend(printer)
    assert list(not_a_prefix(here.chain(), await here.registry_chain())) == []


def _point(turn: int, which: int, points: list[str]) -> str:
    """Where the agent dies on its printer number `which` when it is that one's turn; empty: at a random moment."""
    named = [(earlier + 2 * which) % 3 != 2 for earlier in range(turn + 1)]
    return points[(which // 3 + sum(named) - 1) % len(points)] if named[turn] else ""


async def _mend(printer: Printer) -> int:
    """Puts everything right, and gives a queue time to print what it holds; how many labels came."""
    before = (await printer.tell())["printed"]
    await printer.tell({"fix": "all"})
    if printer.pair.one_way:
        deadline_s = asyncio.get_running_loop().time() + LATE_S
        while not await printer.at_rest() and asyncio.get_running_loop().time() < deadline_s:
            await asyncio.sleep(0.05)
    return int((await printer.tell())["printed"] - before)


async def _start(here: Stage, tally: Tally, printer: Printer, point: str) -> bool:
    """A boot leaves nothing SENDING, and nothing that an earlier life left in a queue is left to print."""
    most = POINTS[printer.pair.line].get(point, 1)
    nth = here.rng.randint(1, max(1, most // 2 if printer.pair.line == "pty" else most))
    left, old = here.open_window(), here.spooled()
    tally.stale += await here.queued()
    if not await here.start_agent("" if point == SEEN_IN_QUEUE else point, nth):
        assert await here.kill() == -signal.SIGKILL, (here.home / "agent.log").read_text()[-2000:]
        return False
    await _assert_doubted(here, left)
    assert await here.swept(old) or await here.dead(0), here.left_over(old)
    return True


async def _assert_doubted(here: Stage, left: dict[str, object] | None) -> None:
    """The window that was open at the death is in doubt, whole. An agent that died meanwhile says nothing."""
    sending = await here.api("GET", "/labels?state=sending")
    doubts = await here.api("GET", "/doubts")
    if sending is None or doubts is None:
        return
    assert sending["labels"] == []
    if left is not None:
        (doubt,) = [one for one in doubts["doubts"] if one["window_id"] == left["window"]]
        assert [label["serial"] for label in doubt["labels"]] == left["serials"]


async def _break(here: Stage, printer: Printer, point: str) -> str:
    """Something that will happen to this printer within two windows; or that holds its queue up now, so that the next
    agent finds a job in it."""
    if point == SEEN_IN_QUEUE:
        await printer.tell({"fault": HOLDS_UP})
        return HOLDS_UP
    fault, _, argument = here.rng.choice(FAULTS[printer.pair.line]).partition(":")
    at = (await printer.tell())["printed"] + here.rng.randint(2, 14)
    await printer.tell({"fault": f"{fault}@{at}" + (f":{argument}" if argument else "")})
    return fault


async def _live(here: Stage, printer: Printer, point: str) -> bool:
    """A normal day: doubts are settled, what was paused goes on, more is ordered. Ends by itself at a probe only."""
    await settle(here, share=0.5)
    await resume_all(here, printer)
    old = here.spooled()
    for _ in range(2):
        await here.order(printer, 30)
    hands = asyncio.create_task(_scan_on(here, printer)) if printer.pair.one_way else None
    try:
        if point == SEEN_IN_QUEUE:
            await _until_spooled(here, old)
            return False
        line = printer.pair.line
        return await here.dead(PATIENCE_S[line] if point else here.rng.uniform(0.05, MOMENTS_S[line]))
    finally:
        if hands is not None:
            hands.cancel()
            await asyncio.gather(hands, return_exceptions=True)


async def _until_spooled(here: Stage, old: set[str]) -> None:
    """Until a job is in the queue, and a moment longer."""
    deadline_s = asyncio.get_running_loop().time() + PATIENCE_S["queue"]
    while not here.spooled() - old and asyncio.get_running_loop().time() < deadline_s:
        await asyncio.sleep(0.002)
    await asyncio.sleep(here.rng.uniform(0.0, 0.1))


async def _scan_on(here: Stage, printer: Printer) -> None:
    """The operator at a printer that cannot be heard; sometimes away."""
    while here.rng.random() < 0.99:
        await settle(here)
        await asyncio.sleep(0.1)


async def _die(here: Stage, printer: Printer, point: str, *, died: bool, fault: str) -> Death:
    before, queued = await printer.tell(), bool(here.spooled())
    await here.kill()
    window, at_once = here.open_window(), await printer.tell()
    await asyncio.sleep(0.1)
    after = await printer.tell()
    where = point if point and (died or point == SEEN_IN_QUEUE) else "random"
    calm = where in (GATHERED if printer.pair.one_way else CALM)
    moved = window is not None and window["counter"] is not None and before["odometer"] > window["counter"]
    inside = moved or before["labels_inside"] or before["buffered_bytes"] or (printer.pair.one_way and queued)
    in_flight = window is not None and not calm and bool(where != "random" or inside)
    return Death(printer.pair, where, in_flight, in_flight and still_moving(at_once, after), fault)


# --- the last --------------------------------------------------------------------------------------------------


async def _last_life(here: Stage) -> None:
    """Let everything come to rest: printers mended, old jobs cancelled, doubts settled, registry told. One more job on
    each shows that a printer is none the worse for it all."""
    for printer in here.printers:
        await _mend(printer)
    old = here.spooled()
    assert await here.start_agent()
    assert await here.swept(old), here.left_over(old)
    for job in await _jobs(here, "paused"):
        await here.api("POST", f"/jobs/{job['job_id']}/cancel", {"operator": WHO})
    for printer in here.printers:
        await here.order(printer, 10)
    async with asyncio.timeout(120):
        while await _jobs(here, "running", "waiting", "paused") or (await here.api("GET", "/sync"))["pending"]:
            await settle(here, share=0.9)
            for printer in here.printers:
                await resume_all(here, printer)
            await asyncio.sleep(0.05)
    assert all(len(on_paper(printer)) >= 8 for printer in here.printers)
    assert await here.kill(15) == 0


async def _jobs(here: Stage, *states: str) -> list[dict[str, str]]:
    jobs: list[dict[str, str]] = (await here.api("GET", "/jobs?limit=1000"))["jobs"]
    return [job for job in jobs if job["state"] in states]
