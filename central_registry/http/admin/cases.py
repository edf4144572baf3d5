"""Answers people about complaints: listed, read, worked on."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.cases import work
from central_registry.cases.steps import Step
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

_CASES = "/v1/admin/cases"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseStep(_Body):
    """A step of who handles the case; `answer` and `close` are read by who complained."""

    step: Literal["take", "note", "ask_firm", "answer", "close"]
    said: str = Field(default="", max_length=2_000)


class FirmSays(_Body):
    """What the firm says, once it was asked."""

    said: str = Field(max_length=2_000)


async def _list(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await work.list_cases(request.app[PEOPLE], actor, ask_of(request.query), request.app[CLOCK]()))


async def _show(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await work.show_case(request.app[PEOPLE], actor, request.match_info["complaint"], request.app[CLOCK]())


async def _step(request: web.Request, actor: Actor, body: CaseStep) -> dict[str, Any]:
    return await _taken(request, actor, Step(body.step), body.said)


async def _says(request: web.Request, actor: Actor, body: FirmSays) -> dict[str, Any]:
    return await _taken(request, actor, Step.FIRM_SAYS, body.said)


async def _taken(request: web.Request, actor: Actor, step: Step, said: str) -> dict[str, Any]:
    complaint, at = request.match_info["complaint"], request.app[CLOCK]()
    return await work.step(request.app[PEOPLE], actor, complaint, step, said, at)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", _CASES, Act.LOOK, "投诉列表", "complaints", _list),
    Endpoint("GET", _CASES + "/{complaint}", Act.LOOK, "一件投诉", "one complaint", _show),
    Endpoint("POST", _CASES + "/{complaint}/steps", Act.HANDLE_CASE, "办理投诉", "handle it", _step, CaseStep),
    Endpoint(
        "POST", _CASES + "/{complaint}/firm", Act.SPEAK_IN_CASE, "企业说明", "the firm explains itself", _says, FirmSays
    ),
)
