"""Tells where garments are: a clerk scans or pastes serials and cartons, and says what happened to them."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.placed import KINDS
from central_registry.console.pieces.state import Look
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.parties.acts import Act
from central_registry.place.custody import Kind
from central_registry.place.finding import tell_place

_HERE = "/console/place"
_NAMED = 5
"""Serials that a sentence names."""


class PlaceForm(BaseModel):
    """What happened to which, and of a shipment how and to whom."""

    kind: Literal[
        "shipped", "received", "returned", "inspected", "back", "destroyed", "sampled", "packed", "unpacked"
    ] = Field(title="什么事 · what happened")
    units: str = Field(
        title="序列号、二维码或箱号，一行一个 · serials, links or SSCCs, one a line",
        max_length=100_000,
        json_schema_extra={"kind": "area"},
    )
    carton: str = Field("", title="装进哪一箱（装箱才填） · into which carton, when packed", max_length=80)
    waybill: str = Field("", title="运单号（发货才填） · waybill, when shipped", max_length=60)
    to: str = Field(
        "", title="收货方统一社会信用代码，不在平台上就不填 · receiver's USCC, empty if not registered", max_length=64
    )


async def place(desk: Desk) -> web.Response:
    """One form; what came of the last stands above it."""
    drawn = desk.form(
        _HERE,
        PlaceForm,
        Words("登记", "Note it"),
        options={"kind": [(kind, state.words) for kind, state in KINDS.items()]},
        title=Words("登记发货、退货", "Tell where garments are"),
    )
    return await show(desk, "pages/form.html", form=drawn)


async def tell(desk: Desk, form: PlaceForm) -> Told:
    """Take it, and name what was not this party's to move."""
    lines = [line.strip() for line in form.units.splitlines() if line.strip()]
    done = await tell_place(
        desk.pool, desk.actor, Kind(form.kind), lines, desk.at, carton=form.carton.strip(), waybill=form.waybill,
        to=form.to.strip(),
    )  # fmt: skip
    if not done["claims"]:
        return good(f"已登记 {done['units']:,} 件（箱）", f"{done['units']:,} told", _HERE)
    some, many = "、".join(done["claims"][:_NAMED]), len(done["claims"])
    words = Words(
        f"登记了 {done['units']:,} 件（箱），其中 {many:,} 件不在贵方手里，只记为声称：{some}",
        f"{done['units']:,} told; {many:,} are not in your custody and are kept as a claim",
    )
    return Told(Look.ATTENTION, words, _HERE)


PAGES = (Page(_HERE, Act.TELL_PLACE, "登记发货、退货", "Tell where garments are", place, Group.CODES, "import"),)
ACTIONS = (Action(_HERE, Act.TELL_PLACE, PlaceForm, tell, place),)
