"""Agents whose page speaks TLS, and what a client of another program makes of it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from edge_agent.access.tls.authority import Pair
from edge_agent.access.tls.site_folder import SiteFolder
from edge_agent.access.tls.this_computer import names_of
from edge_agent.config import AgentConfig, load_config
from tests.kits.cli_kit import a_site

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


def a_page(folder: Path, **web: Any) -> Path:
    """The configuration of a site whose page is reached so; nothing else is set."""
    path = a_site(folder)
    lines = [f"{key} = {_toml(value)}" for key, value in ({"port": 0, "ca_port": 0} | web).items()]
    path.write_text("\n".join([path.read_text("utf-8"), "[web]", *lines, ""]), encoding="utf-8")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool | int | float) else f"'{value}'"


def a_locked_page(folder: Path, *, names: Sequence[str] = (), **web: Any) -> tuple[AgentConfig, Pair]:
    """A site with an authority of its own; made for the addresses of loopback only, so that no card of this machine
    matters."""
    config = load_config(a_page(folder, tls="site", **web))
    made = SiteFolder(config.tls_folder).make(names_of(names, []), config.site.name, datetime.now(UTC))
    return config, made


def trusting(authority: Pair) -> ssl.SSLContext:
    """A client that trusts this authority alone, as strictly as Python's newest does by itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.certificate.public_bytes(Encoding.PEM).decode())
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    return context
