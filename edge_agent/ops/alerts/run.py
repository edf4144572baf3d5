"""Looks every few seconds and lets each robot be told, one message at a time, beside all else the agent does: no print
waits for a robot, and no robot for another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from edge_agent.config.alerts import AlertRow
from edge_agent.errors import SyncError
from edge_agent.messages.error import of_class
from edge_agent.ops.alerts import formats
from edge_agent.ops.alerts.cause import Cause, Notice
from edge_agent.ops.alerts.certificates import utc_now
from edge_agent.ops.alerts.sender import send
from edge_agent.ops.alerts.watch import Watch

LOOK_EVERY_S = 5.0

_log = structlog.get_logger("edge_agent.alerts")

Look = Callable[[], Awaitable[Sequence[Cause]]]
Send = Callable[[AlertRow, str, bytes], Awaitable[None]]


class Robot:
    """One row of the configuration: what it was told, and the message on its way to it."""

    def __init__(self, row: AlertRow, number: int, site: str, send: Send = send) -> None:
        self._row, self._number, self._site, self._send = row, number, site, send
        self._watch = Watch(row)
        self._under_way: asyncio.Task[None] | None = None

    def see(self, causes: Sequence[Cause], now: datetime) -> None:
        """Takes in what stands, and sends what is due if nothing is on its way already."""
        self._watch.see(causes, now)
        if self._under_way is not None and not self._under_way.done():
            return
        if notices := self._watch.due(now, now.astimezone().time()):
            self._under_way = asyncio.create_task(self._tell(notices, now), name=f"alert-{self._number}")

    async def close(self) -> None:
        """Gives up what is on its way."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)

    async def _tell(self, notices: Sequence[Notice], now: datetime) -> None:
        """Told by its number in the file: its address is a secret."""
        url = formats.address(self._row, int(now.timestamp() * 1000))
        try:
            await self._send(self._row, url, formats.body(self._row, self._site, notices, now))
        except SyncError as cause:
            self._watch.failed(now)
            _log.warning("alert_failed", robot=self._number, kind=self._row.kind, why=str(cause))
        else:
            self._watch.sent(notices, now)
            _log.info("alert_sent", robot=self._number, kind=self._row.kind, told=[_told(one) for one in notices])


def _told(notice: Notice) -> str:
    return f"{notice.cause.event} {notice.state}"


class Alerts:
    """`look` tells what stands; `seldom` what is looked at a few times a day, `seldom_s` apart."""

    def __init__(
        self,
        robots: Sequence[Robot],
        look: Look,
        seldom: Look,
        *,
        seldom_s: float,
        now: Callable[[], datetime] = utc_now,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._robots, self._look, self._seldom, self._seldom_s = robots, look, seldom, seldom_s
        self._now, self._wait = now, wait
        self._looked_at: datetime | None = None
        self._kept: Sequence[Cause] = ()
        self._blind = False
        self._asked: asyncio.Task[Sequence[Cause]] | None = None

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self.turn()
                await self._wait(LOOK_EVERY_S)
        finally:
            for robot in self._robots:
                await robot.close()
            if self._asked is not None:
                self._asked.cancel()

    async def turn(self) -> None:
        """One look. Never raises: a look that fails is told in the log, once, and done again."""
        now = self._now()
        try:
            causes = [*await self._look(), *self._seldom_causes(now)]
        except Exception as cause:
            if not self._blind:
                _log.warning("alert_look_failed", why=of_class(cause))
            self._blind = True
            return
        self._blind = False
        for robot in self._robots:
            robot.see(causes, now)

    def _seldom_causes(self, now: datetime) -> Sequence[Cause]:
        """What was found last; a new look is made beside this one, for it may have to wait for the network."""
        if self._asked is not None and self._asked.done():
            if not self._asked.cancelled() and self._asked.exception() is None:
                self._kept = self._asked.result()
            self._asked = None
        due = self._looked_at is None or abs((now - self._looked_at).total_seconds()) >= self._seldom_s
        if due and self._asked is None:
            self._looked_at, self._asked = now, asyncio.ensure_future(self._seldom())
        return self._kept
