"""Puts the registry together: its routes, and what their handlers share. Torn down in the opposite order.

`build_app(dsn or pool, config)` gives an `aiohttp.web.Application`, for an `aiohttp.web.AppRunner` or a test client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from central_registry.cases.page import ComplaintPage
from central_registry.complaining import COUNTER, Counter, get_case, get_form, post_case, post_form
from central_registry.config import RegistryConfig
from central_registry.console.mount import add_console
from central_registry.consumer.scan_page import ScanPage
from central_registry.db import Pool, now
from central_registry.exchange.limits import Limits
from central_registry.fence.roles import Logins
from central_registry.http import epcis, epcis_query, epcis_words
from central_registry.http.admin.endpoint import route
from central_registry.http.admin.people import post_login
from central_registry.http.admin.table import ENDPOINTS
from central_registry.http.agents import (
    get_check_keys,
    get_distribution,
    get_events,
    post_bodies,
    post_enrol,
    post_events,
    post_secret,
    put_secret,
)
from central_registry.http.calendar import keep_calendar
from central_registry.http.consumer import get_scan, post_check_code
from central_registry.http.context import (
    CLOCK,
    CONFIG,
    COUNTERS,
    DOORSTEP,
    GATE,
    PAGE,
    gate_of,
    let_go,
    news_of,
    pools_of,
)
from central_registry.http.counters import Counters
from central_registry.http.exchange import LIMITS, get_verify, post_verify
from central_registry.http.health import get_health
from central_registry.http.metrics import get_metrics, get_ready
from central_registry.http.openapi import described_by
from central_registry.http.refusals import get_problem, problems
from central_registry.http.resolver import DESCRIPTION, get_description, open_to_scripts, options_of_code
from central_registry.http.updates import get_update
from central_registry.http.webhooks import keep_telling
from central_registry.parties.doorstep import Doorstep
from label_protocol import wire

ROUTES = (
    web.post("/v1/enrol", post_enrol),
    web.post("/v1/agents/{agent}/events", post_events),
    web.get("/v1/agents/{agent}/events", get_events),
    web.get("/v1/agents/{agent}/feed", get_distribution),
    web.post("/v1/agents/{agent}/bodies", post_bodies),
    web.get("/v1/agents/{agent}/check-keys", get_check_keys),
    web.post("/v1/agents/{agent}/secret", post_secret),
    web.put("/v1/agents/{agent}/secret", put_secret),
    web.post("/v1/admin/login", post_login),
    web.get("/problems/{kind}", get_problem),
    web.get("/healthz", get_health),
    web.get("/readyz", get_ready),
    web.get("/metrics", get_metrics),
    web.get("/updates/{part:metadata|targets}/{name}", get_update),
    web.get("/v1/verify/{code:.+}", get_verify),
    web.post("/v1/verify", post_verify),
    *epcis.ROUTES,
    *epcis_query.ROUTES,
    web.get("/01/{rest:.*}", get_scan),
    web.post("/01/{rest:.*}", post_check_code),
    web.options("/01/{rest:.*}", options_of_code),
    web.get(DESCRIPTION, get_description),
    web.get("/former/{rest:.*}", get_scan),
    web.get("/complaint", get_form),
    web.post("/complaint", post_form),
    web.get("/complaint/{number}", get_case),
    web.post("/complaint/{number}", post_case),
)
"""All that can be asked of the registry."""

_SCANS = ("/01/", "/.well-known/", "/former/", "/problems/", "/healthz", "/readyz")
"""What a scan worker answers of it."""


def build_app(
    database: str | Logins | Pool, config: RegistryConfig | None = None, *, clock: Callable[[], datetime] = now
) -> web.Application:
    """Build it on a DSN or the roles' logins (it then migrates, makes and closes its own pools), or on a pool of the
    caller's."""
    app = _bare(config or RegistryConfig(), clock)
    app[DOORSTEP] = Doorstep()
    app[GATE] = gate_of(app[CONFIG])
    app[COUNTER] = Counter(ComplaintPage(app[CONFIG].site.name, app[CONFIG].complaint))
    app[LIMITS] = Limits()
    app[epcis_words.READING] = asyncio.Semaphore(epcis_words.AT_ONCE)
    app.cleanup_ctx.extend([pools_of(database, app[CONFIG]), news_of, keep_calendar, keep_telling])
    app.on_shutdown.append(let_go)
    app.router.add_get("/openapi.json", described_by(ROUTES, ENDPOINTS))
    app.add_routes([*ROUTES, *(route(endpoint) for endpoint in ENDPOINTS)])
    add_console(app)
    return app


def build_scans(
    logins: Logins, config: RegistryConfig | None = None, *, clock: Callable[[], datetime] = now
) -> web.Application:
    """Build what a scan worker answers: pages of labels, and whether it can. The database is as it is."""
    app = _bare(config or RegistryConfig(), clock)
    app.cleanup_ctx.append(pools_of(logins, app[CONFIG], scans_alone=True))
    app.add_routes([one for one in ROUTES if one.path.startswith(_SCANS)])
    return app


def _bare(config: RegistryConfig, clock: Callable[[], datetime]) -> web.Application:
    app = web.Application(middlewares=[problems], client_max_size=wire.MAX_UNPACKED)
    app[CONFIG] = config
    app[CLOCK] = clock
    app[PAGE] = ScanPage(config)
    app[COUNTERS] = Counters()
    app.on_response_prepare.append(open_to_scripts)
    return app
