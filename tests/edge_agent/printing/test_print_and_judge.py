"""The same odd windows for a job, for copies and for a test label: what is recorded, whether the line is closed and who
is alarmed is one thing, whoever ordered the window."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from edge_agent.errors import LedgerFullError, LinkBrokenError
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from edge_agent.model.printer import Observation, ProofLevel, Verdict
from edge_agent.printing.print_and_judge import Outgoing, _write_down
from edge_agent.printing.proof import judge
from label_protocol.errors import AgentError
from label_protocol.states import SerialState
from tests.edge_agent.printing.test_maintenance import frame
from tests.kits.floor import Floor, floor

JUDGED = ("window_printed", "window_in_doubt", "window_never_sent", "copies_judged")


@dataclass(frozen=True)
class Became:
    """What was recorded of a window, whether the line was closed for it, and the alarms."""

    proven: bool
    why: str
    closed: bool
    alarms: tuple[str, ...]


# --- who orders -------------------------------------------------------------------------------------------------------


async def a_job(here: Floor) -> tuple[bool, str]:
    opened = await here.submit(1)
    await settled(here, here.until(opened.job_id, JobState.DONE, JobState.PAUSED))
    return await last_verdict(here)


async def copies(here: Floor) -> tuple[bool, str]:
    opened = await here.order_copies(1)
    await settled(here, here.copied(opened.copies_id))
    return await last_verdict(here)


async def a_test_label(here: Floor) -> tuple[bool, str]:
    said = (await here.worker.maintenance.test(frame())).en
    if "test label printed" in said:
        return True, "proven"
    found = re.fullmatch(r"test label not proven: (?:.*? \((.*)\)|(.*))", said)
    return False, (found[1] or found[2]) if found else f"no verdict: {said}"


ORDERS: dict[str, Callable[[Floor], Awaitable[tuple[bool, str]]]] = {
    "job": a_job,
    "copies": copies,
    "test label": a_test_label,
}


async def settled(here: Floor, ended: Awaitable[object]) -> None:
    """The order is over, or its worker is."""
    assert here.task is not None
    waiting = asyncio.ensure_future(ended)
    await asyncio.wait([waiting, here.task], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def last_verdict(here: Floor) -> tuple[bool, str]:
    head = await here.ledger.do(Ledger.head)
    events = [json.loads(event.body) for event in await here.ledger.do(Ledger.events, head.incarnation)]
    judged = [event for event in events if event["type"] in JUDGED]
    if not judged:
        return False, "nothing was recorded"
    last = judged[-1]
    proven = last["type"] == "window_printed" or last.get("proven") is True
    return proven, last.get("reason", "proven")


# --- what is odd ------------------------------------------------------------------------------------------------------


def while_asking(here: Floor, monkeypatch: pytest.MonkeyPatch, change: Callable[[Observation], Any]) -> None:
    """What every observation of the window becomes."""
    window = beginning(here, monkeypatch)
    real = here.window_printer.link.observe

    async def observe(*args: Any) -> Observation:
        seen = await real(*args)
        if not window:
            return seen
        found = change(seen)
        return await found if asyncio.iscoroutine(found) else found

    monkeypatch.setattr(here.window_printer.link, "observe", observe)


def while_sending(here: Floor, monkeypatch: pytest.MonkeyPatch, cause: Exception) -> None:
    """The window's bytes are out, and then this is raised."""
    window = beginning(here, monkeypatch)
    real = here.window_printer.link.send

    async def send(data: bytes) -> None:
        await real(data)
        if window:
            raise cause

    monkeypatch.setattr(here.window_printer.link, "send", send)


