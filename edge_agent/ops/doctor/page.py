"""The page as the doctor sees it: whether it is open to a network, how it is locked, how long its certificate holds."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from edge_agent.access.exposure import open_to_network
from edge_agent.access.store import PeopleStore
from edge_agent.access.tls.terms import PAGE, TlsTerms
from edge_agent.config import AgentConfig
from edge_agent.errors import CatalogError
from edge_agent.messages.text import Words
from edge_agent.ops.doctor import registry, todo
from edge_agent.ops.doctor.row import Found, Row
from edge_agent.wiring import tls_terms


def open_page(config: AgentConfig) -> Row | None:
    """Red where anybody may act, or nobody said that it may be in clear; a warning where the site wants it so."""
    web, asked = config.web, _asked(config)
    words = open_to_network(web.host, asked=asked, tls=web.tls, allow_plain=web.allow_plain_http)
    wanted = asked and web.allow_plain_http
    return None if words is None else Row(wanted, "页面 page", str(words), warns=wanted, words=words, todo=todo.PAGE)


def _asked(config: AgentConfig) -> bool:
    with contextlib.suppress(CatalogError):
        return config.people.required == "on" or PeopleStore(config.people_path).named()
    return True  # nobody gets in while the file cannot be read


def has_certificate(config: AgentConfig) -> bool:
    """Whether the page itself shows one."""
    return tls_terms(config).spoken


async def certificate_end(config: AgentConfig) -> datetime:
    """When the page's certificate ends. Raises ConfigError: it cannot be shown, or read."""
    from edge_agent.access.tls.serving import context_of, validity  # only where there is one to look at

    terms = tls_terms(config)
    place, key = (terms.folder / PAGE, None) if terms.mode == "site" else (_given(terms), terms.key)
    context_of(place, key)
    return validity(place)[1]


async def certificate(config: AgentConfig, now: datetime) -> Found:
    """How long it holds, and whether this computer is still reached by what it names. Raises OSError: it has ended;
    ConfigError: as `certificate_end`."""
    own = config.web.tls == "site"
    found = registry.ends(await certificate_end(config), now)
    if own and (missing := _not_named(config)):
        told = ", ".join(missing)
        return Found(
            Words(f"{found.words.zh}；证书里没有 {told}", f"{found.words.en}; it does not name {told}"), todo.NAMES
        )
    if own and found.todo == todo.CERTIFICATE:
        return Found(found.words, todo.OWN_CERTIFICATE)
    return found


def _not_named(config: AgentConfig) -> list[str]:
    """Addresses of this computer, and names of the configuration, for which a browser would not take it."""
    from edge_agent.access.tls.authority import names_of
    from edge_agent.access.tls.site_folder import SiteFolder
    from edge_agent.access.tls.this_computer import names_of as names_here

    named = names_of(SiteFolder(config.tls_folder).authority().certificate).told
    return [one for one in names_here((config.web.host, *config.web.names)).told if one not in named]


def _given(terms: TlsTerms) -> Path:
    assert terms.certificate is not None  # noqa: S101 - the configuration was refused without
    return terms.certificate
