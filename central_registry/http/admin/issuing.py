"""Answers people about code orders: asked, approved, rejected, taken back; and writes off a silent agent's rest."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, NEWS, PEOPLE
from central_registry.issuing import approving, leases, lowering, order_lists, orders
from central_registry.issuing import write_off as writing_off
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

_ORDERS = "/v1/admin/orders"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewOrder(_Body):
    """Of a lot, or of a style without one. `code_order`: an id of the asker's own; sent twice it is one order."""

    firm: str = Field(max_length=40)
    agent: str = Field(max_length=40)
    quantity: int
    lot_no: str | None = Field(default=None, max_length=200)
    style_no: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=500)
    association: str = Field(default="", max_length=40)
    code_order: str = Field(default="", max_length=64)


class Approval(_Body):
    """`override`: why there may be more than is free; `days`: of the lease."""

    override: str = Field(default="", max_length=500)
    days: int = leases.DAYS


class Reason(_Body):
    """In words that can be read later."""

    reason: str = Field(max_length=500)


class WriteOff(Reason):
    """Of one agent under one quota key."""

    agent: str = Field(max_length=40)
    quota_key: str = Field(max_length=300)


class Lowering(WriteOff):
    """`quantity`: what it may have in all."""

    quantity: int = Field(ge=0, le=10**12)


async def _list(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    found = await order_lists.list_orders(request.app[PEOPLE], actor, ask_of(request.query))
    return found_of(found)


async def _show(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await order_lists.show_order(request.app[PEOPLE], actor, request.match_info["code_order"])


async def _ask(request: web.Request, actor: Actor, body: NewOrder) -> dict[str, Any]:
    return await orders.ask(request.app[PEOPLE], actor, orders.Asked(**body.model_dump()), request.app[CLOCK]())


async def _approve(request: web.Request, actor: Actor, body: Approval) -> dict[str, Any]:
    order, at = request.match_info["code_order"], request.app[CLOCK]()
    given = await approving.approve(request.app[PEOPLE], actor, order, at, override=body.override, days=body.days)
    request.app[NEWS].tell()
    return given


async def _reject(request: web.Request, actor: Actor, body: Reason) -> dict[str, Any]:
    order, at = request.match_info["code_order"], request.app[CLOCK]()
    return await orders.reject(request.app[PEOPLE], actor, order, body.reason, at)


async def _take_back(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await orders.take_back(request.app[PEOPLE], actor, request.match_info["code_order"], request.app[CLOCK]())


async def _write_off(request: web.Request, actor: Actor, body: WriteOff) -> dict[str, Any]:
    at = request.app[CLOCK]()
    done = await writing_off.write_off(request.app[PEOPLE], actor, body.agent, body.quota_key, body.reason, at)
    request.app[NEWS].tell()
    return done


async def _lower(request: web.Request, actor: Actor, body: Lowering) -> dict[str, Any]:
    asked, at = (body.agent, body.quota_key, body.quantity, body.reason), request.app[CLOCK]()
    done = await lowering.lower(request.app[PEOPLE], actor, *asked, at)
    request.app[NEWS].tell()
    return done


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", _ORDERS, Act.LOOK, "赋码申请", "Code orders", _list),
    Endpoint("POST", _ORDERS, Act.ORDER_CODES, "申请赋码", "Order codes", _ask, NewOrder),
    Endpoint("GET", f"{_ORDERS}/{{code_order}}", Act.LOOK, "一份申请与审核", "One order and its checks", _show),
    Endpoint(
        "POST", f"{_ORDERS}/{{code_order}}/approve", Act.APPROVE_CODES, "批准", "Approve an order", _approve, Approval
    ),
    Endpoint("POST", f"{_ORDERS}/{{code_order}}/reject", Act.APPROVE_CODES, "驳回", "Reject an order", _reject, Reason),
    Endpoint("POST", f"{_ORDERS}/{{code_order}}/take-back", Act.ORDER_CODES, "撤回", "Take an order back", _take_back),
    Endpoint("POST", "/v1/admin/write-offs", Act.WRITE_OFF, "核销余量", "Write off a rest", _write_off, WriteOff),
    Endpoint("POST", "/v1/admin/lowerings", Act.LOWER_ALLOTMENT, "调低数量", "Lower an allotment", _lower, Lowering),
)
