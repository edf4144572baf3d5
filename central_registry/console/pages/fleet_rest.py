"""What an agent has left under a key, in the hands of its association: lowered, or written off where it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from central_registry.console.page import Desk
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.http.context import NEWS
from central_registry.issuing import lowering
from central_registry.issuing import write_off as writing_off
from central_registry.parties.acts import Act

_AGENTS = "/console/agents"


class WriteOff(BaseModel):
    """Under which key, and why."""

    quota_key: str = Field(title="配额 · quota key", max_length=300)
    reason: str = Field(title="说明 · in words", max_length=500)


class Lower(BaseModel):
    """Under which key, to how many, and why."""

    quota_key: str = Field(title="配额 · quota key", max_length=300)
    quantity: int = Field(title="合计改为 · in all", description="不少于已发的 · no less than it has drawn", ge=0)
    reason: str = Field(title="说明 · in words", max_length=100)


def _rest(row: Mapping[str, Any]) -> bool:
    """Whether there is something to write off: a lease that was closed may have kept some."""
    return not row["closed_at"] or row["promised"] > row["used"]


def goods_of(row: Mapping[str, Any], names: Mapping[str, Words]) -> str:
    """What a key is for, in words: two firms may have one lot number."""
    what = (
        f"批次 {row['lot_no']}" if row["lot_no"] else f"款号 {row['style_no']}" if row["style_no"] else row["quota_key"]
    )
    return f"{what} {names[row['firm']].zh}" if row["firm"] in names else str(what)


def rest_forms(desk: Desk, row: Mapping[str, Any], path: str, names: Mapping[str, Words]) -> list[Form]:
    """The forms of whoever may do one of these, where there is something left."""
    found, mine = [], desk.actor.party in (row["owner"], row["association"])
    left = [one for one in row["held"] if one["until"] and not one["written_off_at"] and _rest(one)]
    keys = [(one["quota_key"], Words(goods_of(one, names), one["quota_key"])) for one in left]
    if desk.may(Act.LOWER_ALLOTMENT) and left and row["state"] != "revoked":
        found.append(
            desk.form(
                f"{path}/lower", Lower, Words("调低", "Lower"), options={"quota_key": keys}, folded=True,
                title=Words("调低它的数量", "Lower what it may have"),
                consequence=Words("它下次联系、交回余量后生效；在那以前打印的照常登记", "once it gives its rest back"),
            )
        )  # fmt: skip
    if mine and desk.may(Act.WRITE_OFF) and left:
        found.append(
            desk.form(
                f"{path}/write-off", WriteOff, Words("核销", "Write off"), options={"quota_key": keys}, danger=True,
                title=Words("核销失联打印端的余量", "Write off its rest"), back=path,
                consequence=Words("以后上报的不算已分配", "what it tells later is not allotted"),
            )
        )  # fmt: skip
    return found


async def lower(desk: Desk, form: Lower) -> Told:
    """It may have less in all."""
    agent = desk.part("agent")
    done = await lowering.lower(desk.pool, desk.actor, agent, form.quota_key, form.quantity, form.reason, desk.at)
    desk.request.app[NEWS].tell()
    zh = "它下次联系时生效" if done["waits"] else f"已调低为 {done['quantity']:,} 枚"
    return good(zh, "at its next contact" if done["waits"] else "lowered", f"{_AGENTS}/{quote(agent, safe='')}")


async def write_off(desk: Desk, form: WriteOff) -> Told:
    """What it has left is another's to order."""
    agent = desk.part("agent")
    done = await writing_off.write_off(desk.pool, desk.actor, agent, form.quota_key, form.reason, desk.at)
    back = f"{done['given_back']:,}"
    return good(f"已核销，{back} 枚可再申请", f"{back} codes are free again", f"{_AGENTS}/{quote(agent, safe='')}")
