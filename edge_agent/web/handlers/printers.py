"""Printers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.access.asking import Who
from edge_agent.messages.text import Words
from edge_agent.web import bodies, views
from edge_agent.web.context import asking, service


async def list_printers(request: web.Request) -> dict[str, Any]:
    """Every printer and what it is doing, and the groups that stand in for each other."""
    return asdict(await service(request).printers.all())


async def test_printer(request: web.Request) -> dict[str, Any]:
    """Print a label without a code; `words` say how far it could be proven."""
    return await _maintain(request, service(request).printers.test)


async def calibrate_printer(request: web.Request) -> dict[str, Any]:
    """Have the printer measure its roll; it feeds a few labels."""
    return await _maintain(request, service(request).printers.calibrate)


async def answer_question(request: web.Request) -> dict[str, Any]:
    """A lead's answer to whether another printer stands at this line; `words` say what follows."""
    printer, body = request.match_info["printer_id"], await bodies.read_body(request, bodies.AnswerBody)
    words = await service(request).printers.answer(printer, body.answer, asking(request, body.operator), body.reason)
    return views.done_view(printer, words)


async def _maintain(request: web.Request, task: Callable[[str, Who], Awaitable[Words]]) -> dict[str, Any]:
    """Nothing of it enters the ledger, so a request without a body is taken where nobody is named."""
    printer, body = request.match_info["printer_id"], bodies.OperatorBody()
    if request.can_read_body:
        body = await bodies.read_body(request, bodies.OperatorBody)
    return views.done_view(printer, await task(printer, asking(request, body.operator)))
