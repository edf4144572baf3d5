"""Cartons: opened, filled by scans, closed, opened again, labelled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web

from edge_agent.messages.carton import CARTON_STATES, PACKED, PACKED_BEFORE
from edge_agent.model.cartons import Carton
from edge_agent.web import bodies, views
from edge_agent.web.context import asking, number, service


async def open_carton(request: web.Request) -> dict[str, Any]:
    """Opens a carton; the same key is the same carton."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_body(request, bodies.OperatorBody)
    return carton_view(await service(request).cartons.open(asking(request, body.operator), key))


async def list_cartons(request: web.Request) -> dict[str, Any]:
    """Cartons, newest first; with open=1 only those that are being filled."""
    only_open = number(request, "open", 0, least=0, most=1) == 1
    found = await service(request).cartons.recent(number(request, "limit", 100), only_open=only_open)
    return {"cartons": [carton_view(carton) for carton in found]}


async def get_carton(request: web.Request) -> dict[str, Any]:
    """One carton, by its number, its SSCC or its label's scan: each garment in it, and all counted by style."""
    cartons = service(request).cartons
    carton = await cartons.find(request.match_info["carton"])
    garments = await cartons.garments(carton)
    lines = await cartons.lines(garments)
    return carton_view(carton) | {
        "garments": [asdict(one) for one in garments],
        "lines": [asdict(one) for one in lines],
    }


async def pack_garment(request: web.Request) -> dict[str, Any]:
    """Puts a garment into an open carton, by the scan of its label or by its serial."""
    body = await bodies.read_body(request, bodies.PackBody)
    name, who = request.match_info["carton"], asking(request, body.operator)
    packing = await service(request).cartons.pack(
        name, who, text=body.text, serial=body.serial, on_garment=body.on_garment
    )
    said = PACKED_BEFORE if packing.repeated else PACKED
    told = {"serial": packing.serial, "repeated": packing.repeated, "said": asdict(said)}
    return carton_view(packing.carton) | told


async def take_garment_out(request: web.Request) -> dict[str, Any]:
    """Takes a garment out of an open carton, by the scan of its label or by its serial."""
    body = await bodies.read_body(request, bodies.GarmentInHandBody)
    name = request.match_info["carton"]
    return carton_view(
        await service(request).cartons.take_out(
            name, asking(request, body.operator), text=body.text, serial=body.serial
        )
    )


async def close_carton(request: web.Request) -> dict[str, Any]:
    """Closes a carton in which so many garments were seen; another number is refused."""
    body = await bodies.read_body(request, bodies.CloseCartonBody)
    return carton_view(
        await service(request).cartons.close(request.match_info["carton"], body.count, asking(request, body.operator))
    )


async def reopen_carton(request: web.Request) -> dict[str, Any]:
    """Opens a closed carton again, by a person with a reason."""
    body = await bodies.read_body(request, bodies.DecisionBody)
    name = request.match_info["carton"]
    return carton_view(await service(request).cartons.open_again(name, asking(request, body.operator), body.reason))


async def print_carton_label(request: web.Request) -> dict[str, Any]:
    """Orders the label of a closed carton; answers at once, with the number to ask by among the copies."""
    key = bodies.idempotency_key(request)
    body = await bodies.read_body(request, bodies.CartonLabelBody)
    agent = service(request)
    name = request.match_info["carton"]
    copies = await agent.cartons.label(
        name, body.printer, asking(request, body.operator), key, unchecked=body.unchecked
    )
    return views.copies_view(copies, await agent.copies.told(copies), None)


def carton_view(carton: Carton) -> dict[str, Any]:
    """A carton; `words` says its state in both languages."""
    return asdict(carton) | {"state": carton.state.value, "words": asdict(CARTON_STATES[carton.state])}
