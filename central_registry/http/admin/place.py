"""Answers people about where garments are, and takes what they tell of it."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.place.custody import Kind
from central_registry.place.finding import find_place, find_waybill, tell_place
from central_registry.place.telling import MOST_UNITS

_PLACE = "/v1/admin/place"


class PlaceTold(BaseModel):
    """`units`: serials, links or SSCCs as scanned; `at`: when it happened, now if left out; `to`: to whom it went."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    units: list[str] = Field(min_length=1, max_length=MOST_UNITS)
    at: AwareDatetime | None = None
    carton: str = Field(default="", max_length=80)
    waybill: str = Field(default="", max_length=60)
    to: str = Field(default="", max_length=64)


async def _find(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await find_place(request.app[PEOPLE], actor, request.match_info["unit"])


async def _waybill(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await find_waybill(request.app[PEOPLE], actor, request.match_info["waybill"])


async def _tell(request: web.Request, actor: Actor, body: PlaceTold) -> dict[str, Any]:
    pool, now = request.app[PEOPLE], request.app[CLOCK]()
    return await tell_place(
        pool, actor, body.kind, body.units, now, at=body.at, carton=body.carton, waybill=body.waybill, to=body.to
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", _PLACE + "/{unit}", Act.LOOK, "一件、一箱在哪里", "where a garment or a carton is", _find),
    Endpoint("GET", "/v1/admin/waybills/{waybill}", Act.LOOK, "一张运单", "what travels on a waybill", _waybill),
    Endpoint("POST", _PLACE, Act.TELL_PLACE, "登记装箱、发货、退货", "tell where garments are", _tell, PlaceTold),
)
