"""`win32print` as Microsoft's Print Spooler API and pywin32 describe it, for a machine that is not Windows.

Sources: learn.microsoft.com, win32/printdocs (StartDocPrinter, WritePrinter, SetJob, GetJob, EnumJobs, AbortPrinter,
PRINTER_INFO_2, JOB_INFO_1) and the pywin32 reference of win32print. What it shows is that we keep to what is written
there; that Windows does too is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SPOOLING, PRINTING, PRINTED, COMPLETE, RETAINED = 0x0008, 0x0010, 0x0080, 0x1000, 0x2000
DELETE, RETAIN, RELEASE = 5, 8, 9


class ApiError(Exception):
    """pywintypes.error: (winerror, function, text)."""

    def __init__(self, winerror: int, function: str, text: str) -> None:
        super().__init__(winerror, function, text)
        self.winerror = winerror


@dataclass
class Job:
    title: str
    data: bytearray = field(default_factory=bytearray)
    status: int = SPOOLING


@dataclass
class Win32PrintDouble:
    """One local queue. `statuses` are what GetJob tells one after the other; the last one stays."""

    queue: str = "lab"
    attributes: int = 0
    printer_status: int = 0
    port: str = "USB001"
    statuses: list[int] = field(default_factory=lambda: [SPOOLING, PRINTING, PRINTED | COMPLETE | RETAINED])
    bite: int = 1000
    fails: str = ""
    jobs: dict[int, Job] = field(default_factory=dict)
    printed: list[tuple[str, bytes]] = field(default_factory=list)
    open_handles: int = 0
    drawn: int = 0

    def _called(self, name: str) -> None:
        if self.fails == name:
            raise ApiError(5, name, "Access is denied.")

    def _job(self, job: int, function: str) -> Job:
        if job not in self.jobs:
            raise ApiError(87, function, "The parameter is incorrect.")
        return self.jobs[job]

    def OpenPrinter(self, name: str) -> str:  # noqa: N802 - Microsoft's names
        self._called("OpenPrinter")
        if name != self.queue:
            raise ApiError(1801, "OpenPrinter", "The printer name is invalid.")
        self.open_handles += 1
        return name

    def ClosePrinter(self, _printer: str) -> None:  # noqa: N802
        self.open_handles -= 1

    def EnumPrinters(self, _flags: int) -> list[tuple[int, str, str, str]]:  # noqa: N802
        self._called("EnumPrinters")
        return [(0, f"{self.queue},driver,", self.queue, "")]

    PRINTER_ENUM_LOCAL = 2

    def GetPrinter(self, _printer: str, _level: int) -> dict[str, Any]:  # noqa: N802
        return {"Attributes": self.attributes, "Status": self.printer_status, "pPortName": self.port}

    def EnumJobs(self, _printer: str, _first: int, count: int, _level: int) -> list[dict[str, Any]]:  # noqa: N802
        rows = [{"JobId": job, "pDocument": self.jobs[job].title, "Status": 0} for job in self.jobs]
        return rows[:count]

    def StartDocPrinter(self, _printer: str, _level: int, what: tuple[str, None, str]) -> int:  # noqa: N802
        self._called("StartDocPrinter")
        title, _, kind = what
        assert kind == "RAW"
        self.drawn += 1
        self.jobs[self.drawn] = Job(title)
        return self.drawn

    def StartPagePrinter(self, _printer: str) -> None:  # noqa: N802
        self._called("StartPagePrinter")

    def EndPagePrinter(self, _printer: str) -> None:  # noqa: N802
        self._called("EndPagePrinter")

    def WritePrinter(self, _printer: str, data: bytes) -> int:  # noqa: N802
        self._called("WritePrinter")
        if self.bite:
            assert self.jobs[self.drawn].status & RETAINED, "a finished job would vanish before it could be looked at"
        self.jobs[self.drawn].data += data[: self.bite]
        return len(data[: self.bite])

    def EndDocPrinter(self, _printer: str) -> None:  # noqa: N802
        self._called("EndDocPrinter")
        job = self.jobs[self.drawn]
        self.printed.append((job.title, bytes(job.data)))

    def AbortPrinter(self, _printer: str) -> None:  # noqa: N802
        del self.jobs[self.drawn]

    def GetJob(self, _printer: str, job: int, _level: int) -> dict[str, Any]:  # noqa: N802
        self._called("GetJob")
        found = self._job(job, "GetJob")
        return {
            "Status": self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0],
            "pDocument": found.title,
        }

    def SetJob(self, _printer: str, job: int, level: int, info: None, command: int) -> None:  # noqa: N802
        self._called(f"SetJob {command}")
        found = self._job(job, "SetJob")
        assert (level, info) == (0, None)
        if command == RETAIN:
            found.status |= RETAINED
        elif command == RELEASE:
            found.status &= ~RETAINED
        elif command == DELETE:
            assert not found.status & RETAINED, "a retained job cannot be deleted (JOB_INFO_1, JOB_STATUS_RETAINED)"
            del self.jobs[job]
