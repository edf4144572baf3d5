"""Answers officers who give keys to marketplaces, and end them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.exchange import keys
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act


class NewKey(BaseModel):
    """Who gets it, for how many days, for how many codes or events a minute, for what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    party: str = Field(max_length=30)
    days: int = Field(default=365, ge=1, le=keys.MOST_DAYS)
    per_minute: int = Field(default=6_000, ge=1, le=keys.MOST_PER_MINUTE)
    note: str = Field(default="", max_length=200)
    rights: list[keys.Right] = Field(default=[keys.Right.VERIFY], min_length=1, max_length=len(keys.Right))


async def _get_keys(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await keys.list_keys(request.app[PEOPLE], actor, ask_of(request.query)))


async def _post_key(request: web.Request, actor: Actor, body: NewKey) -> dict[str, Any]:
    at = request.app[CLOCK]()
    made = await keys.make(
        request.app[PEOPLE], actor, body.party, at, days=body.days, per_minute=body.per_minute, note=body.note,
        rights=dict.fromkeys(body.rights),
    )  # fmt: skip
    return asdict(made)


async def _post_end(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    name = request.match_info["verify_key"]
    return await keys.end(request.app[PEOPLE], actor, name, request.app[CLOCK]())


_ACT = Act.MANAGE_VERIFY_KEYS
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/admin/verify-keys", Act.LOOK, "核验密钥列表", "keys to verify codes", _get_keys),
    Endpoint("POST", "/v1/admin/verify-keys", _ACT, "发放核验密钥", "give a key", _post_key, NewKey),
    Endpoint("POST", "/v1/admin/verify-keys/{verify_key}/end", _ACT, "停用核验密钥", "end a key", _post_end),
)
