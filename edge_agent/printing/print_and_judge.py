"""One window, whoever ordered it: a job, an order of copies, or somebody who wants a test label.

    account ─► encode, intent noted ─► counts noted ─► bytes ─► verdict ─► recorded ─► alarm if more ─► what follows

The sequence stands here once. As three copies it drifted apart: one had no catch, one told of too many labels before it
knew what it told of, and one told nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TypeVar

import structlog

from edge_agent.model.printer import Observation, Verdict
from edge_agent.printing.imposition import Imposition, Row
from edge_agent.printing.odometer import Odometer
from edge_agent.printing.proof import Expectation, Trace, judge
from edge_agent.printing.window_printer import Ask, WindowPrinter
from label_protocol.errors import AgentError

T = TypeVar("T")

_log = structlog.get_logger("edge_agent.printing.worker")

Judged = tuple[Verdict, Observation | None]
"""The verdict, and the last quiet observation if there was one."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A window of which the next thing to happen is its first byte.

    `first` is the first row's bytes: what can fail before they leave has failed. `record` writes the verdict down where
    a restart finds it; `conclude` does what follows from it for whoever ordered the window.
    """

    rows: Sequence[Row]
    first: bytes
    ask: Ask
    record: Callable[[Verdict, Observation | None], Awaitable[None]]
    conclude: Callable[[Verdict], Awaitable[None]]


Begin = Callable[[Observation], Awaitable[Outgoing]]
"""Encodes the first row and makes the intent durable. Raises what it must: nothing was sent, and nothing will be."""


async def print_and_judge(
    window_printer: WindowPrinter, odometer: Odometer, imposition: Imposition, before: Observation, begin: Begin
) -> Judged:
    """Print one window from the baseline `before`, and record what became of it.

    Whatever happens once bytes may have left closes the link, so that the printer is told to drop the rest before it is
    given anything else, and is a verdict. A cancelled task makes no exception: it ends when the verdict is recorded.
    """
    await odometer.account(before, edge=window_printer.edge, relinked=window_printer.relinked)
    going = await begin(before)
    want = window_printer.expect(imposition, before, sum(map(len, going.rows)))
    odometer.sent(want.counts)
    try:
        after, trace = await window_printer.send_window(imposition, going.rows, going.first, want, going.ask)
    except asyncio.CancelledError:
        await _to_its_end(_stopped(window_printer, odometer, going, want, "the agent was told to end"))
        raise
    except Exception as cause:  # a later label could not be rendered, or the ledger failed while bytes were out
        return await _to_its_end(_stopped(window_printer, odometer, going, want, said(cause)))
    return await _to_its_end(_judged(odometer, going, want, after, trace))


async def _stopped(
    window_printer: WindowPrinter, odometer: Odometer, going: Outgoing, want: Expectation, why: str
) -> Judged:
    await window_printer.link.close()
    trace = Trace(link_trouble=f"stopped in the middle: {why}", broken_off=True)
    return await _judged(odometer, going, want, None, trace)


async def _judged(
    odometer: Odometer, going: Outgoing, want: Expectation, after: Observation | None, trace: Trace
) -> Judged:
    verdict = judge(want, after, trace)
    await _write_down(odometer, going, verdict, after)
    return verdict, after


async def _write_down(odometer: Odometer, going: Outgoing, verdict: Verdict, after: Observation | None) -> None:
    """Recorded first: an alarm that cannot be raised must cost neither the verdict nor what follows from it."""
    await going.record(verdict, after)
    try:
        if verdict.printed:
            odometer.proven(verdict)
        else:
            await odometer.alarm_if_more(verdict)
    finally:
        await going.conclude(verdict)


async def _to_its_end(work: Coroutine[None, None, T]) -> T:
    """A cancel that comes meanwhile waits until all is done, and so does the next one: who stops an agent is in a hurry
    and asks twice."""
    task, cancelled = asyncio.ensure_future(work), None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as cause:
            cancelled = cause
    if cancelled is not None:
        raise cancelled
    return task.result()


def said(cause: Exception) -> str:
    """An error of ours says what to do; one that nobody planned is named, and the log has the rest."""
    if isinstance(cause, AgentError):
        return str(cause)
    _log.error("printing_failed", exc_info=cause)
    return repr(cause)
