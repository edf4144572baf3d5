"""Answers people about labels told after a revocation and machines of one identity, and takes exported ledgers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.agents.clones import decide_clone, list_clones
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


class Which(BaseModel):
    """Which of two machines goes on."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    newcomer_goes_on: bool
    reason: str = Field(max_length=400)


async def _get_clones(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    found = await list_clones(request.app[PEOPLE], actor, ask_of(request.query))
    return {"rows": [_case(row) for row in found.rows], "total": found.total}


def _case(row: Any) -> dict[str, Any]:
    machines = {name: {**row[name], "heard_at": row[name]["heard_at"].isoformat()} for name in ("living", "newcomer")}
    return {**row, **machines, "made_at": row["made_at"].isoformat(), "due_at": row["due_at"].isoformat()}


async def _post_clone(request: web.Request, actor: Actor, body: Which) -> dict[str, Any]:
    which = request.match_info["decision"], body.newcomer_goes_on, body.reason
    return {"token": await decide_clone(request.app[PEOPLE], actor, *which, request.app[CLOCK]())}


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
    Endpoint("GET", "/v1/admin/clones", Act.LOOK, "两台同名打印端", "two machines of one identity", _get_clones),
    Endpoint(
        "POST",
        "/v1/admin/clones/{decision}",
        Act.DECIDE_CLONE,
        "裁定两台同名打印端",
        "say which goes on",
        _post_clone,
        Which,
    ),
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
