"""What leaves this computer without a lock: a page for a whole network, and a registry called without TLS. Pure.

A page off this computer is locked (docs/tls.md), or its site has said that it wants it in clear. A configuration that
says neither is older than the question: it starts as it did, red wherever somebody looks, until `UNSAID_ENDS`.

Where nobody is named, whoever reaches the page may order, scrap and release; that is told wherever somebody looks.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from edge_agent.access.tls.terms import Mode
from edge_agent.messages.text import Words
from label_protocol.errors import ConfigError

OPEN_TO_NETWORK = "open_to_network"
"""The kind of the warning, for the page."""

UNSAID_ENDS = "0.2"
"""The version from which on a page off this computer is refused without `[web] tls` or `allow_plain_http`."""

UNSAID = Words(
    f"。从 {UNSAID_ENDS} 版起不写 [web] tls 就不启动：请运行 edge-agent tls init，见 docs/tls.md",
    f"; from version {UNSAID_ENDS} on it does not start without [web] tls: run edge-agent tls init, see docs/tls.md",
)
"""Told beside it to a configuration from before there was a lock."""

PROXY_IN_CLEAR = Words(
    "你是经代理用 http 打开这一页的，路上没有加密：请用 https 打开；代理要送 X-Forwarded-Proto",
    "this page came to you over the proxy in clear (http): open it with https; the proxy has to send X-Forwarded-Proto",
)
"""To somebody whom the proxy let in without TLS, or did not say so."""


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


def open_to_network(
    host: str, *, asked: bool = False, tls: Mode | None = None, allow_plain: bool = False
) -> Words | None:
    """What to tell of a page that listens at `host`; None: it is for this computer alone, or it is locked and whoever
    acts logs in (`asked`)."""
    behind_proxy = tls == "proxy"
    if is_this_computer(host) and not behind_proxy:
        return None
    place = (
        Words("前面有代理", "behind a proxy") if behind_proxy else Words(f"[web] host = {host}", f"[web] host = {host}")
    )
    locked = tls not in (None, "off")
    if asked and locked:
        return None
    told = _plain(place) if asked else _open(place, locked=locked)
    return told if locked or allow_plain or tls == "off" else Words(told.zh + UNSAID.zh, told.en + UNSAID.en)


def _plain(place: Words) -> Words:
    return Words(
        f"操作页面对网络开放（{place.zh}），没有加密：网络里任何人都能看，工牌和 PIN 在路上也看得见",
        f"the page is open to the network ({place.en}) and not encrypted: anybody there can look, and badge and PIN "
        "can be read on their way",
    )


def _open(place: Words, *, locked: bool) -> Words:
    return Words(
        f"操作页面对网络开放（{place.zh}），没有登录：网络里任何人都能下单、报废、解除停发。请先加人员（docs/people.md）"
        + ("" if locked else "，或改回 127.0.0.1，或只放在可信的网络里"),
        f"the page is open to the network ({place.en}) and has no login: anybody there can order, scrap and release; "
        "name your people (docs/people.md)"
        + ("" if locked else ", set it back to 127.0.0.1, or keep the network to people you trust"),
    )


def require_page_locked(host: str, tls: Mode | None, *, allow_plain: bool) -> None:
    """Refuses a page off this computer that is said to be in clear, unless the site has said that it wants that.

    Raises:
        ConfigError: badges, PINs and labels would go over the network in clear.
    """
    if tls == "off" and not allow_plain and not is_this_computer(host):
        raise ConfigError(
            "页面给别的电脑用却不加密，拒绝启动：请运行 edge-agent tls init，写 tls = site · [web] tls: expected a "
            f"lock for a page at {host!r}, got off; run edge-agent tls init and set tls = site, or set "
            "allow_plain_http = true in [web] if the network is yours"
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
