"""The Windows spooler, by pywin32's `win32print`. Written after Microsoft's documentation of the Print Spooler API
(learn.microsoft.com, win32/printdocs: SetJob, JOB_INFO_1, PRINTER_INFO_2); not yet run on Windows.

A finished job vanishes from a Windows queue, and so does a deleted one. Ours are therefore retained
(JOB_CONTROL_RETAIN) before their first byte: their fate is read from them, and then they are released and deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from edge_agent.errors import LinkBrokenError, LinkDownError
from edge_agent.printers.transports.queue.contract import TITLE_PREFIX, JobReport, Phase

T = TypeVar("T")

JOB_CONTROL_DELETE, JOB_CONTROL_RETAIN, JOB_CONTROL_RELEASE = 5, 8, 9
JOB_STATUS = {
    0x0001: "paused",
    0x0002: "error",
    0x0004: "being deleted",
    0x0008: "spooling",
    0x0010: "printing",
    0x0020: "printer offline",
    0x0040: "paper out",
    0x0080: "printed",
    0x0100: "deleted",
    0x0200: "blocked by the driver",
    0x0400: "user intervention",
    0x0800: "restarted",
    0x1000: "sent to the printer",
    0x2000: "retained",
}
"""winspool.h, JOB_STATUS_*. 0x1000 says that the bytes were sent, and of paper nothing."""
_ENDED_WELL = 0x0080 | 0x1000
_ENDED_ILL = 0x0001 | 0x0002 | 0x0004 | 0x0100 | 0x0200 | 0x0800
"""Error is among them: the port monitor tries such a job again from its beginning."""

KEEPS_PRINTED, WORKS_OFFLINE = 0x0100, 0x0400
"""winspool.h, PRINTER_ATTRIBUTE_KEEPPRINTEDJOBS and _WORK_OFFLINE."""
PAUSED, BEING_DELETED = 0x0001, 0x0004
"""winspool.h, PRINTER_STATUS_*."""

_INVALID_PARAMETER = 87
"""winerror.h; what GetJob and SetJob say of a job that is not there."""
_ALL_JOBS = 10_000


class WindowsSpooler:
    """One local queue. Every call runs in a worker thread: the spooler may take its time."""

    def __init__(self, queue: str) -> None:
        self._queue = queue

    @property
    def queue(self) -> str:
        """Its name."""
        return self._queue

    async def check(self) -> None:
        """See the contract. Raises LinkDownError: the queue cannot print as it is."""
        facts = await self._do("GetPrinter", lambda api, printer: api.GetPrinter(printer, 2))
        for expected, got, mend in obstacles(self._queue, facts):
            raise LinkDownError(f"queue {self._queue}: expected {expected}, got {got}; {mend}")

    async def stale(self) -> list[int]:
        """See the contract."""
        jobs = await self._do("EnumJobs", lambda api, printer: api.EnumJobs(printer, 0, _ALL_JOBS, 1))
        return [job["JobId"] for job in jobs if str(job["pDocument"] or "").startswith(TITLE_PREFIX)]

    async def submit(self, title: str, data: bytes) -> int:
        """See the contract."""
        return await self._do("a job", lambda api, printer: _submit(api, printer, title, data))

    async def state(self, job: int) -> JobReport:
        """See the contract."""

        def look(api: Any, printer: Any) -> JobReport:
            try:
                status = api.GetJob(printer, job, 1)["Status"]
            except _api_error() as error:
                if _code(error) != _INVALID_PARAMETER:
                    raise
                return JobReport(Phase.FAILED, "a job that Windows does not know any more")
            return report(status, api.GetPrinter(printer, 2)["Status"])

        return await self._do("GetJob", look)

    async def cancel(self, job: int) -> None:
        """See the contract. A retained job must be released before it can be deleted (JOB_STATUS_RETAINED)."""

        def delete(api: Any, printer: Any) -> None:
            with contextlib.suppress(_api_error()):
                api.SetJob(printer, job, 0, None, JOB_CONTROL_RELEASE)
            try:
                api.SetJob(printer, job, 0, None, JOB_CONTROL_DELETE)
            except _api_error() as error:
                if _code(error) != _INVALID_PARAMETER:
                    raise

        await self._do("SetJob", delete)

    async def _do(self, what: str, act: Callable[[Any, Any], T]) -> T:
        def act_on_printer() -> T:
            api = importlib.import_module("win32print")
            printer = api.OpenPrinter(self._queue)
            try:
                return act(api, printer)
            finally:
                api.ClosePrinter(printer)

        try:
            return await asyncio.to_thread(act_on_printer)
        except ImportError as error:
            raise LinkDownError(
                f"queue {self._queue}: expected the package pywin32, got none; run: pip install pywin32"
            ) from error
        except _api_error() as error:
            raise LinkBrokenError(
                f"queue {self._queue}: expected Windows to take {what}, got {error}; look at the print service"
            ) from error


def _submit(api: Any, printer: Any, title: str, data: bytes) -> int:
    job = int(api.StartDocPrinter(printer, 1, (title, None, "RAW")))
    try:
        api.SetJob(printer, job, 0, None, JOB_CONTROL_RETAIN)
        api.StartPagePrinter(printer)
        while data:
            data = data[_taken(api.WritePrinter(printer, data)) :]
        api.EndPagePrinter(printer)
    except BaseException:
        api.AbortPrinter(printer)
        raise
    api.EndDocPrinter(printer)
    return job


def _taken(count: int) -> int:
    """WritePrinter may take less than it was given; nothing at all would go on for ever."""
    if count <= 0:
        raise LinkBrokenError("queue: expected WritePrinter to take bytes, got none taken; look at the disk's room")
    return count


def obstacles(queue: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Why a job must not be given to this queue now: expected, got, what to do."""
    attributes, status = int(facts["Attributes"]), int(facts["Status"])
    if attributes & KEEPS_PRINTED:
        mend = f'run in PowerShell: Set-Printer -Name "{queue}" -KeepPrintedJobs $false'
        yield (
            "a queue that forgets printed documents",
            "one that keeps them, from which they can be printed again",
            mend,
        )
    if "," in str(facts["pPortName"] or ""):
        yield (
            "the queue of one printer",
            f"a pool on {facts['pPortName']}",
            "choose one port in the printer's properties",
        )
    if attributes & WORKS_OFFLINE:
        yield "a queue that prints", "one set to work offline", "untick Use Printer Offline in its window"
    if status & PAUSED:
        yield "a queue that is not paused", "a paused one", "untick Pause Printing in its window"
    if status & BEING_DELETED:
        yield "a queue that stays", "one being deleted", "set the printer up again"


def report(status: int, printer_status: int = 0) -> JobReport:
    """A job's status bits, read; on a paused queue a job that has not ended waits for somebody and has failed."""
    why = ", ".join(word for bit, word in JOB_STATUS.items() if status & bit) or "in the queue"
    if status & _ENDED_ILL:
        return JobReport(Phase.FAILED, why)
    if status & _ENDED_WELL:
        return JobReport(Phase.DONE, why)
    if printer_status & PAUSED:
        return JobReport(Phase.FAILED, "queue paused")
    return JobReport(Phase.SENDING, why)


def _api_error() -> type[Exception]:
    error: type[Exception] = importlib.import_module("pywintypes").error
    return error


def _code(error: Exception) -> int:
    return int(getattr(error, "winerror", 0))
