"""Answers people about whose member a party is: what was asked and answered, and how it ends."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, NEWS, PEOPLE
from central_registry.issuing import parting
from central_registry.parties import joining
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

_TEXT = 2_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JoiningAnswer(_Body):
    """`agreed`: the association may have the party, and sees its rows from now on."""

    agreed: bool
    reason: str = Field(default="", max_length=_TEXT)


class End(_Body):
    """`ends_on`: ISO day, today if it is left out."""

    reason: str = Field(max_length=_TEXT)
    ends_on: date | None = None


async def _get_joinings(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await joining.list_joinings(request.app[PEOPLE], actor, ask_of(request.query)))


async def _answer(request: web.Request, actor: Actor, body: JoiningAnswer) -> dict[str, Any]:
    name, at = request.match_info["decision"], request.app[CLOCK]()
    await joining.answer_joining(request.app[PEOPLE], actor, name, agreed=body.agreed, reason=body.reason, at=at)
    return {"agreed": body.agreed}


async def _take_back(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    name, at = request.match_info["decision"], request.app[CLOCK]()
    await joining.take_back_joining(request.app[PEOPLE], actor, name, at)
    return {"taken_back": True}


async def _end(request: web.Request, actor: Actor, body: End) -> dict[str, Any]:
    pair, at = (request.match_info["association"], request.match_info["party"]), request.app[CLOCK]()
    done = await parting.end_membership(request.app[PEOPLE], actor, *pair, body.reason, at, ends_on=body.ends_on)
    request.app[NEWS].tell()
    return done


async def _go_on(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    pair, at = (request.match_info["association"], request.match_info["party"]), request.app[CLOCK]()
    return await parting.take_back_end(request.app[PEOPLE], actor, *pair, at)


async def _get_ends(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await parting.list_ends(request.app[PEOPLE], actor, ask_of(request.query)))


_JOINING = "/v1/admin/joinings/{decision}"
_END = "/v1/admin/memberships/{association}/{party}/end"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/admin/joinings", Act.LOOK, "准入征询", "who was asked to join", _get_joinings),
    Endpoint("POST", f"{_JOINING}/answer", Act.JOIN, "答复准入", "answer an association", _answer, JoiningAnswer),
    Endpoint("POST", f"{_JOINING}/take-back", Act.ADMIT, "撤回征询", "take a question back", _take_back),
    Endpoint("GET", "/v1/admin/memberships/ends", Act.LOOK, "终止的准入", "memberships that end", _get_ends),
    Endpoint("POST", _END, Act.END_MEMBERSHIP, "终止准入", "end a membership", _end, End),
    Endpoint("POST", f"{_END}/take-back", Act.END_MEMBERSHIP, "撤回终止", "take an end to come back", _go_on),
)
