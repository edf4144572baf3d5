"""What leaves this computer without a lock: a page for a whole network, and a registry called without TLS. Pure.

Where nobody is named, whoever reaches the page may order, scrap and release; that is told wherever somebody looks.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from edge_agent.messages.text import Words
from label_protocol.errors import ConfigError

OPEN_TO_NETWORK = "open_to_network"
"""The kind of the warning, for the page."""


def is_this_computer(host: str) -> bool:
    """Whether only this computer itself can be meant by `host`, an address or a name."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def open_to_network(host: str, *, asked: bool = False) -> Words | None:
    """What to tell of a page that listens at `host`; None if it is for this computer alone. `asked`: whoever acts
    logs in."""
    if is_this_computer(host):
        return None
    if asked:
        return Words(
            f"操作页面对网络开放（[web] host = {host}），没有加密：网络里任何人都能看，工牌和 PIN 在路上也看得见",
            f"the page is open to the network ([web] host = {host}) and not encrypted: anybody there can look, and "
            "badge and PIN can be read on their way",
        )
    return Words(
        f"操作页面对网络开放（[web] host = {host}），没有登录：网络里任何人都能下单、报废、解除停发。请改回 127.0.0.1，"
        "或只放在可信的网络里",
        f"the page is open to the network ([web] host = {host}) and has no login: anybody there can order, scrap and "
        "release; set it back to 127.0.0.1, or keep the network to people you trust",
    )


def is_plain(url: str) -> bool:
    """Whether what is said to the registry at `url` can be read and changed on its way."""
    parts = urlsplit(url)
    return parts.scheme.lower() != "https" and not is_this_computer(parts.hostname or "")


def require_locked(url: str, *, allow_plain: bool) -> None:
    """Refuses a registry without TLS on another computer, unless the site has said that it wants that.

    Raises:
        ConfigError: the secret of this agent, its labels and its check keys would go over the network in clear.
    """
    if is_plain(url) and not allow_plain:
        raise ConfigError(
            f"中心地址没有加密，拒绝使用 · registry: expected https://, got {url!r}, where anybody on the way can read "
            "this agent's secret; use https, or set allow_plain_http = true in [registry] if the network is yours"
        )
