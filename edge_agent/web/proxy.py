"""Behind a proxy: who asks, and whether over TLS, is what the proxy says; nobody else is believed, or let in.

The page itself is in clear here, so a request that did not come over the proxy, or from this computer, is refused: it
crossed the network unlocked, and could say whatever it likes about itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware

from edge_agent.web.guard import Handler
from edge_agent.web.problems import HttpRefusal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def behind(proxies: Sequence[str]) -> Middleware:
    """The middleware for a page behind one of `proxies`, addresses or networks, or one on this computer."""
    networks = [ipaddress.ip_network(one) for one in proxies]

    def trusts(request: web.Request) -> Callable[[Address], bool]:
        own = _own_address(request)
        return lambda address: address.is_loopback or address == own or any(address in one for one in networks)

    @web.middleware
    async def believe_proxy(request: web.Request, handler: Handler) -> web.StreamResponse:
        peer, trusted = _address(request.remote or ""), trusts(request)
        if peer is None or not trusted(peer):
            raise HttpRefusal(
                HTTPStatus.FORBIDDEN,
                "请经代理的 https 地址打开 · expected a request over the proxy of [web] tls, got one past it; open the "
                "proxy's address",
            )
        remote = who_asks(peer, ",".join(request.headers.getall("X-Forwarded-For", ())), trusted)
        way = ",".join(request.headers.getall("X-Forwarded-Proto", ())).rpartition(",")[2].strip().lower()
        return await handler(request.clone(remote=str(remote), scheme="https" if way == "https" else "http"))

    return believe_proxy


def who_asks(peer: Address, forwarded: str, trusted: Callable[[Address], bool]) -> Address:
    """The nearest address that is none of the proxies'. Each proxy adds whom it heard at the end of `forwarded` (X-
    Forwarded-For), so what stands before the first stranger is only that stranger's word. What is no address ends it:
    then the proxy that passed it on is who asks."""
    found = peer
    for word in reversed(forwarded.split(",")):
        said = _address(word)
        if said is None or not trusted(found):
            break
        found = said
    return found


def _own_address(request: web.Request) -> Address | None:
    """That at which the request arrived: who comes from the same one is on this computer, as a command that was told
    to go there."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return _address(str(name[0])) if name else None


def _address(text: str) -> Address | None:
    """With or without a port, as proxies write it; an IPv4 address that came over IPv6 is the one it is."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
