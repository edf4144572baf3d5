"""How a site's page is reached and locked, as its configuration says it. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["site", "given", "proxy", "off"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


AUTHORITY, PAGE = "authority.pem", "page.pem"
"""The two files of a site's own folder."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a page is reached by: names as DNS writes them, and addresses."""

    dns: tuple[str, ...]
    addresses: tuple[Address, ...]

    @property
    def first(self) -> str:
        """What people would type; the first that is not this computer's word for itself."""
        return next((one for one in self.told if one != "localhost"), "localhost")

    @property
    def for_others(self) -> str:
        """What a tablet reaches this computer by: an address, since few sites have a server of names."""
        return next((str(one) for one in self.addresses if not one.is_loopback), self.first)

    @property
    def told(self) -> tuple[str, ...]:
        """All of them as text."""
        return (*self.dns, *map(str, self.addresses))


@dataclass(frozen=True, slots=True)
class TlsTerms:
    """`mode` None: nobody said. `folder` is that of the site's own authority; `certificate` and `key` are given files;
    `proxies`: addresses and networks whose word on who asks is believed."""

    mode: Mode | None
    folder: Path
    certificate: Path | None = None
    key: Path | None = None
    proxies: Sequence[str] = ()

    @property
    def spoken(self) -> bool:
        """Whether this agent itself speaks TLS."""
        return self.mode in ("site", "given")


def url_of(host: str, port: int, *, tls: bool) -> str:
    """The page's address as this computer opens it, without a slash at the end; an address of IPv6 stands in brackets
    (RFC 3986, section 3.2.2)."""
    host = to_connect(host)
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def to_connect(host: str) -> str:
    """Where this computer itself reaches what listens at `host`: every address is also its own loopback."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return {4: "127.0.0.1", 6: "::1"}[address.version] if address.is_unspecified else host
