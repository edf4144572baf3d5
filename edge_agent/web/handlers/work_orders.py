"""Work orders: sent by programs and by people, printed in parts, put back, closed; their sources, and signed rules."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aiohttp import web

from edge_agent.model.work_order import RuleTerms, SourceKind
from edge_agent.service.intake import MAX_FILE_BYTES, OrdersBody
from edge_agent.service.work_orders import PartOrder
from edge_agent.web import bodies
from edge_agent.web.context import asking, number, service
from edge_agent.web.handlers.catalogue import SHEETS
from edge_agent.web.order_views import order_view, source_view
from edge_agent.web.problems import HttpRefusal
from edge_agent.web.views import job_view
from label_protocol.errors import InputError

MAX_ORDERS_BYTES = 16 * 1024 * 1024
"""35 000 rows of 400 bytes."""


async def send_work_orders(request: web.Request) -> dict[str, Any]:
    """Takes orders of a program, each whole or not at all; the same again are the same orders."""
    intake = service(request).intake
    await intake.allow(asking(request))
    body = await bodies.read_body(request, OrdersBody, MAX_ORDERS_BYTES)
    source = intake.source(body.source, SourceKind.REST)
    return dict(await intake.take_rows(secrets.token_hex(8), source, body.orders))


async def upload_work_orders(request: web.Request) -> dict[str, Any]:
    """Takes a sheet of orders that a person sends: CSV or .xlsx as it is.

    Raises:
        HttpRefusal: another content type, or too much.
        InputError: no `source`.
    """
    intake, query = service(request).intake, request.query
    who = asking(request, query.get("operator", ""))
    await intake.allow(who)
    if request.content_type not in SHEETS:
        raise HttpRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected {', '.join(SHEETS)}; send one of these")
    if not query.get("source"):
        raise InputError("source: expected the source whose sheet this is, got none; add ?source=")
    source = intake.source(query["source"], SourceKind.SHEET)
    data = await bodies.read_bytes(request, MAX_FILE_BYTES)
    name = query.get("name", "sheet")[:200]
    return dict(await intake.upload(secrets.token_hex(8), name, source, data, who))


async def list_work_orders(request: web.Request) -> dict[str, Any]:
    """Orders that wait for labels, the most urgent first; with `state=ended` those that are done or closed."""
    there, limit = service(request).work_orders, number(request, "limit", 200)
    if request.query.get("state") == "ended":
        return {"work_orders": [order_view(one) for one in await there.ended(limit)]}
    found = await there.waiting(request.query.get("find", "")[:100], limit)
    return {"work_orders": [order_view(one) for one in found.orders], "count": found.count, "matching": found.matching}


async def get_work_order(request: web.Request) -> dict[str, Any]:
    """One order: what was asked, given to printers, printed, and what is left."""
    return order_view(await service(request).work_orders.find(request.match_info["order_id"]))


async def print_work_order(request: web.Request) -> dict[str, Any]:
    """Gives a part of an order to a printer; the same part again is the same job."""
    body = await bodies.read_body(request, bodies.PartBody)
    part = PartOrder(body.part, body.quantity, body.printer, body.template, body.firm)
    there = service(request).work_orders
    return job_view(await there.print_part(request.match_info["order_id"], part, asking(request, body.operator)))


async def put_back_work_order(request: web.Request) -> dict[str, Any]:
    """Takes an order off its printers: what its jobs did not draw is left again; a closed order is open again."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return order_view(
        await service(request).work_orders.put_back(request.match_info["order_id"], asking(request, body.operator))
    )


async def close_work_order(request: web.Request) -> dict[str, Any]:
    """Wants no more labels of an order."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    there = service(request).work_orders
    return order_view(await there.close(request.match_info["order_id"], asking(request, body.operator), body.reason))


async def list_sources(request: web.Request) -> dict[str, Any]:
    """Where orders come from, what is wrong there, and how far a file is read."""
    return {"sources": [source_view(one) for one in await service(request).intake.sources()]}


async def list_rules(request: web.Request) -> dict[str, Any]:
    """What leads signed, the newest first."""
    return {"rules": [asdict(one) for one in await service(request).rules.all()]}


async def sign_rule(request: web.Request) -> dict[str, Any]:
    """Signs that orders of a source print without a person."""
    body = await bodies.read_body(request, bodies.RuleBody)
    terms = RuleTerms(**body.model_dump(exclude={"operator"}))
    return asdict(await service(request).rules.sign(terms, asking(request, body.operator)))


async def end_rule(request: web.Request) -> dict[str, Any]:
    """Ends a rule now."""
    body = await bodies.read_body(request, bodies.OperatorBody)
    return asdict(await service(request).rules.end(request.match_info["rule_id"], asking(request, body.operator)))
