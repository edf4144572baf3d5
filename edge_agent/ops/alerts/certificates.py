"""Certificates that somebody has to renew, looked at a few times a day: a look is a call over the network."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from yarl import URL

from edge_agent.config import AgentConfig
from edge_agent.identity.credentials import Credentials
from edge_agent.messages import alert
from edge_agent.messages.text import Words
from edge_agent.ops.alerts.cause import Cause
from edge_agent.ops.doctor import page
from edge_agent.ops.doctor.registry import CERTIFICATE_WARNS_DAYS, certificate_end
from label_protocol.errors import ConfigError

EVERY_S = 6 * 3600.0


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


End = Callable[[], Awaitable[datetime]]
"""Tells when a certificate ends. Raises OSError: it does not hold, or could not be looked at; ConfigError: it is our
own, and cannot be shown."""


def watched(config: AgentConfig) -> list[tuple[Words, End]]:
    """The certificates that this agent depends on, and how each is looked at."""
    credentials = Credentials.load(config.registry.credentials_path)
    url = URL(credentials.registry) if credentials else None
    found: list[tuple[Words, End]] = []
    if url and url.scheme == "https":
        found.append((alert.REGISTRY_CERTIFICATE, lambda: certificate_end(url)))
    if page.has_certificate(config):
        found.append((alert.OWN_CERTIFICATE, lambda: page.certificate_end(config)))
    return found


async def ending(certificates: Sequence[tuple[Words, End]], now: Callable[[], datetime] = utc_now) -> tuple[Cause, ...]:
    """Those that end soon, have ended or do not hold. A registry that cannot be reached is another cause's affair."""
    found = []
    for what, look in certificates:
        try:
            end = await look()
        except (ssl.SSLError, ConfigError) as cause:
            why = cause.__cause__ or cause
            found.append(_cause(what, alert.certificate_bad(what, getattr(why, "reason", None) or type(why).__name__)))
            continue
        except OSError:
            continue
        if (left := (end - now()).days) < CERTIFICATE_WARNS_DAYS:
            found.append(_cause(what, alert.certificate_ending(what, end.astimezone(UTC).date().isoformat(), left)))
    return tuple(found)


def _cause(what: Words, words: Words) -> Cause:
    return Cause("certificate_ending", what.en, words)