def beginning(here: Floor, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Empty until the first window begins."""
    begun: list[bool] = []
    real = here.window_printer.link.expect_labels

    def expect_labels() -> None:
        begun.append(True)
        real()

    monkeypatch.setattr(here.window_printer.link, "expect_labels", expect_labels)
    return begun


def counted(more: int) -> Callable[[Floor, pytest.MonkeyPatch], None]:
    def change(seen: Observation) -> Observation:
        return replace(seen, counter=None if seen.counter is None else 1001 + more)

    return lambda here, monkeypatch: while_asking(here, monkeypatch, change)


def broken(_seen: Observation) -> Observation:
    raise RuntimeError("nobody planned this")


def full(_seen: Observation) -> Observation:
    raise LedgerFullError("the disk is full")


def moved(seen: Observation) -> Observation:
    """The list shows what is stored, and it is not what was stored."""
    return replace(seen, objects=dict.fromkeys(seen.objects, 1) if seen.objects else None)


def ending(here: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's task is cancelled while it asks."""

    async def cancelled() -> Observation:
        assert here.task is not None
        here.task.cancel()
        await asyncio.Event().wait()
        raise AssertionError("never")

    while_asking(here, monkeypatch, lambda _seen: cancelled())


def printer(fault: str) -> Callable[[Floor, pytest.MonkeyPatch], None]:
    return lambda here, _monkeypatch: here.printer.fault(fault)


STOPPED = "stopped in the middle"
MORE = ("possible_duplicate",)
# name → how, then what must be recorded of it, whether the line is closed, alarms
ODD: dict[str, tuple[Callable[[Floor, pytest.MonkeyPatch], None], bool, str, bool, tuple[str, ...]]] = {
    "nothing odd": (lambda *_: None, True, "proven", False, ()),
    "short count": (counted(-1), False, "count stands at 1000", False, ()),
    "over count": (counted(1), False, "counter moved by 2, expected 1", False, MORE),
    "silence": (printer("silence@1"), False, "has not answered", False, ()),
    "fault during": (printer("media-out@1"), False, "media_out", False, ()),
    "power-up": (printer("power-cut@1:50"), False, "link lost", True, ()),
    "stale answers": (printer("late-replies@1:400"), False, "has not answered", False, ()),
    "background gone": (printer("lose-objects@1"), False, "count stands at 1001|stored background", False, ()),
    "background of another size": (
        lambda here, monkeypatch: while_asking(here, monkeypatch, moved),
        False,
        "stored background",
        False,
        (),
    ),
    "exception while sending": (
        lambda here, monkeypatch: while_sending(here, monkeypatch, RuntimeError("nobody planned this")),
        False,
        STOPPED,
        True,
        (),
    ),
    "error of ours while sending": (
        lambda here, monkeypatch: while_sending(here, monkeypatch, LedgerFullError("the disk is full")),
        False,
        STOPPED,
        True,
        (),
    ),
    "line broken while sending": (
        lambda here, monkeypatch: while_sending(here, monkeypatch, LinkBrokenError("pulled")),
        False,
        "link lost",
        True,
        (),
    ),
    "exception while asking": (
        lambda here, monkeypatch: while_asking(here, monkeypatch, broken),
        False,
        STOPPED,
        True,
        (),
    ),
    "error of ours while asking": (
        lambda here, monkeypatch: while_asking(here, monkeypatch, full),
        False,
        STOPPED,
        True,
        (),
    ),
    "task cancelled": (ending, False, STOPPED, True, ()),
}


@contextlib.asynccontextmanager
async def _floor(folder: Path) -> Any:
    async with floor(folder, run=False, window_labels=1) as here:
        try:
            yield here
        finally:
            if here.task is not None and here.task.done():
                here.task = None


@pytest.mark.parametrize("who", ORDERS)
@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_window_is_the_same_thing_whoever_ordered_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str, who: str
) -> None:
    arrange, proven, why, closed, alarms = ODD[odd]
    async with _floor(tmp_path) as here:
        arrange(here, monkeypatch)
        closes = closing(here, monkeypatch)
        here.task = asyncio.create_task(here.worker.run())
        try:
            async with asyncio.timeout(10):
                became = Became(*await ORDERS[who](here), bool(closes), await alarms_of(here))
        except AgentError as cause:
            became = Became(False, f"raised {cause!r}", bool(closes), await alarms_of(here))
        assert re.search(why, became.why), became
        assert (became.proven, became.closed, became.alarms) == (proven, closed, alarms), became
        assert await unjudged(here) == []


