"""Answers people about labels that were told after a revocation, and takes exported ledgers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, ask_of
from central_registry.http.bodies import read_body
from central_registry.http.context import CLOCK, PEOPLE, POOL
from central_registry.lists import Found
from central_registry.oversight.handed_in import hand_in
from central_registry.oversight.told_after import admit, list_told
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

_LEDGER_BODY = 64 * 1024 * 1024
"""Bytes of an export: some 90 000 events."""


class Admission(BaseModel):
    """`window`: one by its name, all that nobody has decided if there is none."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    window: str | None = Field(default=None, max_length=1_000)
    admitted: bool
    reason: str = Field(max_length=400)


async def _get_told(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return _said(await list_told(request.app[PEOPLE], actor, ask_of(request.query)))


async def _post_told(request: web.Request, actor: Actor, body: Admission) -> dict[str, Any]:
    agent = request.match_info["agent"]
    found = await admit(
        request.app[PEOPLE], actor, agent, body.window, body.admitted, body.reason, request.app[CLOCK]()
    )
    return asdict(found)


async def _post_ledger(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    text, agent = await read_body(request, _LEDGER_BODY), request.match_info["agent"]
    people, told = request.app[PEOPLE], request.app[POOL]
    return dict(await hand_in(people, actor, agent, text, request.app[CLOCK](), told=told))


def _said(found: Found) -> dict[str, Any]:
    return {"rows": [_row(row) for row in found.rows], "total": found.total}


def _row(row: Any) -> dict[str, Any]:
    decided_at = row["decided_at"]
    return {**row, "decided_at": decided_at.isoformat() if decided_at else None}


ENDPOINTS = (
    Endpoint("GET", "/v1/admin/told-after", Act.LOOK, "停用后上报的标签", "labels told after a revocation", _get_told),
    Endpoint(
        "POST",
        "/v1/admin/told-after/{agent}",
        Act.ADMIT_TOLD,
        "裁定停用后上报的标签",
        "admit or reject them",
        _post_told,
        Admission,
    ),
    Endpoint(
        "POST",
        "/v1/admin/agents/{agent}/ledger",
        Act.ADMIT_TOLD,
        "提交导出的账本",
        "hand in an exported ledger",
        _post_ledger,
    ),
)
