"""The web application: built once from a service, served by `app.py`, driven as it stands in tests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from aiohttp import web

from edge_agent.service.agent_service import AgentService
from edge_agent.web.acts import ACTS
from edge_agent.web.console.mount import add_console
from edge_agent.web.context import HOST, LOCK, SERVICE, Lock, asking
from edge_agent.web.guard import Handler, guard
from edge_agent.web.health import METRICS, Metrics, count_requests
from edge_agent.web.openapi import describe
from edge_agent.web.pages import add_pages
from edge_agent.web.proxy import behind
from edge_agent.web.routes import API, ROUTES, Route
from edge_agent.web.streams import OPEN, STOPPING


def build_web(
    service: AgentService, *, hosts: Collection[str] = (), host: str = "127.0.0.1", lock: Lock | None = None
) -> web.Application:
    """API, page and metrics over a service. `hosts`: names with dots that this agent is reached by (see `guard`);
    `host`: where it will listen, told if that is more than here; `lock`: how it is locked."""
    lock = lock or Lock()
    proxy = [behind(lock.proxies)] if lock.tls == "proxy" else []
    app = web.Application(middlewares=[count_requests, guard(hosts), *proxy])
    app[SERVICE], app[METRICS], app[STOPPING], app[OPEN] = service, Metrics(), asyncio.Event(), set()
    app[HOST], app[LOCK] = host, lock
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _answering(route))
    description = describe(ROUTES)

    async def openapi(_: web.Request) -> web.Response:
        return web.json_response(description)

    app.router.add_get("/openapi.json", openapi)
    add_pages(app)
    add_console(app)
    app.on_shutdown.append(_end_streams)
    return app


def _answering(route: Route) -> Handler:
    """The row's handler as aiohttp wants it: JSON values become a response with the row's status."""

    acts = ACTS.get((route.method, route.path))

    async def answer(request: web.Request) -> web.StreamResponse:
        if acts is not None:
            await request.app[SERVICE].people.require_shown(asking(request), acts)
        given = await route.handler(request)
        if isinstance(given, web.StreamResponse):
            return given
        headers = {"Location": f"{API}/{route.made.format(**given)}"} if route.status == 201 else None
        return web.json_response(given, status=route.status, headers=headers)

    return answer


async def _end_streams(app: web.Application) -> None:
    app[STOPPING].set()
