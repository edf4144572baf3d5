"""The pump: ships events and pulls the feed in a task of its own, so that no print ever waits for the network.

It touches the ledger only through `LedgerThread.do`, one short order at a time. It wakes when something was issued
(`notify`), otherwise every `idle_s` seconds, and asks even with nothing to tell: only so does it hear of recalls, of a
restored registry, and of a second machine. Beside it a question for news stands open at a registry that can hold one
(`listen.py`). While events are refused the feed is asked as often as ever, and the events are sent again seldom. A
registry that does not answer is asked again after 1, 2, 4 … seconds up to five minutes, each shortened by chance, so
that a hundred agents do not come back in the same second. One that is busy says itself when to come back: that is no
failure, and the operator hears of it only if it does not end.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from edge_agent.clock import Clock, Probe, no_probe
from edge_agent.errors import RegistryAwayError, RegistryBusyError, RegistryRefusedError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.messages import sync as words
from edge_agent.messages.text import Words
from edge_agent.sync.contract import RegistryClient
from edge_agent.sync.listen import Listener
from edge_agent.sync.shipper import UNKNOWN_HERE, ClonedError, Shipper
from label_protocol.errors import AgentError

Wait = Callable[[asyncio.Event, float], Awaitable[None]]
"""Returns when the event is set or so many seconds have passed."""

Errand = Callable[[bool], Awaitable[None]]
"""Something else to ask the registry for at each turn; True: a person ordered this one."""

_log = structlog.get_logger("edge_agent.sync")
_DISTRIBUTION_PAGES = 1_000
ANSWERED = ("online", "refused")
"""States in which a question for news is answered."""

_BUSY_TURNS = 20
"""Turns in a row; after that it is as good as away."""


@dataclass(frozen=True, slots=True)
class PumpSettings:
    """Waits in seconds: when nothing happens, at least between two turns, after the first failure, and at most."""

    idle_s: float
    gap_s: float = 0.25
    backoff_first_s: float = 1.0
    backoff_cap_s: float = 300.0


@dataclass(frozen=True, slots=True)
class SyncView:
    """What a page shows. `state`: `starting`, `online`, `offline`, `refused`, `cloned`, `failed`, since `since`.

    `pending` counts events the registry does not have; it is at least 1 while that is not known. `twin`: the
    fingerprint of a second machine of this identity that spoke at the registry, "" if there is none.
    """

    state: str
    since: str
    pending: int
    acked_seq: int
    last_ack_at: str | None
    words_zh: str
    words_en: str
    error: str
    twin: str = ""

    @property
    def two_machines(self) -> Words | None:
        """What either of two machines of one identity says of it."""
        if self.state == "cloned":
            return Words(self.words_zh, self.words_en)
        return words.twin(self.twin) if self.twin else None

    @property
    def online(self) -> bool:
        """Whether the last turn ended well, or was put off by a registry that is busy."""
        return self.state == "online"


async def wait_for_ring(ring: asyncio.Event, timeout_s: float) -> None:
    """The `Wait` of production."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):  # not `wait_for`, as in `change_signal`
            await ring.wait()


