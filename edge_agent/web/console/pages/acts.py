"""What may be done with one label, a row each: what it is called, what it means in numbers, and the reasons that are
given for it so often that gloves need not type them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from edge_agent.messages.text import Words
from label_protocol.states import Step

SPOILED = (
    Words("碳带皱", "wrinkled ribbon"),
    Words("印歪", "printed askew"),
    Words("印不清", "printed faintly"),
    Words("撕破", "torn"),
    Words("脏了", "soiled"),
    Words("贴错衣服", "put on the wrong garment"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """`step`: the move of the label's table that it takes; None: the label stays as it is, and another one is
    printed for it."""

    name: str
    step: Step | None
    words: Words
    consequence: Words
    reasons: tuple[Words, ...] = ()
    danger: bool = True


_ALL = (
    Act(
        "replace",
        Step.SCRAP,
        Words("报废，补打一张", "Scrap, print another"),
        Words(
            "1 张报废，要销毁，不能恢复；补打 1 张，是新的序列号",
            "1 scrapped, to be destroyed, for good; 1 printed under a new serial",
        ),
        SPOILED,
    ),
    Act(
        "scrap",
        Step.SCRAP,
        Words("报废", "Scrap"),
        Words("1 张报废，要销毁，不能恢复", "1 scrapped, to be destroyed, for good"),
        SPOILED,
    ),
    Act(
        "invalidate",
        Step.INVALIDATE,
        Words("没有找到，作废", "Not found, void"),
        Words("1 张作废，不能恢复；以后扫到会报警", "1 void, for good; a scan of it raises an alarm"),
        (Words("找过，没有", "searched, not found"),),
    ),
    Act(
        "good",
        Step.SETTLE_PRINTED,
        Words("是好的", "It is good"),
        Words("1 张记为已打印，没有扫描", "1 recorded as printed, without a scan"),
        (Words("看过实物，是好的", "seen on paper, it is good"),),
        danger=False,
    ),
    Act(
        "again",
        None,
        Words("补打一张", "Print another"),
        Words("补打 1 张，是新的序列号，写明代替这一张", "1 printed under a new serial that names this one"),
        danger=False,
    ),
)
ACTS: Mapping[str, Act] = MappingProxyType({act.name: act for act in _ALL})
"""By the part of the address."""
