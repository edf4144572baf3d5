"""What the page has to say in red for as long as it holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.access.exposure import OPEN_TO_NETWORK, PROXY_IN_CLEAR, is_this_computer, open_to_network
from edge_agent.web.context import HOST, LOCK, service

TWO_MACHINES = "two_machines"


async def list_warnings(request: web.Request) -> dict[str, Any]:
    """What is dangerous about how this agent is set up."""
    people = service(request).people
    lock, asked = request.app[LOCK], await people.asked()
    words = open_to_network(request.app[HOST], asked=asked, tls=lock.tls, allow_plain=lock.allow_plain)
    network = [] if words is None else [(OPEN_TO_NETWORK, words)]
    if lock.tls == "proxy" and not request.secure and not is_this_computer(request.remote or ""):
        network.append((OPEN_TO_NETWORK, PROXY_IN_CLEAR))
    two = service(request).site.two_machines()
    told = [*network, *([(TWO_MACHINES, two)] if two else []), *await people.warnings()]
    return {"warnings": [{"kind": kind, "words": asdict(said)} for kind, said in told]}
