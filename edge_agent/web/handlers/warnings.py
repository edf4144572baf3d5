"""What the page has to say in red for as long as it holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.access.exposure import OPEN_TO_NETWORK, open_to_network
from edge_agent.web.context import HOST, service


async def list_warnings(request: web.Request) -> dict[str, Any]:
    """What is dangerous about how this agent is set up."""
    people = service(request).people
    words = open_to_network(request.app[HOST], asked=await people.asked())
    network = [] if words is None else [(OPEN_TO_NETWORK, words)]
    told = [*network, *await people.warnings()]
    return {"warnings": [{"kind": kind, "words": asdict(said)} for kind, said in told]}
