"""Answers people about printed rolls: handed over, scanned onto garments, returned, lost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.rolls import handing, lists, scanning
from central_registry.rolls.labels import Became

_ROLLS = "/v1/admin/rolls"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewRoll(_Body):
    """From the first label to the last, each a serial or a label's link. `labels`: as many as are meant; `roll`: an id
    of the asker's own; sent twice it is one roll."""

    first: str = Field(max_length=2_000)
    last: str = Field(max_length=2_000)
    labels: int | None = None
    roll: str = Field(default="", max_length=64)


class Settled(_Body):
    """Of the labels named, or of all that are still on the roll."""

    became: Literal["returned", "lost"]
    labels: list[str] = Field(default_factory=list, max_length=10_000)
    reason: str = Field(default="", max_length=400)


class Scan(_Body):
    """What the scanner gave: the link in the label's code, whole."""

    text: str = Field(max_length=2_000)


async def _list(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await lists.list_rolls(request.app[PEOPLE], actor, ask_of(request.query)))


async def _show(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await lists.show_roll(request.app[PEOPLE], actor, request.match_info["roll"])


async def _hand_over(request: web.Request, actor: Actor, body: NewRoll) -> dict[str, Any]:
    pool, at = request.app[PEOPLE], request.app[CLOCK]()
    found = await handing.hand_over(pool, actor, body.first, body.last, at, labels=body.labels, once=body.roll)
    return asdict(found)


async def _settle(request: web.Request, actor: Actor, body: Settled) -> dict[str, Any]:
    pool, roll, at = request.app[PEOPLE], request.match_info["roll"], request.app[CLOCK]()
    return await handing.settle(pool, actor, roll, Became(body.became), at, labels=body.labels, reason=body.reason)


async def _scan(request: web.Request, actor: Actor, body: Scan) -> dict[str, Any]:
    return await scanning.commission(request.app[PEOPLE], actor, body.text, request.app[CLOCK]())


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", _ROLLS, Act.LOOK, "成卷标签列表", "rolls", _list),
    Endpoint("POST", _ROLLS, Act.HAND_ROLL, "交接成卷标签", "hand a roll over", _hand_over, NewRoll),
    Endpoint("GET", _ROLLS + "/{roll}", Act.LOOK, "一卷标签", "one roll", _show),
    Endpoint("POST", _ROLLS + "/{roll}/settled", Act.HAND_ROLL, "退回、丢失", "labels back or lost", _settle, Settled),
    Endpoint("POST", "/v1/admin/roll-scans", Act.SCAN_ROLL, "逐件贴签登记", "scan onto a garment", _scan, Scan),
)
