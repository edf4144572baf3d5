"""Why nothing may be issued, and what a person must look at: holds and alarms."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.web import bodies, views
from edge_agent.web.context import asking, service


async def list_holds(request: web.Request) -> dict[str, Any]:
    """Why nothing may be issued now."""
    return {"holds": [dict(one) for one in await service(request).site.holds()]}


async def release_hold(request: web.Request) -> dict[str, Any]:
    """An operator's recorded order to go on."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    await service(request).site.release_hold(request.match_info["kind"], asking(request, body.operator), body.reason)
    return await list_holds(request)


async def list_leases(request: web.Request) -> dict[str, Any]:
    """Leases that end soon or have ended, with codes left under them."""
    return {"leases": [asdict(one) | {"words": asdict(one.words)} for one in await service(request).site.leases()]}


async def list_alarms(request: web.Request) -> dict[str, Any]:
    """Open alarms."""
    return {"alarms": [views.alarm_view(one) for one in await service(request).site.alarms()]}


async def close_alarm(request: web.Request) -> dict[str, Any]:
    """Closes an alarm with a reason."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    await service(request).site.close_alarm(request.match_info["alarm"], asking(request, body.operator), body.reason)
    return await list_alarms(request)
