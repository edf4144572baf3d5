"""CUPS, asked over IPP (RFC 8011) with the package `pyipp`.

The command-line tools were not enough: `lpstat` shows neither titles nor error policies, and its words follow the
language of the system. Each question opens a connection of its own: cupsd closes idle ones, and a job that met a
closed connection could not be told from one whose answer was lost.
"""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from pyipp import IPP
from pyipp.enums import IppJobState, IppOperation, IppPrinterState, IppStatus, IppTag
from pyipp.exceptions import IPPError
from pyipp.tags import ATTRIBUTE_TAG_MAP

from edge_agent.errors import LinkBrokenError, LinkDownError
from edge_agent.printers.transports.queue.contract import TITLE_PREFIX, JobReport, Phase

ATTRIBUTE_TAG_MAP.setdefault("purge-job", IppTag.BOOLEAN)
"""A row that pyipp lacks. CUPS IPP operations, Cancel-Job: purge-job removes the job's files too; without it anybody
may have a finished job printed again for a day (PreserveJobFiles of cupsd.conf, default 86400 s)."""

SAFE_POLICY = "abort-job"
"""The one error policy of lpadmin(8) that never sends a job twice: retry-job and retry-current-job send it again by
themselves, and stop-printer keeps it and sends it from its beginning when somebody enables the queue."""

FORWARDERS = ("beh", "dnssd", "http", "https", "implicitclass", "ipp", "ipps", "lpd", "smb")
"""Backends that repeat a job by themselves (`beh`, `lpd`; backend(7), CUPS_BACKEND_RETRY) or hand it to another
spooler, whose policy cannot be seen from here."""

_SOCKETS = ("/run/cups/cups.sock", "/var/run/cups/cups.sock", "/private/var/run/cupsd")
_CLASS = 0x0001
"""printer-type of a class: several printers, and a job that failed on one goes to the next."""

_PRINTER_FACTS = (
    "printer-error-policy",
    "printer-is-accepting-jobs",
    "printer-state",
    "printer-state-reasons",
    "printer-type",
    "device-uri",
)
_JOB_FACTS = ("job-state", "job-state-reasons", "job-printer-state-message", "time-at-processing")


