"""Answers people who stop goods that are out, or let them go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.oversight import stops
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act


class Goods(BaseModel):
    """A firm's lot, or its style where there is no lot: one of the two numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    firm: str = Field(max_length=30)
    lot_no: str = Field(default="", max_length=100)
    style_no: str = Field(default="", max_length=100)
    reason: str = Field(max_length=2_000)


def _does(service: Callable[..., Awaitable[stops.Stopped]]) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def handler(request: web.Request, actor: Actor, body: Goods) -> dict[str, Any]:
        goods = stops.Named(body.firm, body.lot_no, body.style_no)
        return asdict(await service(request.app[PEOPLE], actor, goods, body.reason, request.app[CLOCK]()))

    return handler


async def _get_stops(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await stops.list_stops(request.app[PEOPLE], actor, ask_of(request.query)))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/admin/stops", Act.LOOK, "暂停、召回列表", "what is stopped", _get_stops),
    Endpoint("POST", "/v1/admin/suspensions", Act.SUSPEND, "暂停", "suspend goods", _does(stops.suspend), Goods),
    Endpoint("POST", "/v1/admin/recalls", Act.RECALL, "召回", "recall goods", _does(stops.recall), Goods),
    Endpoint("POST", "/v1/admin/liftings", Act.SUSPEND, "申请恢复", "ask to let go on", _does(stops.lift), Goods),
)
