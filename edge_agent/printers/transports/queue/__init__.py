"""`queue://NAME`: a printer behind the operating system's print queue; NAME is percent-encoded.

One way, and one raw job per window. A queue says that bytes were handed to the printer, never that there is paper. Its
dangers are that it sends a job twice, or hours later: so a queue that would try again is refused, jobs that an earlier
life left are cancelled before anything else, and a job that did not simply go through is a broken link. A queue stays
open for weeks and its settings do not stay what they were, so they are looked at again while it is open, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from urllib.parse import quote, unquote

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError, LinkError
from edge_agent.printers.transports.contract import TransportOptions
from edge_agent.printers.transports.queue.contract import TITLE_PREFIX, JobReport, Phase, Spooler
from edge_agent.printers.transports.queue.names import TitledZebra, queues
from label_protocol.errors import ConfigError

__all__ = ["TITLE_PREFIX", "QueueTransport", "queue_url", "queues"]

_LOOK_S = 0.05
_LOOK_AT_MOST_S = 0.5
"""How long between looks at a job: short at first, as a window is small, then twice as long each time."""
_FIT_FOR_S = 1.0
"""How long a queue that was found fit is taken for fit by `read`. `commit` takes nobody's word for it."""


class QueueTransport:
    """One queue. Never submits a job twice."""

    def __init__(self, url: str, options: TransportOptions, spooler: Spooler | None = None) -> None:
        self._url, self._options = url, options
        self._spooler = spooler or _spooler(_name(url), options.connect_timeout_s)
        self._zebra = TitledZebra(self._spooler)
        self._open = False
        self._lost: str | None = None
        self._unfit: str | None = None
        self._fit_s = 0.0
        """When it was last found fit, by the loop's clock."""
        self._unsent = bytearray()
        self._job: int | None = None
        self._began = 0
        self._sending = False
        self._perhaps_there = False
        """A job was given away and its end has not been seen."""

    @property
    def url(self) -> str:
        """As given."""
        return self._url

    @property
    def queue(self) -> str:
        """The queue's name."""
        return self._spooler.queue

    @property
    def two_way(self) -> bool:
        """Never."""
        return False

    @property
    def clean(self) -> bool:
        """Always: jobs are raw."""
        return True

    async def open(self) -> None:
        """Find the queue, cancel what an earlier life left in it, and see that it prints, and once.

        Raises:
            LinkDownError: not there, taken, or not ready in time.
        """
        if self._open:
            return
        try:
            async with asyncio.timeout(self._options.connect_timeout_s):
                await self._ready()
        except (LinkError, TimeoutError) as error:
            raise LinkDownError(self._unready(error)) from error
        self._open, self._lost, self._unfit, self._fit_s = True, None, None, asyncio.get_running_loop().time()

    def _unready(self, error: Exception) -> str:
        """Always led by the URL, by which `words.of_link` knows that no cable is at fault."""
        if isinstance(error, LinkDownError):
            return f"{self._url}: {str(error).removeprefix(f'queue {self.queue}: ')}"
        silence = f"no answer for {self._options.connect_timeout_s} s; look at the print service"
        got = silence if isinstance(error, TimeoutError) else error
        return f"{self._url}: expected a queue that is ready, got {got}"

    async def _ready(self) -> None:
        found = await asyncio.to_thread(queues)
        if self._spooler.queue not in found:
            names = ", ".join(found) or "no queue at all"
            raise LinkDownError(
                f"queue {self.queue}: expected a queue of that name, got {names}; correct it or make the queue"
            )
        await self._sweep()
        await self._spooler.check()

    async def _still_fit(self) -> None:
        """The checks of `open` once more. What they find is the end of this link: only `open` may find it mended."""
        try:
            async with asyncio.timeout(self._options.connect_timeout_s):
                await self._spooler.check()
        except (LinkError, TimeoutError) as error:
            self._lost = self._unfit = self._unready(error)
            raise LinkBrokenError(self._unfit) from error
        self._fit_s = asyncio.get_running_loop().time()

    async def _sweep(self) -> None:
        """Before the checks, because a stopped queue with an old label in it prints that label when it is mended."""
        for job in await self._spooler.stale():
            await self._spooler.cancel(job)

    async def write(self, data: bytes) -> None:
        """Keep for the next `commit`."""
        self._opened()
        self._unsent += data

    async def commit(self, title: str) -> None:
        """Hand over as one job all that was written since the last one, if the queue is still fit; see the contract."""
        await self.flush()
        data = bytes(self._unsent)
        self._unsent.clear()
        if data:
            await self._still_fit()
            self._perhaps_there = True
            self._job = await self._given(data, title)
            await self.flush()

    async def _given(self, data: bytes, title: str) -> int:
        try:
            async with asyncio.timeout(self._options.write_timeout_s):
                return await self._zebra.deliver(data, title)
        except (LinkBrokenError, TimeoutError) as error:
            why = "no answer" if isinstance(error, TimeoutError) else str(error)
            raise self._broken(f"the job {title!r} to be taken", why) from error

    async def flush(self) -> None:
        """Until the job has ended; see the contract.

        Raises:
            LinkBlockedError: not all was taken within `write_timeout_s`.
        """
        self._opened()
        pause_s, seen = _LOOK_S, "no word of it"
        try:
            async with asyncio.timeout(self._options.write_timeout_s):
                while self._job is not None:
                    seen = await self._look(self._job)
                    await asyncio.sleep(pause_s if self._job is not None else 0)
                    pause_s = min(2 * pause_s, _LOOK_AT_MOST_S)
        except TimeoutError as error:
            raise LinkBlockedError(
                f"{self._url}: expected job {self._job} to end within {self._options.write_timeout_s} s, got {seen}; "
                f"look at the printer"
            ) from error

    async def _look(self, job: int) -> str:
        """The spooler's word for it. Forgets the job when it is done."""
        try:
            report = await self._spooler.state(job)
        except LinkBrokenError as error:
            raise self._broken(f"word of job {job}", str(error)) from error
        if report.phase is Phase.FAILED or self._sent_again(report):
            why = report.reason if report.phase is Phase.FAILED else f"one that is sent again ({report.reason})"
            with contextlib.suppress(LinkError):
                await self._spooler.cancel(job)
            raise self._broken(f"job {job} to go through once", why)
        if report.phase is Phase.DONE:
            await self._forget(job)
        return report.reason

    def _sent_again(self, report: JobReport) -> bool:
        """Back in the queue after it was on its way, or on its way for the second time."""
        back = self._sending and report.phase is Phase.WAITING
        anew = 0 not in (self._began, report.began) and report.began != self._began
        self._sending |= report.phase is Phase.SENDING
        self._began = self._began or report.began
        return back or anew

    async def _forget(self, job: int) -> None:
        """It went through. Its data goes too, if the spooler obeys: what is kept can be printed again by hand."""
        self._job, self._perhaps_there, self._sending, self._began = None, False, False, 0
        with contextlib.suppress(LinkError):
            await self._spooler.cancel(job)

    async def read(self, timeout_s: float) -> bytes:
        """Silence. Raises LinkBrokenError: the queue is not fit any more, with the sentence that `open` would say."""
        if not self._open:
            raise LinkBrokenError(f"{self._url}: expected an open queue, got a closed one; open it first")
        if self._unfit is not None:
            raise LinkBrokenError(self._unfit)
        if asyncio.get_running_loop().time() - self._fit_s >= _FIT_FOR_S:
            await self._still_fit()
        await asyncio.sleep(max(timeout_s, 0))
        return b""

    async def close(self) -> None:
        """Cancel a job that has not ended, forget unsent bytes. What cannot be cancelled now is at the next open."""
        self._open = False
        self._unsent.clear()
        job, self._job = self._job, None
        with contextlib.suppress(LinkError, TimeoutError):
            async with asyncio.timeout(self._options.connect_timeout_s):
                if job is not None:
                    await self._spooler.cancel(job)
                elif self._perhaps_there:
                    await self._sweep()
        self._perhaps_there, self._sending, self._began = False, False, 0

    def _opened(self) -> None:
        if not self._open:
            raise LinkBrokenError(f"{self._url}: expected an open queue, got a closed one; open it first")
        if self._lost is not None:
            raise LinkBrokenError(self._lost)

    def _broken(self, expected: str, got: str) -> LinkBrokenError:
        self._lost = (
            f"{self._url}: expected {expected}, got {got}; look at the queue and scan the labels of this window"
        )
        return LinkBrokenError(self._lost)


def queue_url(name: str) -> str:
    """The URL of the queue of that name."""
    return f"queue://{quote(name, safe='')}"


def _name(url: str) -> str:
    name = url.partition("://")[2]
    if not name or set(name) & set("/?#"):
        raise ConfigError(f"printer url: expected queue://NAME with the name percent-encoded, got {url!r}; correct it")
    return unquote(name)


def _spooler(name: str, timeout_s: float) -> Spooler:
    """The one of this system. Each imports a client library of its own, which the other systems need not have."""
    if os.name == "nt":
        from edge_agent.printers.transports.queue.windows import WindowsSpooler

        return WindowsSpooler(name)
    from edge_agent.printers.transports.queue.cups import CupsSpooler

    return CupsSpooler(name, timeout_s)