class Pump:
    """Keeps one agent and its registry of one mind. `jitter` gives chance from 0 to 1; `wait` stands in for time."""

    def __init__(
        self,
        ledger: LedgerThread,
        client: RegistryClient,
        *,
        clock: Clock,
        probe: Probe = no_probe,
        settings: PumpSettings,
        wait: Wait = wait_for_ring,
        jitter: Callable[[], float] = random.random,
        errand: Errand | None = None,
    ) -> None:
        self._ledger = ledger
        self._client = client
        self._shipper = Shipper(ledger, client, probe)
        self._clock = clock
        self._settings = settings
        self._wait = wait
        self._jitter = jitter
        self._errand = errand
        self._news = asyncio.Event()
        self._order = asyncio.Event()
        self._news.set()
        self._failures = 0
        self._busy = 0
        self._spared = 0
        self._refusal: RegistryRefusedError | None = None
        self._listener = Listener(ledger, client, self._hear_news)
        self._pending = 0
        self._last_ack_at: str | None = None
        self._state, self._since = "starting", clock()
        self._said, self._error = words.ASKING, ""

    def notify(self, *, now: bool = False) -> None:
        """Something was issued. With `now`, a person asks: a wait after a failure ends too."""
        self._news.set()
        if now:
            self._order.set()

    def view(self) -> SyncView:
        """Where the sync stands; never waits."""
        pending = max(1, self._pending) if self._news.is_set() else self._pending
        said, told = self._said, (self._shipper.acked_seq, self._last_ack_at)
        return SyncView(self._state, self._since, pending, *told, said.zh, said.en, self._error, self._shipper.twin)

    async def run(self) -> None:
        """Turn after turn until cancelled."""
        listening = asyncio.create_task(self._listener.run(), name="listener")
        try:
            while True:
                pause_s, ring = await self.turn()
                self._listener.turned(answered=self._state in ANSWERED)
                await self._wait(self._order, self._settings.gap_s)
                await self._wait(ring, pause_s)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _hear_news(self) -> None:
        """Something was fed down: a turn takes it, also one that waits after a refusal."""
        self._news.set()
        if self._state == "refused":
            self._order.set()

    async def turn(self) -> tuple[float, asyncio.Event]:
        """One turn; how long to wait after it, and what may cut that wait short."""
        ordered = self._order.is_set()
        if self._news.is_set():  # what it is about is not shipped yet
            self._pending = max(1, self._pending)
        self._news.clear()
        self._order.clear()
        try:
            await self._cycle(ordered=ordered)
        except RegistryBusyError as cause:
            return self._put_off(cause)
        except RegistryAwayError as cause:
            return self._failed("offline", words.AWAY, cause)
        except ClonedError as cause:
            said = words.of_cloned(str(cause.problem.get("standing", "")))
            return self._failed("cloned", said, cause, self._settings.backoff_cap_s)
        except RegistryRefusedError as cause:
            said, fed = words.of_refusal(cause.status), cause.status != UNKNOWN_HERE
            return self._failed("refused", said, cause, self._settings.idle_s if fed else self._settings.backoff_cap_s)
        except AgentError as cause:
            return self._failed("failed", words.FAILED, cause)
        except Exception as cause:
            _log.exception("sync_failed")
            return self._failed("failed", words.FAILED, cause)
        self._failures = self._busy = 0
        if self._pending:
            self._news.set()
        self._enter("online", words.IN_STEP, "")
        return self._settings.idle_s, self._news

    async def _cycle(self, *, ordered: bool) -> None:
        """Ship, run the errand, pull the feed; a batch the registry will not take, or not now, does not keep a recall
        from coming down."""
        refusal = await self._ship(ordered=ordered)
        if self._errand is not None:
            await self._errand(ordered)
        if await self._pull_distribution() or await self._hear_time():
            self._news.set()
        if refusal is not None:
            raise refusal

    async def _ship(self, *, ordered: bool) -> RegistryRefusedError | RegistryBusyError | None:
        """Tell what there is; a refusal that leaves the feed to be asked. What was refused is sent again after the
        longest wait, or when a person asks. Raises as `Shipper.ship`, where nothing more is to be asked."""
        if self._spared and not ordered:
            self._spared -= 1
            return self._refusal
        self._spared, self._refusal = 0, None
        try:
            await self._shipper.ship()
            self._last_ack_at = self._clock()
        except RegistryBusyError as cause:
            return cause
        except RegistryRefusedError as cause:
            if cause.status == UNKNOWN_HERE or isinstance(cause, ClonedError):
                raise
            self._spared, self._refusal = self._turns_spared(), cause
        finally:
            self._pending = await self._shipper.pending()
        return self._refusal

    def _turns_spared(self) -> int:
        return max(0, int(self._settings.backoff_cap_s / self._settings.idle_s) - 1)

    async def _hear_time(self) -> bool:
        """What time the registry says it is, now that all it fed is here; True if a lease was closed for it."""
        at = self._client.heard_at
        return bool(at and await self._ledger.do(Ledger.hear, at))

    async def _pull_distribution(self) -> bool:
        """Take in what was fed down; True if anything was, so that the event about it is told soon."""
        taken = False
        for _ in range(_DISTRIBUTION_PAGES):
            before = await self._ledger.do(Ledger.distribution_cursor)
            found = await self._client.distribution(before.cursor if before else None)
            if not found.items and before is not None and before.epoch == found.epoch:
                break
            more = {"digests": found.digests}
            await self._ledger.do(Ledger.receive_distribution, found.cursor, found.epoch, found.items, **more)
            taken = True
            if not found.items:
                break
        return taken

    def _put_off(self, cause: RegistryBusyError) -> tuple[float, asyncio.Event]:
        """It answers, so it is not away; when all who were sent away come back is left to chance."""
        self._busy += 1
        if self._busy > _BUSY_TURNS:
            return self._failed("offline", words.AWAY, cause)
        self._news.set()
        self._enter("online", words.BUSY, "")
        return min(self._settings.backoff_cap_s, cause.retry_after_s * (1 + self._jitter())), self._order

    def _failed(
        self, state: str, said: Words, cause: Exception, pause_s: float | None = None
    ) -> tuple[float, asyncio.Event]:
        """News does not end a wait after a failure; a person's order does. What was to be told is still to be told."""
        self._failures += 1
        self._news.set()
        self._enter(state, said, f"{cause}" or type(cause).__name__)
        if pause_s is None:
            steps = self._settings.backoff_first_s * 2 ** min(self._failures - 1, 20)
            pause_s = min(self._settings.backoff_cap_s, steps) * (0.5 + 0.5 * self._jitter())
        return pause_s, self._order

    def _enter(self, state: str, said: Words, error: str) -> None:
        if state != self._state:
            self._state, self._since = state, self._clock()
            if state == "online":
                _log.info("sync_found")
            else:
                _log.warning("sync_lost", state=state, why=error)
        self._said, self._error = said, error
