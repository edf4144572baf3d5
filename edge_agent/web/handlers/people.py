"""Who is at this desk, and who works here."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from edge_agent.web import bodies, views
from edge_agent.web.context import asking, keep_session, service


async def get_session(request: web.Request) -> dict[str, Any]:
    """Who is logged in here, and what they may."""
    return views.desk_view(await service(request).people.desk(asking(request)))


async def log_in(request: web.Request) -> web.Response:
    """A badge, and the PIN where one is asked; whoever was logged in here is not any more."""
    body = await bodies.read_body(request, bodies.LogInBody)
    secret = await service(request).people.log_in(asking(request), body.badge, body.pin)
    desk = await service(request).people.desk(asking(request).with_session(secret))
    answer = web.json_response(views.desk_view(desk))
    keep_session(request, answer, secret)
    return answer


async def log_out(request: web.Request) -> web.Response:
    """Nobody is logged in here any more."""
    service(request).people.log_out(asking(request))
    desk = await service(request).people.desk(asking(request).with_session(""))
    answer = web.json_response(views.desk_view(desk))
    keep_session(request, answer, "")
    return answer


async def allow_once(request: web.Request) -> dict[str, Any]:
    """A lead lets whoever is logged in here do one thing once, within a minute."""
    body = await bodies.read_body(request, bodies.LeadBody)
    lead = await service(request).people.allow(asking(request), body.badge, body.pin, body.action)
    return {"action": body.action, "lead": views.person_view(lead), "for_s": views.ALLOWED_S}


async def print_badge(request: web.Request) -> dict[str, Any]:
    """Prints a new badge on a printer; the old one lets nobody in any more."""
    body = await bodies.read_body(request, bodies.BadgeBody)
    person = request.match_info["person_id"]
    words = await service(request).people.print_badge(asking(request), person, body.printer)
    return views.done_view(body.printer, words)


async def list_people(request: web.Request) -> dict[str, Any]:
    """Who works here or did, for the names behind ids."""
    found = await service(request).people.everybody(asking(request))
    return {"people": [views.person_view(one) for one in found]}
