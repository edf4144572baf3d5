"""What the page shows to who connects: one context for each certificate, and a new one as soon as its files change.

The context is replaced and never changed: OpenSSL keeps a certificate of each kind of key, so one that was given
after another would leave the old one in. Connections that are open go on with theirs.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509

from edge_agent.access.tls.authority import RENEW_DAYS
from edge_agent.access.tls.site_folder import SiteFolder
from edge_agent.access.tls.terms import TlsTerms
from label_protocol.errors import ConfigError

LOOK_S = 5.0
"""Two looks at the time of a file: as nothing, and whoever puts a new certificate there sees it at once."""

_log = structlog.get_logger("edge_agent.access.tls")


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def validity(certificate: Path) -> tuple[datetime, datetime]:
    """From when and until when the certificate that a file begins with holds. Raises ConfigError: there is none."""
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError) as cause:
        raise ConfigError(
            f"读不了页面的证书：{certificate} · [web] tls: expected a certificate (PEM) in {certificate}, got {cause}; "
            "see docs/tls.md"
        ) from cause
    return found.not_valid_before_utc, found.not_valid_after_utc


def context_of(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """What a server needs to show this chain (PEM); TLS 1.2 at least. `key` None: it is in the same file.

    Raises:
        ConfigError: a file cannot be read, they do not belong together, or the key is locked by a password.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")  # without it OpenSSL would ask at the terminal
    except (OSError, ValueError) as cause:
        raise ConfigError(
            f"页面的证书不能用：{certificate} · [web] tls: expected a certificate and its key, without a password, in "
            f"{certificate}{f' and {key}' if key else ''} (PEM), got {_why(cause)}; see docs/tls.md"
        ) from cause
    return context


def require_shown(terms: TlsTerms) -> None:
    """Raises ConfigError: a page of these terms would have no certificate to show."""
    if terms.mode == "site":
        SiteFolder(terms.folder).authority()
    elif terms.mode == "given":
        context_of(terms.certificate or Path(), terms.key)


def _why(cause: Exception) -> str:
    """Without the path, which a log does not hold."""
    root = cause.__cause__ or cause
    return getattr(root, "reason", None) or getattr(root, "strerror", None) or type(root).__name__


class Shown:
    """The certificate that the page shows now. `context` is for the next connection, `ends` is when it ends;
    `authority` is what signed it, where that is the site's own."""

    authority: x509.Certificate

    def __init__(self, terms: TlsTerms, now: Callable[[], datetime] = utc_now) -> None:
        """Raises ConfigError: it cannot be shown; a site's own is made anew before that, if it is due."""
        self._now, self._said = now, ""
        self._site = SiteFolder(terms.folder) if terms.mode == "site" else None
        self._certificate = self._site.page_path if self._site else terms.certificate or Path()
        self._key = terms.key
        if self._site is not None:
            self._site.renew_if_due(now())
        self._load()

    def look(self) -> None:
        """Renew what is due and show what is new. What is wrong is told once, and the old one shown on."""
        try:
            now = self._now()
            if self._site is not None and (now < self._begins or self.ends - now < timedelta(days=RENEW_DAYS)):
                self._site.renew_if_due(now)
            if self._stamp_of_files() != self._stamp:
                self._load()
                self._said = ""
                _log.info("page_certificate", ends=self.ends.isoformat())
        except (ConfigError, OSError) as cause:
            if (why := _why(cause)) != self._said:
                self._said = why
                _log.warning("page_certificate_kept", why=why)

    async def keep(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Looks for as long as the agent runs."""
        while True:
            await sleep(LOOK_S)
            try:
                self.look()
            except Exception:
                _log.exception("page_certificate_stumbled")

    def _load(self) -> None:
        stamp = self._stamp_of_files()  # before: what changes meanwhile is another one
        context, times = context_of(self._certificate, self._key), validity(self._certificate)
        self.context, self._stamp, (self._begins, self.ends) = context, stamp, times
        if self._site is not None:
            self.authority = self._site.authority().certificate

    def _stamp_of_files(self) -> tuple[int, ...]:
        files = [one for one in (self._certificate, self._key) if one is not None]
        try:
            return tuple(number for one in files for number in (one.stat().st_mtime_ns, one.stat().st_ino))
        except OSError:
            return ()
