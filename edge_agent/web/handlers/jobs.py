"""Jobs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from aiohttp import web

from edge_agent.web import bodies, views
from edge_agent.web.context import asking, number, service
from edge_agent.web.order_views import origin_view
from edge_agent.web.streams import stream


async def submit_job(request: web.Request) -> dict[str, Any]:
    """Opens a job, or finds the one the same key opened."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_object(request)
    return views.job_view(await service(request).jobs.submit(body, key, asking(request)))


async def list_jobs(request: web.Request) -> dict[str, Any]:
    """Jobs, newest first; `next` is the job to go on after, null at the end."""
    limit = number(request, "limit", 100)
    jobs = await service(request).jobs.recent(limit + 1, request.query.get("after", ""))
    following = jobs[limit - 1].job_id if len(jobs) > limit else None
    return {"jobs": [views.job_view(job) for job in jobs[:limit]], "next": following}


async def get_job(request: web.Request) -> dict[str, Any]:
    """One job; `work_order` says which order it prints, and who signed for it (null: it was ordered by itself)."""
    job_id = request.match_info["job_id"]
    job = views.job_view(await service(request).jobs.find(job_id))
    return job | {"work_order": origin_view(await service(request).work_orders.order_of_job(job_id))}


async def job_events(request: web.Request) -> web.StreamResponse:
    """The job now and at every change, until it ends. An unknown job is a 404, not a stream."""
    jobs, job_id = service(request).jobs, request.match_info["job_id"]
    await jobs.find(job_id)

    async def items() -> AsyncGenerator[tuple[str, Any]]:
        async for job in jobs.follow(job_id):
            yield "job", views.job_view(job)

    async with aclosing(items()) as found:
        return await stream(request, found)


async def pause_job(request: web.Request) -> dict[str, Any]:
    """Stops after the window in hand."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return views.job_view(
        await service(request).jobs.pause(request.match_info["job_id"], asking(request, body.operator))
    )


async def resume_job(request: web.Request) -> dict[str, Any]:
    """Goes on with labels never drawn."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return views.job_view(
        await service(request).jobs.resume(request.match_info["job_id"], asking(request, body.operator))
    )


async def cancel_job(request: web.Request) -> dict[str, Any]:
    """Draws no more serials."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return views.job_view(
        await service(request).jobs.cancel(request.match_info["job_id"], asking(request, body.operator))
    )
