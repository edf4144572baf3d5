"""Finding labels, the life of one, and what is missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.model.search import LabelSearch
from edge_agent.service.find import between_days
from edge_agent.web import bodies, views
from edge_agent.web.context import asking, number, service


async def find_labels(request: web.Request) -> dict[str, Any]:
    """Labels by what is known of them, the newest first; `next` is where to go on."""
    query, find = request.query, service(request).find
    if text := query.get("serial"):
        return {"labels": [views.found_view(await find.label(text))], "next": None}
    by = {name: query.get(name, "") for name in ("style_no", "size", "lot_no", "operator", "printer", "state")}
    wanted = between_days(LabelSearch(job_id=query.get("job", ""), **by), query.get("from", ""), query.get("to", ""))
    page = await find.labels(wanted, number(request, "limit", 100), query.get("after", ""))
    return {"labels": [views.found_view(one) for one in page.labels], "next": page.next}


async def label_life(request: web.Request) -> dict[str, Any]:
    """What happened to a serial, oldest first."""
    return {"life": [asdict(row) for row in await service(request).find.life(request.match_info["serial"])]}


async def list_missing(request: web.Request) -> dict[str, Any]:
    """Void labels of a job or a lot that nothing replaces."""
    scope = {"job_id": request.query.get("job", ""), "lot_no": request.query.get("lot", "")}
    return views.missing_view(await service(request).find.missing(**scope))


async def replace_missing(request: web.Request) -> dict[str, Any]:
    """Orders as many labels as somebody saw missing; each names the one it replaces."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_body(request, bodies.MissingBody)
    scope = {"job_id": body.job, "lot_no": body.lot}
    opened = await service(request).find.replace_missing(key, asking(request, body.operator), body.missing, **scope)
    return {"jobs": [views.job_view(job) for job in opened]}
