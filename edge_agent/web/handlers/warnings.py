"""What the page has to say in red for as long as it holds."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from edge_agent.access.exposure import OPEN_TO_NETWORK, open_to_network
from edge_agent.web.context import HOST


async def list_warnings(request: web.Request) -> dict[str, Any]:
    """What is dangerous about how this agent is set up."""
    words = open_to_network(request.app[HOST])
    told = [] if words is None else [{"kind": OPEN_TO_NETWORK, "words": {"zh": words.zh, "en": words.en}}]
    return {"warnings": told}
