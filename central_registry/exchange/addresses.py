"""Says where the registry may be sent by somebody else: to https, a name, and addresses of the public internet. Pure.

Two checks, since a name says nothing of where it leads: the address as it is written down (`checked_url`), and what the
name stands for at the moment of sending (`is_public`), by which the connection is then made. An address in figures is
refused in every form: what reads `127.1`, `2130706433` or `0x7f.1` differs from program to program.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from central_registry.problems import ProblemError

MOST_SIGNS = 500
PORTS = (None, 443, 8443)
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PRINTED = re.compile(r"[!-~]+", re.ASCII)
_LEADS_ELSEWHERE = tuple(
    ipaddress.ip_network(net)
    # RFC 6052 and 3056, 4380: within them stands an IPv4 address, which may be a private one
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)


def checked_url(text: str) -> str:
    """The address, if something may be sent there.

    Raises:
        ProblemError: 422.
    """
    try:
        parts = urlsplit(text)
        sound = (
            len(text) <= MOST_SIGNS
            and _PRINTED.fullmatch(text) is not None
            and parts.scheme == "https"
            and parts.port in PORTS
            and "@" not in parts.netloc
            and not parts.fragment
            and _NAME.fullmatch(parts.hostname or "") is not None
        )
    except ValueError:
        sound = False
    if not sound:
        raise ProblemError(
            "unprocessable",
            f"地址不能用 · url: expected https://NAME/…, port 443 or 8443, a name and no IP address, got {text[:80]!r}",
        )
    return text


def is_public(address: str) -> bool:
    """Whether a connection may go there.

    >>> is_public("93.184.215.14"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1"), is_public("169.254.169.254")
    (True, False, False, False)
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if any(found in net for net in _LEADS_ELSEWHERE):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)
