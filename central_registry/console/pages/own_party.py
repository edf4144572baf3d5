"""One's own party: what it says of itself, how it stands and why, an appeal against that, four eyes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.parties import facts_of, moments_of
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.terms import status_of
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.parties import appeals, directory, particulars, statuses
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act

HERE = "/console/party"
_LINE = 200


class Particulars(BaseModel):
    """What a party says of itself; the name and the code are those of its licence."""

    name: str = Field(title="名称 · name", max_length=_LINE)
    short_name: str = Field("", title="简称 · short name", max_length=_LINE)
    address: str = Field("", title="地址 · address", max_length=_LINE)
    contact: str = Field("", title="联系电话 · telephone", max_length=_LINE)


_SECOND = Words(
    "名称、简称、电话给消费者看，要由协会的审批人核准后才变；地址立即保存",
    "names and telephone are read by consumers: an approver of the association agrees first; the address is saved now",
)


class Appeal(BaseModel):
    """Against the status as it stands."""

    n: int = Field(title="", ge=1, json_schema_extra={"kind": "hidden"})
    said: str = Field(title="申诉理由 · why", max_length=2_000, json_schema_extra={"kind": "area"})


class FourEyes(BaseModel):
    """Whether maker and approver have to differ."""

    on: bool = Field(title="", json_schema_extra={"kind": "hidden"})


async def own_party(desk: Desk) -> web.Response:
    """How we stand."""
    row = await directory.show_party(desk.pool, desk.actor, desk.actor.party, desk.at.date())
    events = await statuses.history(desk.pool, desk.actor, desk.actor.party)
    return await show(
        desk,
        "pages/own_party.html",
        row=row,
        state=status_of(row["status"]),
        facts=facts_of(row),
        moments=moments_of(events),
        forms=_forms(desk, row, events),
    )


def _forms(desk: Desk, row: Mapping[str, Any], events: list[dict[str, Any]]) -> list[Form]:
    found: list[Form] = []
    if desk.may(Act.APPEAL) and events and events[0]["by_party"] != desk.actor.party:
        words = Words("申诉", "Appeal"), Words("对现在的状态申诉", "Appeal against the status")
        found.append(desk.form(f"{HERE}/appeal", Appeal, words[0], title=words[1], values={"n": events[0]["n"]}))
    if desk.may(Act.SET_PARTY):
        title, names = Words("修改资料", "Particulars"), ("name", "short_name", "address", "contact")
        before = {name: row[name] for name in names}
        path, save = f"{HERE}/particulars", Words("保存", "Save")
        told = None if desk.actor.kind is PartyKind.OPERATOR else _SECOND
        found.append(desk.form(path, Particulars, save, title=title, consequence=told, values=before))
        if desk.actor.kind is PartyKind.ASSOCIATION:
            found.append(_four_eyes(desk, on=row["four_eyes"] != "off"))
    return found


def _four_eyes(desk: Desk, *, on: bool) -> Form:
    words = Words("关闭双人复核", "Turn off") if on else Words("打开双人复核", "Turn on")
    told = Words(
        "只有一名办事人员的协会才能关闭；关闭后一人就能批准，每条操作记录都会写明",
        "for an association of one; every audit row says so",
    )
    return desk.form(
        f"{HERE}/four-eyes",
        FourEyes,
        words,
        title=Words("双人复核：" + ("打开" if on else "关闭"), "Four eyes: " + ("on" if on else "off")),
        consequence=told if on else None,
        danger=on,
        back=HERE,
        values={"on": not on},
    )


async def appeal(desk: Desk, form: Appeal) -> Told:
    """Whoever set the status has to answer."""
    await appeals.appeal(desk.pool, desk.actor, form.n, form.said, desk.at)
    return good("申诉已提交，等协会答复；状态在答复前不变", "appealed; the status stays until it is answered", HERE)


async def set_particulars(desk: Desk, form: Particulars) -> Told:
    """Change what we say of ourselves."""
    new = particulars.Particulars(**form.model_dump())
    done = await particulars.set_particulars(desk.pool, desk.actor, new, desk.at)
    if done.waits:
        return good(
            "名称、电话的变更已提交，核准后生效；其余已保存", "waits for a second person; the rest is saved", HERE
        )
    return good("资料已保存", "saved", HERE)


async def set_four_eyes(desk: Desk, form: FourEyes) -> Told:
    """Turn it on or off."""
    await directory.set_four_eyes(desk.pool, desk.actor, on=form.on, at=desk.at)
    return good("双人复核已" + ("打开" if form.on else "关闭"), "four eyes " + ("on" if form.on else "off"), HERE)


PAGES = (Page(HERE, Act.LOOK, "本单位", "My party", own_party, Group.PARTY, "home"),)
ACTIONS = (
    Action(f"{HERE}/appeal", Act.APPEAL, Appeal, appeal, own_party),
    Action(f"{HERE}/particulars", Act.SET_PARTY, Particulars, set_particulars, own_party),
    Action(f"{HERE}/four-eyes", Act.SET_PARTY, FourEyes, set_four_eyes, own_party),
)
