"""What of the site's own its labels may be made with: looked at, approved, rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.messages.approval import KINDS, MODES, STATES
from edge_agent.model.review import Review
from edge_agent.service.approvals import Form
from edge_agent.web import bodies
from edge_agent.web.context import asking, number, service
from label_protocol.errors import InputError


async def list_approvals(request: web.Request) -> dict[str, Any]:
    """The site's own templates and rows of the rules, and how each stands; what waits for somebody first."""
    approvals = service(request).approvals
    mode = approvals.mode
    forms = [form_view(one) for one in await approvals.all()]
    return {"approval": mode.value, "needed": mode.needed, "words": asdict(MODES[mode]), "forms": forms}


async def get_approval(request: web.Request) -> dict[str, Any]:
    """One of them."""
    return form_view(await service(request).approvals.find(*_of(request)))


async def approve(request: web.Request) -> dict[str, Any]:
    """Approves the version that was looked at."""
    body = await bodies.read_body(request, bodies.ApproveBody)
    who = asking(request, body.operator)
    return form_view(await service(request).approvals.approve(*_of(request), body.sha256, who, body.reason))


async def reject(request: web.Request) -> dict[str, Any]:
    """Rejects the version that was looked at, or takes its approval back; jobs that were opened with it go on."""
    body = await bodies.read_body(request, bodies.RejectBody)
    who = asking(request, body.operator)
    return form_view(await service(request).approvals.reject(*_of(request), body.sha256, who, body.reason))


async def picture(request: web.Request) -> web.Response:
    """A PNG of a garment's label by one version of a template; that of a draft says 草稿.

    Raises:
        InputError: no version, style or size is named, or the dpi is out of bounds.
    """
    query, (kind, name) = request.query, _of(request)
    missing = next((one for one in ("sha256", "style_no", "size") if not query.get(one)), None)
    if missing is not None:
        raise InputError(f"picture: expected sha256, style_no and size, got no {missing}; add it")
    goods = (query["style_no"], query["size"], query.get("lot_no") or None)
    data = await service(request).approvals.data(kind, name, query["sha256"])
    dpi = number(request, "dpi", 203, least=100, most=1200)
    found = await service(request).previews.version(name, data, goods, dpi)
    return web.Response(body=found, content_type="image/png")


def form_view(form: Form) -> dict[str, Any]:
    """A file of the site; `by` are the words on this version, `in_force` is what labels are made with now."""
    in_force = form.in_force
    return {
        "kind": form.of.kind,
        "kind_words": asdict(KINDS[form.of.kind]),
        "name": form.of.name,
        "title": asdict(form.title),
        "sha256": form.of.sha256,
        "state": form.state.value,
        "words": asdict(STATES[form.state]),
        "by": _said(form.words),
        "rejected": _said([form.rejected])[0] if form.rejected else None,
        "in_force": {"sha256": in_force.sha256, "by": _said(in_force.by)} if in_force else None,
        "flaw": form.flaw,
    }


def _said(words: Sequence[Review]) -> list[dict[str, str]]:
    return [{"who": one.by, "known_by": one.known_by, "at": one.at, "reason": one.reason} for one in words]


def _of(request: web.Request) -> tuple[str, str]:
    return request.match_info["kind"], request.match_info["name"]
