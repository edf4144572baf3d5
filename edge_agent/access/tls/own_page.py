"""How a command on this computer reaches the agent's page: it trusts what the agent's own files say, and nobody else.

The token of this computer goes over that line, so whoever took the port while the agent was down learns none.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_agent.access.tls.terms import AUTHORITY, TlsTerms, url_of
from label_protocol.errors import ConfigError

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OwnPage:
    """`url` has no slash at its end; `how` goes with each request of aiohttp."""

    url: str
    how: Mapping[str, Any] = field(default_factory=dict)


def own_page(terms: TlsTerms, host: str, port: int) -> OwnPage:
    """Raises ConfigError: the certificate that the page shows cannot be read."""
    if not terms.spoken:
        return OwnPage(url_of(host, port, tls=False))
    url = url_of(host, port, tls=True)
    if terms.mode == "site":
        # every certificate of this authority is good for localhost, whatever address the page listens at
        how = {"ssl": trusting(terms.folder / AUTHORITY), "server_hostname": "localhost"}
    else:
        how = {"ssl": trusting(terms.certificate or Path(), pinned=True)}
    return OwnPage(url, how)


def trusting(path: Path, *, pinned: bool = False) -> ssl.SSLContext:
    """Trusts the first certificate of a file: what it signed, or, `pinned`, itself alone under any name, since a
    certificate that was given need not name this computer. Raises ConfigError: there is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pinned:
        context.check_hostname = False
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        found = _CERTIFICATE.search(path.read_text("ascii", "replace"))
        context.load_verify_locations(cadata=found[0] if found else "")
    except (OSError, ValueError) as cause:
        raise ConfigError(
            f"读不了页面的证书 {path} · [web] tls: expected a certificate (PEM) that can be read at {path}, got "
            f"{getattr(cause, 'strerror', None) or cause or 'none'}; see docs/tls.md"
        ) from cause
    return context
