"""Says where a request comes from: who connected, or what a proxy says that the configuration names."""

from __future__ import annotations

import ipaddress

from aiohttp import web

from central_registry.http.context import CONFIG
from label_protocol.networks import plain_address


def address_of(request: web.Request) -> str:
    """The address of who asks; '' for this computer. Behind a proxy of `[http] proxies` the last one that it added to
    `X-Forwarded-For` and that is no proxy's; whoever else sends that header is not believed. An IPv4 address that comes
    over IPv6, as a socket for both writes it, is the one that the configuration names."""
    trusted = {plain_address(str(one)) for one in request.app[CONFIG].http.proxies}
    remote = plain_address(request.remote or "")
    if remote not in trusted:
        return remote
    hops = [plain_address(hop.strip()) for hop in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")]
    last = next((hop for hop in reversed(hops) if hop not in trusted), "")
    return last if _is_address(last) else remote


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False
