"""`queue://` over a spooler in memory: what a window's job may do, and what the transport makes of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError, RefusedError
from edge_agent.messages.printer import BLOCKED, DOWN, of_link
from edge_agent.messages.text import Words
from edge_agent.printers.transports import open_transport, queue
from edge_agent.printers.transports.contract import TransportOptions
from edge_agent.printers.transports.queue import TITLE_PREFIX, QueueTransport, queue_url, queues
from edge_agent.printers.transports.queue.contract import JobReport, Phase
from edge_agent.printers.transports.queue.names import TitledZebra
from label_protocol.errors import ConfigError
from tests.kits.queue_double import DONE, SpoolerDouble

WAITING = JobReport(Phase.WAITING, "pending")
SENDING = JobReport(Phase.SENDING, "processing", began=1)
QUICK = TransportOptions(connect_timeout_s=0.2, write_timeout_s=0.2)


@pytest.fixture(autouse=True)
def one_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "queues", lambda: ["lab"])


@asynccontextmanager
async def opened(spooler: SpoolerDouble) -> AsyncIterator[QueueTransport]:
    transport = QueueTransport("queue://lab", QUICK, spooler)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


async def test_a_window_is_one_job_with_its_title() -> None:
    spooler = SpoolerDouble()
    async with opened(spooler) as transport:
        await transport.write(b"one ")
        await transport.write(b"window")
        assert spooler.jobs == []
        await transport.commit("w1")
        await transport.commit("nothing was written")
        await transport.write(b"next")
        await transport.commit(TITLE_PREFIX + "w2")
    assert spooler.jobs == [(TITLE_PREFIX + "w1", b"one window"), (TITLE_PREFIX + "w2", b"next")]


async def test_a_job_that_went_through_leaves_no_data_to_print_again() -> None:
    spooler = SpoolerDouble(reports=[WAITING, SENDING, DONE])
    async with opened(spooler) as transport:
        await transport.write(b"x")
        await transport.commit("w1")
        assert spooler.cancelled == [1]
        assert spooler.asked.count("submit") == 1


async def test_uncommitted_bytes_never_leave() -> None:
    spooler = SpoolerDouble()
    async with opened(spooler) as transport:
        await transport.write(b"x")
    async with opened(spooler) as transport:
        await transport.commit("w1")
    assert spooler.jobs == []


@pytest.mark.parametrize(
    ("reports", "why"),
    [
        ([JobReport(Phase.FAILED, "aborted by the system")], "aborted by the system"),
        ([SENDING, JobReport(Phase.FAILED, "canceled by user")], "canceled by user"),
        ([SENDING, WAITING, DONE], "sent again"),
        ([SENDING, JobReport(Phase.SENDING, "processing", began=2), DONE], "sent again"),
        ([SENDING, JobReport(Phase.DONE, "completed", began=2)], "sent again"),
    ],
)
async def test_a_job_that_did_not_simply_go_through_is_broken_and_cancelled(reports: list[JobReport], why: str) -> None:
    spooler = SpoolerDouble(reports=reports)
    async with opened(spooler) as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBrokenError, match=f"job 1 .*{why}"):
            await transport.commit("w1")
        assert spooler.cancelled == [1]
        for use in (transport.write(b"y"), transport.flush(), transport.commit("w2")):
            with pytest.raises(LinkBrokenError, match=why):
                await use
        assert await transport.read(0) == b""
    assert len(spooler.jobs) == 1


@pytest.mark.parametrize("report", [WAITING, SENDING])
async def test_a_job_that_does_not_end_is_blocked_until_it_does(report: JobReport) -> None:
    spooler = SpoolerDouble(reports=[report])
    async with opened(spooler) as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBlockedError, match=f"job 1 .*{report.reason}"):
            await transport.commit("w1")
        with pytest.raises(LinkBlockedError):
            await transport.flush()
        assert spooler.cancelled == []
        spooler.reports = [DONE]
        await transport.flush()
        await transport.write(b"y")
        await transport.commit("w2")
    assert [data for _, data in spooler.jobs] == [b"x", b"y"]


async def test_two_windows_are_never_in_the_queue_together() -> None:
    spooler = SpoolerDouble(reports=[SENDING])
    async with opened(spooler) as transport:
        for data in (b"x", b"y"):
            await transport.write(data)
            with pytest.raises(LinkBlockedError):
                await transport.commit("w")
        assert len(spooler.jobs) == 1


async def test_closing_cancels_what_has_not_ended() -> None:
    spooler = SpoolerDouble(reports=[SENDING])
    async with opened(spooler) as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBlockedError):
            await transport.commit("w1")
    assert spooler.cancelled == [1]


@pytest.mark.parametrize("how", ["refusal", "silent"])
async def test_a_job_whose_answer_was_lost_is_broken_never_given_again_and_searched_for(how: str) -> None:
    spooler = SpoolerDouble(refusal="not accepting" if how == "refusal" else "", silent=how == "silent")
    async with opened(spooler) as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBrokenError, match=r"w1.* got (not accepting|no answer)"):
            await transport.commit("w1")
        with pytest.raises(LinkBrokenError):
            await transport.commit("w1")
    assert len(spooler.jobs) == 1
    assert spooler.cancelled == [1]


async def test_a_cancelled_commit_leaves_no_job_behind() -> None:
    spooler = SpoolerDouble(silent=True)
    async with opened(spooler) as transport:
        await transport.write(b"x")
        waiting = asyncio.create_task(transport.commit("w1"))
        while not spooler.jobs:
            await asyncio.sleep(0)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
    assert spooler.cancelled == [1]


async def test_what_an_earlier_life_left_is_cancelled_before_anything_is_refused() -> None:
    spooler = SpoolerDouble(left=[7, 8], obstacle="queue lab: expected X, got Y; run: Z")
    with pytest.raises(LinkDownError, match="run: Z"):
        await QueueTransport("queue://lab", QUICK, spooler).open()
    assert spooler.cancelled == [7, 8]
    assert spooler.asked[-1] == "check"


async def test_a_stale_job_that_cannot_be_cancelled_keeps_the_queue_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forbidden(_self: SpoolerDouble, _job: int) -> None:
        raise LinkBrokenError("queue lab: expected CUPS to answer CANCEL_JOB, got ERROR_FORBIDDEN; look")

    monkeypatch.setattr(SpoolerDouble, "cancel", forbidden)
    with pytest.raises(LinkDownError, match="ERROR_FORBIDDEN"):
        await QueueTransport("queue://lab", QUICK, SpoolerDouble(left=[7])).open()


UNFIT = "expected the error policy abort-job, got retry-job, which may print a label twice; run: lpadmin -p lab"


async def test_a_queue_that_became_unfit_while_open_ends_the_link_as_open_would_say_it() -> None:
    spooler = SpoolerDouble()
    async with opened(spooler) as transport:
        spooler.obstacle = f"queue lab: {UNFIT}"
        transport._fit_s -= 1.0
        for use in (transport.read(0), transport.read(0), transport.write(b"x"), transport.commit("w1")):
            with pytest.raises(LinkBrokenError) as broken:
                await use
            assert str(broken.value) == f"queue://lab: {UNFIT}"
    with pytest.raises(LinkDownError) as down:
        await transport.open()
    assert str(down.value) == f"queue://lab: {UNFIT}"
    spooler.obstacle = ""
    await transport.open()
    assert await transport.read(0) == b""
    assert spooler.jobs == []


async def test_reading_looks_at_the_queue_once_a_second_at_most() -> None:
    spooler = SpoolerDouble()
    async with opened(spooler) as transport:
        looks = []
        for later_s in (0.0, 0.5, 0.5, 0.0):
            transport._fit_s -= later_s
            assert await transport.read(0) == b""
            looks.append(spooler.asked.count("check"))
        assert looks == [1, 1, 2, 2]


async def test_a_window_is_not_submitted_to_a_queue_that_became_unfit_a_moment_ago() -> None:
    spooler = SpoolerDouble()
    async with opened(spooler) as transport:
        assert await transport.read(0) == b""
        await transport.write(b"x")
        spooler.obstacle = f"queue lab: {UNFIT}"
        with pytest.raises(LinkBrokenError, match="queue://lab: expected the error policy abort-job"):
            await transport.commit("w1")
    assert (spooler.jobs, spooler.cancelled) == ([], [])


@pytest.mark.parametrize("how", ["refusal", "silent"])
async def test_a_spooler_that_cannot_be_asked_while_open_ends_the_link(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async def check(_self: SpoolerDouble) -> None:
        if how == "silent":
            await asyncio.Event().wait()
        raise LinkBrokenError("queue lab: expected CUPS to answer, got no connection")

    for ask in ("read", "commit"):
        spooler = SpoolerDouble()
        async with opened(spooler) as transport:
            await transport.write(b"x")
            transport._fit_s -= 1.0
            with monkeypatch.context() as patch:
                patch.setattr(SpoolerDouble, "check", check)
                with pytest.raises(LinkBrokenError, match=r"^queue://lab: .*ready, got (queue lab|no answer)"):
                    await (transport.read(0) if ask == "read" else transport.commit("w1"))
        assert spooler.jobs == []


def test_an_operator_is_not_sent_to_the_cable_for_a_queue() -> None:
    cause = f"queue://lab: {UNFIT}"
    for error in (LinkDownError(cause), LinkBrokenError(cause)):
        assert of_link(error) == Words(
            "打印队列现在不能用，原因见打印机状态", f"the print queue cannot be used now: {cause}"
        )
    assert of_link(LinkBlockedError(cause)) == BLOCKED
    assert of_link(LinkDownError("tcp://10.0.0.9:9100: expected queue://")) == DOWN


async def test_an_unknown_queue_is_told_with_those_there_are() -> None:
    with pytest.raises(LinkDownError, match=r"^queue://lost%20queue: expected .* got lab;"):
        await QueueTransport("queue://lost%20queue", QUICK, SpoolerDouble(queue="lost queue")).open()


async def test_a_spooler_that_never_answers_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_self: SpoolerDouble) -> list[int]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(SpoolerDouble, "stale", never)
    with pytest.raises(LinkDownError, match=r"no answer for 0\.2 s"):
        await QueueTransport("queue://lab", QUICK, SpoolerDouble()).open()


def test_it_speaks_one_way_and_carries_every_byte() -> None:
    transport = open_transport("queue://lab", write_timeout_s=10.0)
    assert (transport.two_way, transport.clean, transport.url) == (False, True, "queue://lab")


@pytest.mark.parametrize("name", ["lab", "样衣 1#", "a/b?c", "%41"])
def test_a_name_survives_its_url(name: str) -> None:
    transport = open_transport(queue_url(name), write_timeout_s=10.0)
    assert isinstance(transport, QueueTransport)
    assert transport.queue == name


@pytest.mark.parametrize("url", ["queue://", "queue:///lab", "queue://lab/more", "queue://lab?x=1", "queue://lab#1"])
def test_a_url_without_one_name_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="printer url: expected queue://NAME"):
        open_transport(url, write_timeout_s=10.0)


async def test_the_zebra_package_prints_nothing_past_us() -> None:
    """zebra's own `output` names every job alike and asks nobody whether it was taken; this name went to no printer."""
    spooler = SpoolerDouble(queue="zebra_python_unittest")
    ours = TitledZebra(spooler)
    with pytest.raises(RefusedError, match="deliver"):
        ours.print_config_label()
    assert await ours.deliver(b"x", "t") == 1
    assert spooler.jobs == [(TITLE_PREFIX + "t", b"x")]


def test_no_spooler_is_no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert queues() == []
