"""Says where a garment is, and what was told of its place, a claim as a claim. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from central_registry.console.pieces.life import Fact, Moment
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.words import Words

KINDS: Mapping[str, State] = {
    "packed": State(Look.REST, Words("装箱", "packed")),
    "unpacked": State(Look.REST, Words("拿出箱", "taken out")),
    "shipped": State(Look.REST, Words("发货", "shipped")),
    "received": State(Look.GOOD, Words("收货", "received")),
    "returned": State(Look.ATTENTION, Words("退回", "returned")),
    "inspected": State(Look.REST, Words("复检", "inspected again")),
    "back": State(Look.GOOD, Words("可再售、归还", "back")),
    "destroyed": State(Look.STOP, Words("销毁", "destroyed")),
    "sampled": State(Look.ATTENTION, Words("抽样", "sampled")),
}
_CLAIMED = State(Look.ATTENTION, Words("只是声称，没有生效", "only claimed, moved nothing"))


@dataclass(frozen=True, slots=True)
class Placed:
    """`facts`: where it is, none if nothing was told; `moments`: for its life."""

    facts: Sequence[Fact] = ()
    moments: Sequence[Moment] = ()


def of_place(found: Mapping[str, Any] | None) -> Placed:
    """What `find_place` says of a serial, for people."""
    if found is None or not (found["moved"] or found["claims"]):
        return Placed()
    last = found["last"]
    facts = [
        Fact("最近", "last", None, state=KINDS[last]) if last else Fact("最近", "last", "没有"),
        Fact("箱", "carton", " < ".join(found["within"]) or "不在箱里"),
        Fact("运单", "waybill", found["waybill"] or "没有"),
        Fact("在谁手里", "with", " ".join(found["holders"]) or "已不在任何人手里"),
    ]
    moments = [_moment(row, KINDS[row["kind"]], "") for row in found["moved"]]
    claims = [_moment(row, _CLAIMED, KINDS[row["kind"]].words.zh) for row in found["claims"]]
    return Placed(facts, [*moments, *claims])


def _moment(row: Mapping[str, Any], state: State, said: str) -> Moment:
    why = " · ".join(one for one in (said, row["carton"] or row["unit"], row["waybill"], row["to_party"]) if one)
    return Moment(row["at"], state, Words("", ""), row["party"], why)
