"""`queue://` on the Windows spooler, against a double written from its documentation; on every system."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
import zebra

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError
from edge_agent.printers.transports import queue
from edge_agent.printers.transports.contract import TransportOptions
from edge_agent.printers.transports.queue import TITLE_PREFIX, QueueTransport, queues
from edge_agent.printers.transports.queue.contract import Phase
from edge_agent.printers.transports.queue.windows import JOB_STATUS, WindowsSpooler, obstacles, report
from tests.kits.win32print_double import PRINTING, RETAINED, SPOOLING, ApiError, Job, Win32PrintDouble

QUICK = TransportOptions(connect_timeout_s=2.0, write_timeout_s=0.3)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Win32PrintDouble:
    """A Windows with one queue, as far as the zebra package and ours can tell."""
    api = Win32PrintDouble()
    monkeypatch.setitem(sys.modules, "win32print", api)
    monkeypatch.setitem(sys.modules, "pywintypes", SimpleNamespace(error=ApiError))
    monkeypatch.setattr(zebra, "IS_WINDOWS", True)
    monkeypatch.setattr(zebra, "win32print", api, raising=False)
    return api


@asynccontextmanager
async def opened() -> AsyncIterator[QueueTransport]:
    transport = QueueTransport("queue://lab", QUICK, WindowsSpooler("lab"))
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


async def test_windows_of_labels_are_raw_titled_jobs_in_order_and_leave_nothing(windows: Win32PrintDouble) -> None:
    first = bytes(range(256)) * 20
    async with opened() as transport:
        for number, data in enumerate([first, b"second"]):
            await transport.write(data)
            await transport.commit(f"w{number}")
    assert windows.printed == [(TITLE_PREFIX + "w0", first), (TITLE_PREFIX + "w1", b"second")]
    assert (windows.jobs, windows.open_handles) == ({}, 0)


def test_the_queues_are_found(windows: Win32PrintDouble) -> None:
    assert queues() == ["lab"]
    windows.fails = "EnumPrinters"
    assert queues() == []


async def test_a_job_that_does_not_end_is_blocked_and_closing_deletes_it(windows: Win32PrintDouble) -> None:
    windows.statuses = [PRINTING | 0x0040]
    async with opened() as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBlockedError, match="got printing, paper out"):
            await transport.commit("w1")
        assert len(windows.jobs) == 1
    assert windows.jobs == {}


@pytest.mark.parametrize("bit", [0x0001, 0x0002, 0x0004, 0x0100, 0x0200, 0x0800])
async def test_a_job_that_ended_ill_is_broken_and_deleted(windows: Win32PrintDouble, bit: int) -> None:
    windows.statuses = [PRINTING, PRINTING | bit]
    async with opened() as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBrokenError, match=f"job 1 .*{JOB_STATUS[bit]}"):
            await transport.commit("w1")
        assert windows.jobs == {}


async def test_a_job_deleted_by_hand_is_lost_and_broken(windows: Win32PrintDouble) -> None:
    windows.statuses = [PRINTING]
    async with opened() as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBlockedError):
            await transport.commit("w1")
        windows.jobs.clear()
        with pytest.raises(LinkBrokenError, match="a job that Windows does not know"):
            await transport.flush()


async def test_a_queue_paused_in_mid_window_is_broken(windows: Win32PrintDouble) -> None:
    windows.statuses = [SPOOLING]
    async with opened() as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBlockedError):
            await transport.commit("w1")
        windows.printer_status = 0x0001
        with pytest.raises(LinkBrokenError, match="queue paused"):
            await transport.flush()
    assert windows.jobs == {}


@pytest.mark.parametrize("call", ["StartDocPrinter", "SetJob 8", "StartPagePrinter", "WritePrinter", "EndPagePrinter"])
async def test_a_job_that_is_not_taken_whole_is_broken_and_gone(windows: Win32PrintDouble, call: str) -> None:
    async with opened() as transport:
        await transport.write(b"x")
        windows.fails = call
        with pytest.raises(LinkBrokenError, match="Access is denied"):
            await transport.commit("w1")
        assert (windows.jobs, windows.printed) == ({}, [])


async def test_a_job_whose_end_was_not_taken_is_found_by_its_title(windows: Win32PrintDouble) -> None:
    async with opened() as transport:
        await transport.write(b"x")
        windows.fails = "EndDocPrinter"
        with pytest.raises(LinkBrokenError):
            await transport.commit("w1")
        assert len(windows.jobs) == 1
    assert windows.jobs == {}


async def test_a_spooler_that_takes_no_byte_is_broken(windows: Win32PrintDouble) -> None:
    windows.bite = 0
    async with opened() as transport:
        await transport.write(b"x")
        with pytest.raises(LinkBrokenError, match="none taken"):
            await transport.commit("w1")
    assert windows.jobs == {}


async def test_what_an_earlier_life_left_is_deleted_and_others_jobs_are_not(windows: Win32PrintDouble) -> None:
    windows.jobs = {4: Job("Testseite"), 5: Job(TITLE_PREFIX + "w1", status=PRINTING | RETAINED)}
    async with opened():
        assert list(windows.jobs) == [4]


async def test_a_stale_job_that_cannot_be_deleted_keeps_the_queue_shut(windows: Win32PrintDouble) -> None:
    windows.jobs = {5: Job(TITLE_PREFIX + "w1")}
    windows.fails = "SetJob 5"
    with pytest.raises(LinkDownError, match="Access is denied"):
        await QueueTransport("queue://lab", QUICK, WindowsSpooler("lab")).open()


async def test_a_queue_that_keeps_printed_documents_is_refused_with_the_fix(windows: Win32PrintDouble) -> None:
    windows.attributes = 0x0100
    with pytest.raises(LinkDownError, match='Set-Printer -Name "lab" -KeepPrintedJobs'):
        await QueueTransport("queue://lab", QUICK, WindowsSpooler("lab")).open()


async def test_a_print_service_that_is_off_is_a_sentence(windows: Win32PrintDouble) -> None:
    windows.fails = "OpenPrinter"
    with pytest.raises(LinkDownError, match="print service"):
        await QueueTransport("queue://lab", QUICK, WindowsSpooler("lab")).open()


async def test_a_windows_without_pywin32_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "queues", lambda: ["lab"])
    monkeypatch.setitem(sys.modules, "win32print", None)
    monkeypatch.setitem(sys.modules, "pywintypes", None)
    with pytest.raises(LinkDownError, match="pip install pywin32"):
        await QueueTransport("queue://lab", QUICK, WindowsSpooler("lab")).open()


@pytest.mark.parametrize(
    ("changed", "mend"),
    [
        ({"Attributes": 0x0100}, "KeepPrintedJobs $false"),
        ({"Attributes": 0x0400}, "Use Printer Offline"),
        ({"Status": 0x0001}, "Pause Printing"),
        ({"Status": 0x0004}, "set the printer up again"),
        ({"pPortName": "USB001,USB002"}, "one port"),
    ],
)
def test_each_obstacle_alone_is_told_with_its_fix(changed: dict[str, object], mend: str) -> None:
    good = {"Attributes": 0x0040, "Status": 0, "pPortName": "USB001"}
    assert list(obstacles("lab", good)) == []
    ((_, _, said),) = obstacles("lab", {**good, **changed})
    assert mend in said


@pytest.mark.parametrize("bit", JOB_STATUS)
def test_each_status_bit_alone_is_read(bit: int) -> None:
    """Retained alone is no end: the spooler also keeps jobs that have not printed yet."""
    done, failed = {0x0080, 0x1000}, {0x0001, 0x0002, 0x0004, 0x0100, 0x0200, 0x0800}
    phase = Phase.DONE if bit in done else Phase.FAILED if bit in failed else Phase.SENDING
    assert report(bit) == report(bit, 0)
    assert (report(bit).phase, report(bit).reason) == (phase, JOB_STATUS[bit])
    assert report(bit | 0x0800).phase is Phase.FAILED


def test_a_status_bit_without_a_name_is_no_end() -> None:
    assert report(0x8000).phase is Phase.SENDING
    assert report(0).reason == "in the queue"
