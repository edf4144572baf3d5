"""The registry as the doctor hears it: whether it answers, what time it says it is, how long its certificate holds."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from edge_agent.config import AgentConfig
from edge_agent.errors import RegistryAwayError, SyncError, reason_of
from edge_agent.identity.credentials import Credentials
from edge_agent.messages.text import Words
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.row import NOTHING, Found

TIMEOUT_S = 5.0
CLOCK_WARNS_S, CLOCK_BAD_S = 60.0, 600.0
"""The clock decides nothing about a label. A minute is seen on labels and in books; ten minutes break certificates that
are fresh, and robots that sign by the hour."""
CERTIFICATE_WARNS_DAYS = 21
"""Three weeks: those who renew do it at a third of ninety days, and a person has time to ask."""


NOT_ENROLLED = Words("尚未登记：能检查、能预览，不能打印", "not enrolled: it checks and previews, and cannot print")


@dataclass(frozen=True, slots=True)
class Heard:
    """What one question to the registry told. `ahead_s`: how far this computer's clock is ahead of the registry's, to
    a second; None: it told no time."""

    url: URL
    agent: str
    ahead_s: float | None


async def ask(config: AgentConfig) -> Heard | None:
    """Asks the registry whether it is there; None: this agent is not enrolled.

    Raises:
        OSError: it says no.
        RegistryAwayError: it says nothing, or shows a certificate that is not to be trusted.
    """
    credentials = Credentials.load(config.registry.credentials_path)
    if credentials is None:
        return None
    url = URL(credentials.registry.rstrip("/"))
    timeout, trusted = aiohttp.ClientTimeout(total=TIMEOUT_S), ssl.create_default_context()
    before = datetime.now(UTC)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url / "healthz", ssl=trusted) as answer,
        ):
            status, told = answer.status, answer.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError) as cause:
        raise RegistryAwayError(
            f"联系不上平台 {url} · registry {url}: expected an answer, got {reason_of(cause)}"
        ) from cause
    if status != 200:
        raise OSError(f"expected 200 from {url}/healthz, got {status}")
    between = before + (datetime.now(UTC) - before) / 2
    return Heard(url, credentials.agent, ahead_s(told, between))


def ahead_s(told: str, now: datetime) -> float | None:
    """Seconds that `now` is ahead of an HTTP date (RFC 9110, section 5.6.7), which has whole seconds: less than one is
    none. None: it is no date."""
    try:
        difference = (now - parsedate_to_datetime(told)).total_seconds() - 0.5
    except (ValueError, TypeError):
        return None
    return 0.0 if abs(difference) < 1 else difference


def answers(heard: Heard | None) -> Found:
    """Of a site that is not enrolled no fault: it checks and previews, and cannot print, since only a registry allots
    (invariant 5)."""
    if heard is None:
        return Found(NOT_ENROLLED, todo.ENROL)
    return Found(
        Words(f"{heard.url} 有应答，本机是 {heard.agent}", f"{heard.url} answers; this is agent {heard.agent}")
    )


async def clock(heard: Heard) -> Found:
    """Raises SyncError: this computer's clock is more than CLOCK_BAD_S away from the registry's."""
    if heard.ahead_s is None:
        return Found(Words("平台没有报时间", "the registry tells no time"))
    away, way = abs(heard.ahead_s), ("快", "ahead of") if heard.ahead_s > 0 else ("慢", "behind")
    words = Words(f"本机比平台{way[0]} {away:.0f} 秒", f"this computer is {away:.0f} s {way[1]} the registry")
    if away > CLOCK_BAD_S:
        raise SyncError(str(words))
    return Found(
        words if away else Words("和平台一致", "as the registry's"), todo.CLOCK if away > CLOCK_WARNS_S else NOTHING
    )


async def certificate(heard: Heard, now: datetime) -> Found:
    """Until when the registry's certificate holds. Raises OSError: it is not to be trusted, or has ended."""
    return ends(await certificate_end(heard.url), now)


async def certificate_end(url: URL) -> datetime:
    """The end of the certificate that `url` shows, once it was found right. Raises OSError: it was not."""
    async with asyncio.timeout(TIMEOUT_S):
        _, writer = await asyncio.open_connection(url.host, url.port, ssl=ssl.create_default_context())
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert()
    finally:
        writer.close()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


def ends(at: datetime, now: datetime) -> Found:
    """What is said of a certificate that holds until `at`. Raises OSError: it has ended."""
    left = (at - now).days
    day = at.date().isoformat()
    if at <= now:
        raise OSError(f"证书 {day} 已到期 · expected a certificate that holds, got one that ended on {day}; renew it")
    return Found(
        Words(f"到 {day}，还有 {left} 天", f"until {day}, {left} days left"),
        todo.CERTIFICATE if left < CERTIFICATE_WARNS_DAYS else NOTHING,
    )
