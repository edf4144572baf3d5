"""What this computer is reached by, as far as a certificate can say it."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

from edge_agent.access.tls.terms import Address, Names

_DNS = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9-]{1,63})*")
LOOPBACK: tuple[Address, ...] = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))


def host_name() -> str:
    """The name that this computer has in its network."""
    return socket.gethostname().rstrip(".").lower()


def names_of(hosts: Iterable[str], here: Iterable[str] | None = None) -> Names:
    """Names and addresses of this computer, first those that somebody gave (`hosts`), last what it calls itself.
    `here`: addresses of its network cards; None: it is asked. A name that no certificate can hold is left out: that of
    a PC may be Chinese."""
    dns, addresses = [], []
    for one in (*hosts, host_name(), *(network_addresses() if here is None else here)):
        if (address := address_in(one)) is not None:
            addresses.append(address)
        elif _DNS.fullmatch(one):
            dns.append(one.lower())
    reachable = [one for one in addresses if not (one.is_unspecified or one.is_link_local or one.is_multicast)]
    return Names(tuple(dict.fromkeys([*dns, "localhost"])), tuple(dict.fromkeys([*reachable, *LOOPBACK])))


def network_addresses() -> list[str]:
    """The IPv4 addresses of this computer's network cards. Those of IPv6 change by themselves (RFC 8981): a site that
    reaches its page by one names it."""
    import psutil  # type: ignore[import-untyped]  # needed where a certificate is made or looked at, and nowhere else

    cards = psutil.net_if_addrs().values()
    return [one.address for card in cards for one in card if one.family == socket.AF_INET]


def address_in(text: str) -> Address | None:
    """`text` as an address, with or without the brackets of a URL; None: it is a name."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
