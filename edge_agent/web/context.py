"""What every handler needs: the service, and numbers from the query."""

from __future__ import annotations

from aiohttp import web

from edge_agent.service.agent_service import AgentService
from label_protocol.errors import InputError

SERVICE: web.AppKey[AgentService] = web.AppKey("service", AgentService)

HOST: web.AppKey[str] = web.AppKey("host", str)
"""Where this agent listens."""

MAX_PAGE = 1000
"""Most rows of one answer."""


def service(request: web.Request) -> AgentService:
    """What all handlers ask."""
    return request.app[SERVICE]


def number(request: web.Request, name: str, default: int, *, least: int = 1, most: int = MAX_PAGE) -> int:
    """A whole number of the query. Raises InputError naming it, its bounds and what came."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 8 and least <= int(text) <= most):
        raise InputError(f"{name}: expected a whole number from {least} to {most}, got {text[:40]!r}; correct it")
    return int(text)
