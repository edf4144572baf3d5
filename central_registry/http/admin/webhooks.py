"""Answers people who have addresses told of stops and alarms."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.exchange import webhooks
from central_registry.exchange.addresses import MOST_SIGNS
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act


class Address(BaseModel):
    """Where to send."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(max_length=MOST_SIGNS)


async def _get_webhooks(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await webhooks.list_webhooks(request.app[PEOPLE], actor, ask_of(request.query)))


async def _get_messages(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await webhooks.list_messages(request.app[PEOPLE], actor, ask_of(request.query)))


async def _post_webhook(request: web.Request, actor: Actor, body: Address) -> dict[str, Any]:
    return asdict(await webhooks.add(request.app[PEOPLE], actor, body.url, request.app[CLOCK]()))


async def _post_end(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await webhooks.end(request.app[PEOPLE], actor, request.match_info["webhook"], request.app[CLOCK]())


async def _post_again(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await webhooks.send_again(request.app[PEOPLE], actor, request.match_info["message"], request.app[CLOCK]())


_ACT, _HERE = Act.MANAGE_WEBHOOKS, "/v1/admin/webhooks"
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", _HERE, _ACT, "推送地址列表", "addresses that are told", _get_webhooks),
    Endpoint("POST", _HERE, _ACT, "新增推送地址", "have an address told", _post_webhook, Address),
    Endpoint("POST", _HERE + "/{webhook}/end", _ACT, "停用推送地址", "tell an address nothing more", _post_end),
    Endpoint("GET", "/v1/admin/webhook-messages", _ACT, "推送记录", "what addresses were told", _get_messages),
    Endpoint("POST", "/v1/admin/webhook-messages/{message}/again", _ACT, "重发一条", "send again", _post_again),
)