def closing(here: Floor, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Grows when the line is closed once a window has begun."""
    closes: list[bool] = []
    begun = beginning(here, monkeypatch)
    real = here.window_printer.link.close

    async def close() -> None:
        closes.extend([True] * bool(begun))
        await real()

    monkeypatch.setattr(here.window_printer.link, "close", close)
    return closes


async def alarms_of(here: Floor) -> tuple[str, ...]:
    return tuple(str(alarm["kind"]) for alarm in await here.ledger.do(Ledger.alarms))


async def unjudged(here: Floor) -> list[str]:
    """Windows whose fate the ledger does not know."""
    labels = await here.ledger.do(Ledger.labels, state=SerialState.SENDING.value)
    orders = await here.ledger.do(Ledger.unfinished_copies)
    return [label.serial for label in labels] + [order.copies_id for order in orders if order.sending]


VERDICTS = frozenset({"prove_window", "judge_copies", "note_paper_fed"})


@pytest.mark.parametrize("who", ORDERS)
async def test_a_task_that_is_cancelled_while_its_verdict_is_written_ends_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    async with _floor(tmp_path) as here:
        real = here.ledger.do

        async def do(method: Any, *args: Any, **kwargs: Any) -> Any:
            if method.__name__ in VERDICTS and here.task is not None:
                here.task.cancel()
                await asyncio.sleep(0)
            return await real(method, *args, **kwargs)

        monkeypatch.setattr(here.ledger, "do", do)
        here.task = asyncio.create_task(here.worker.run())
        async with asyncio.timeout(10):
            assert await ORDERS[who](here) == (True, "proven")
        assert await unjudged(here) == []
        assert await here.ledger.do(Ledger.printer_counter, "p1") == here.printer.odometer


@pytest.mark.parametrize("who", ORDERS)
@pytest.mark.parametrize("odd", ["task cancelled", "exception while asking"])
async def test_a_task_that_is_cancelled_while_the_line_is_closed_records_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str, who: str
) -> None:
    """Who stops an agent is in a hurry and asks twice; a line that has to be flushed takes a while to close."""
    async with _floor(tmp_path) as here:
        ODD[odd][0](here, monkeypatch)
        begun, real = beginning(here, monkeypatch), here.window_printer.link.close
        judging: list[Verdict] = []

        async def close() -> None:
            for _ in range(2 if begun and here.task is not None else 0):
                here.task.cancel()
                await asyncio.sleep(0.01)
            await real()

        def noted(*args: Any) -> Verdict:
            judging.append(judge(*args))
            return judging[-1]

        monkeypatch.setattr(here.window_printer.link, "close", close)
        monkeypatch.setattr("edge_agent.printing.print_and_judge.judge", noted)
        here.task = asyncio.create_task(here.worker.run())
        async with asyncio.timeout(10):
            proven, said = await ORDERS[who](here)
        assert not proven
        assert STOPPED in said
        assert [verdict.printed for verdict in judging] == [False]
        assert await unjudged(here) == []


@pytest.mark.parametrize("who", ORDERS)
async def test_a_label_that_a_panel_key_prints_behind_a_window_is_told_whoever_ordered_it(
    tmp_path: Path, who: str
) -> None:
    """On a printer that confirms its labels and counts none."""
    async with floor(tmp_path, language="epl2", window_labels=1) as here:
        assert await ORDERS[who](here) == (True, "proven")
        here.printer.fault("reprint-key")
        confirmed = here.window_printer.link.confirmed
        async with asyncio.timeout(30):
            while here.window_printer.link.confirmed == confirmed:
                await here.changes.wait(here.changes.count, 0.02)
        await a_job(here)
        assert await alarms_of(here) == MORE


async def test_an_alarm_that_cannot_be_written_keeps_nobody_from_stopping() -> None:
    """The disk takes the verdict and not the alarm: the job of a window in doubt must not go on by itself."""
    seen: list[str] = []

    async def record(_verdict: Verdict, _after: Observation | None) -> None:
        seen.append("recorded")

    async def conclude(_verdict: Verdict) -> None:
        seen.append("concluded")

    class Full:
        async def alarm_if_more(self, _verdict: Verdict) -> None:
            raise LedgerFullError("full")

    going = Outgoing([], b"", cast(Any, None), record, conclude)
    with pytest.raises(LedgerFullError):
        await _write_down(cast(Any, Full()), going, Verdict(False, ProofLevel.SENT, "x"), None)
    assert seen == ["recorded", "concluded"]
