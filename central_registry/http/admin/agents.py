"""Answers people about their agents: the fleet, a new one, a new token, for whom one prints, revocation."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.agents import fleet, rotation
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

_AGENTS = "/v1/admin/agents"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewAgent(_Body):
    """`owner` '' is the asker's own party; without `firms` it prints for its owner."""

    name: str = Field(max_length=40)
    owner: str = Field(default="", max_length=40)
    firms: tuple[str, ...] = Field(default=(), max_length=200)
    association: str = Field(default="", max_length=40)


class Firms(_Body):
    """For whom it prints from now on."""

    firms: tuple[str, ...] = Field(max_length=200)


class Revocation(_Body):
    """Why it gets nothing more, and in words."""

    why: fleet.Why
    reason: str = Field(max_length=500)


async def _list(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    found = await fleet.list_fleet(request.app[PEOPLE], actor, ask_of(request.query), request.app[CLOCK]())
    return found_of(found)


async def _show(request: web.Request, actor: Actor, _: None) -> Any:
    at = request.app[CLOCK]()
    return await fleet.show_agent(request.app[PEOPLE], actor, request.match_info["agent"], at)


async def _add(request: web.Request, actor: Actor, body: NewAgent) -> dict[str, Any]:
    new = fleet.NewAgent(**body.model_dump())
    return _with_file(request, await fleet.add(request.app[PEOPLE], actor, new, request.app[CLOCK]()))


async def _new_token(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    agent, at = request.match_info["agent"], request.app[CLOCK]()
    return _with_file(request, await fleet.new_token(request.app[PEOPLE], actor, agent, at))


async def _set_firms(request: web.Request, actor: Actor, body: Firms) -> dict[str, Any]:
    agent, at = request.match_info["agent"], request.app[CLOCK]()
    return await fleet.set_firms(request.app[PEOPLE], actor, agent, body.firms, at)


async def _revoke(request: web.Request, actor: Actor, body: Revocation) -> dict[str, Any]:
    agent, at = request.match_info["agent"], request.app[CLOCK]()
    return await fleet.revoke(request.app[PEOPLE], actor, agent, body.why, body.reason, at)


async def _rotate(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    agent, at = request.match_info["agent"], request.app[CLOCK]()
    return await rotation.ask_rotation(request.app[PEOPLE], actor, agent, at)


def _with_file(request: web.Request, given: dict[str, Any]) -> dict[str, Any]:
    """Beside the token what to keep as a file and carry to the agent's computer."""
    return {**given, "file": {"registry": str(request.url.origin()), **given}}


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", _AGENTS, Act.LOOK, "打印端", "Agents", _list),
    Endpoint("POST", _AGENTS, Act.ADD_AGENT, "新增打印端", "Add an agent", _add, NewAgent),
    Endpoint("GET", f"{_AGENTS}/{{agent}}", Act.LOOK, "一台打印端", "One agent and what it holds", _show),
    Endpoint("POST", f"{_AGENTS}/{{agent}}/token", Act.ADD_AGENT, "新口令", "Give a new token", _new_token),
    Endpoint("POST", f"{_AGENTS}/{{agent}}/firms", Act.ADD_AGENT, "为哪些企业打印", "Say for whom", _set_firms, Firms),
    Endpoint("POST", f"{_AGENTS}/{{agent}}/rotate", Act.ROTATE_AGENT, "更换密钥", "Have it change its secret", _rotate),
    Endpoint("POST", f"{_AGENTS}/{{agent}}/revoke", Act.REVOKE_AGENT, "停用", "Revoke an agent", _revoke, Revocation),
)
