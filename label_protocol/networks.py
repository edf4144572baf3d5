"""Says by what an address is counted: whoever has one IPv6 address has the 2^64 of its network. Pure."""

from __future__ import annotations

import ipaddress

V6_PREFIX = 64
"""Bits of an IPv6 network that one household or office is given at least (RFC 6177): within it addresses are free."""


def plain_address(text: str) -> str:
    """The address as it is written down elsewhere: without a zone, and an IPv4 one that came over IPv6 (RFC 4291,
    2.5.5.2) as itself. What is no address stays as it is."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def counted_as(text: str) -> str:
    """What limits count in place of an address: an IPv4 address itself, the /64 of an IPv6 one. What is no address
    stays as it is."""
    plain = plain_address(text)
    try:
        return str(ipaddress.IPv6Network((plain, V6_PREFIX), strict=False))
    except ValueError:
        return plain