class CupsSpooler:
    """One queue of the CUPS server that `CUPS_SERVER` names, else of this computer."""

    def __init__(self, queue: str, timeout_s: float) -> None:
        self._queue, self._timeout_s = queue, timeout_s

    @property
    def queue(self) -> str:
        """Its name."""
        return self._queue

    async def check(self) -> None:
        """See the contract. Raises LinkDownError: the queue cannot print as it is."""
        answer = await self._ask(IppOperation.GET_PRINTER_ATTRIBUTES, {"requested-attributes": list(_PRINTER_FACTS)})
        for expected, got, mend in obstacles(self._queue, _first(answer["printers"])):
            raise LinkDownError(f"queue {self._queue}: expected {expected}, got {got}; {mend}")

    async def stale(self) -> list[int]:
        """See the contract. Asked apart, because CUPS lists 500 at most, and the finished ones first.

        The priority is nobody's business: a moment after a job has ended, CUPS (2.4.2, seen) puts it out of memory, and
        then leaves its name out of a list, unless it is asked for something that it has to read in again.
        """
        wanted = {"requested-attributes": ["job-id", "job-name", "job-priority"]}
        jobs = [
            job
            for which in ("not-completed", "completed")
            for job in (await self._ask(IppOperation.GET_JOBS, {"which-jobs": which, **wanted}))["jobs"]
        ]
        return [job["job-id"] for job in jobs if str(job.get("job-name", "")).startswith(TITLE_PREFIX)]

    async def submit(self, title: str, data: bytes) -> int:
        """See the contract. One Print-Job request: cupsd makes no job of half of one.

        Raises:
            LinkBrokenError: CUPS took the job and named none.
        """
        words = {"job-name": title, "document-format": "application/vnd.cups-raw"}
        job = _first((await self._ask(IppOperation.PRINT_JOB, words, data))["jobs"]).get("job-id")
        if not isinstance(job, int):
            raise LinkBrokenError(f"queue {self._queue}: expected CUPS to name the job it took, got {job}; look for it")
        return job

    async def state(self, job: int) -> JobReport:
        """See the contract."""
        try:
            answer = await self._ask(
                IppOperation.GET_JOB_ATTRIBUTES, {"job-id": job, "requested-attributes": list(_JOB_FACTS)}
            )
        except _UnknownJobError:
            return JobReport(Phase.FAILED, "a job that CUPS does not know any more")
        return report(_first(answer["jobs"]))

    async def cancel(self, job: int) -> None:
        """See the contract."""
        try:
            await self._ask(IppOperation.CANCEL_JOB, {"job-id": job, "purge-job": True})
        except _UnknownJobError:
            return

    async def _ask(self, operation: IppOperation, words: Mapping[str, Any], data: bytes = b"") -> dict[str, Any]:
        # RFC 8011 5.1.9: a natural language is in lower case; pyipp writes en-US, which CUPS of late 2026 refuses
        asker = {"requesting-user-name": _user(), "attributes-natural-language": "en-us"}
        message: dict[str, Any] = {"operation-attributes-tag": {**asker, **words}, **({"data": data} if data else {})}
        connector, place = _server()
        # cupsd knows the user behind its own socket by this header and by the kernel's word (cups-files.conf, PeerCred)
        headers = {"Authorization": f"PeerCred {_user()}"} if isinstance(connector, aiohttp.UnixConnector) else {}
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                aiohttp.ClientSession(connector=connector, headers=headers) as session,
            ):
                ipp = IPP(f"ipp://{place}/printers/{quote(self._queue)}", session=session)
                return await ipp.execute(operation, message)
        except (IPPError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise self._refusal(operation, error) from error

    def _refusal(self, operation: IppOperation, error: Exception) -> LinkBrokenError:
        what = f"queue {self._queue}: expected CUPS to answer {operation.name}"
        if isinstance(error, TimeoutError):
            return LinkBrokenError(f"{what} within {self._timeout_s} s, got nothing; look at the print service")
        status = next(
            (one["status-code"] for one in error.args if isinstance(one, dict) and "status-code" in one), None
        )
        if status == IppStatus.ERROR_NOT_FOUND and operation in (
            IppOperation.GET_JOB_ATTRIBUTES,
            IppOperation.CANCEL_JOB,
        ):
            return _UnknownJobError(f"{what}, got a job it does not know")
        return LinkBrokenError(f"{what}, got {_status_word(status) or error}; look at the print service and the queue")


class _UnknownJobError(LinkBrokenError):
    """CUPS does not know the job."""


def obstacles(queue: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Why a job must not be given to this queue now: expected, got, what to do. Unknown is no permission."""
    policy, device = facts.get("printer-error-policy"), str(facts.get("device-uri", ""))
    if int(facts.get("printer-type") or 0) & _CLASS:
        yield "the queue of one printer", "a class of several", "name the queue of the printer itself"
    if policy != SAFE_POLICY:
        mend = f"run: lpadmin -p {queue} -o printer-error-policy={SAFE_POLICY}"
        yield f"the error policy {SAFE_POLICY}", f"{policy}, which may print a label twice", mend
    if urlsplit(device).scheme in FORWARDERS and "._pdl-datastream." not in device:
        mend = f"connect it directly, for instance: lpadmin -p {queue} -v socket://PRINTER:9100"
        yield "a queue that leads straight to the printer", device, mend
    if facts.get("printer-is-accepting-jobs") is not True:
        yield "a queue that accepts jobs", "one that does not", f"run: cupsaccept {queue}"
    if facts.get("printer-state") not in (IppPrinterState.IDLE, IppPrinterState.PROCESSING):
        yield "a queue that is not stopped", "a stopped one", f"run: cupsenable {queue}"
    if "hold-new-jobs" in _words(facts.get("printer-state-reasons")):
        yield "a queue that prints new jobs", "one that holds them", f"run: cupsenable --release {queue}"


def report(facts: Mapping[str, Any]) -> JobReport:
    """A job's attributes, read (RFC 8011, 5.3.7 and 5.3.8)."""
    state, reasons = facts.get("job-state"), _words(facts.get("job-state-reasons"))
    told = [*(word for word in reasons if word != "none"), str(facts.get("job-printer-state-message") or "")]
    why = ", ".join(word for word in (getattr(state, "name", str(state)).lower(), *told) if word)
    began = facts.get("time-at-processing")
    return JobReport(_phase(state, reasons), why, began if isinstance(began, int) else 0)


def _phase(state: object, reasons: tuple[str, ...]) -> Phase:
    if state is IppJobState.PENDING and "printer-stopped" not in reasons:
        return Phase.WAITING
    if state is IppJobState.PROCESSING:
        return Phase.SENDING
    if state is IppJobState.COMPLETED and "job-completed-with-errors" not in reasons:
        return Phase.DONE
    return Phase.FAILED


def _first(groups: list[dict[str, Any]]) -> dict[str, Any]:
    return groups[0] if groups else {}


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()


def _status_word(status: int | None) -> str:
    try:
        return IppStatus(status).name if status is not None else ""
    except ValueError:
        return f"IPP status {status:#06x}"


def _user() -> str:
    """Whose jobs ours are. A service in a container may run as a number without a name, and then prints as `nobody`:
    CUPS 2.4.2-3+deb12u10 dies of a job whose user its computer does not know (seen)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "nobody"


def _server() -> tuple[aiohttp.BaseConnector | None, str]:
    """How to reach cupsd, as cups(1) reads `CUPS_SERVER`: a host with or without a port, or the path of a socket."""
    named = os.environ.get("CUPS_SERVER", "").partition("/version=")[0]
    path = named if named.startswith("/") else "" if named else next(filter(os.path.exists, _SOCKETS), "")
    if path:
        return aiohttp.UnixConnector(path), "localhost"
    return None, named or "localhost"
