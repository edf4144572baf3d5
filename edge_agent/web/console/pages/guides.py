"""Guides for what a person does at a printer, step by step, and how to see afterwards that it is right. They say what
holds for thermal printers in general; levers and buttons differ, and the maker's own manual shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from edge_agent.messages.printer import EITHER, FAULTS
from edge_agent.messages.text import Words
from edge_agent.model.printer import Fault


@dataclass(frozen=True, slots=True)
class Doing:
    """One step: what to do, and what to mind."""

    words: Words
    help: Words | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """The steps of one kind of work; `check`: how to see that it is right. `calibrates`: the roll may be of another
    kind, and then the printer has to measure it."""

    name: str
    title: Words
    steps: tuple[Doing, ...]
    check: Doing
    calibrates: bool = False


_OPEN = Doing(
    Words("等它停下，打开打印头", "Wait until it stands still, open the print head"),
    Words("打印头和切刀附近烫，别用硬东西碰打印头", "Head and cutter are hot; touch the head with nothing hard"),
)
_CLOSE = Doing(
    Words("压好打印头，合上盖", "Press the head down and close the lid"),
    Words("没压到底，打印机会说打印头开着", "If it is not down, the printer says that its head is open"),
)
_CHECK = Doing(
    Words("看状态变成“就绪”，再打一张测试签", "See that its state is ready, then print a test label"),
    Words(
        "四边的框都在纸上，楼梯线条不断，就可以接着打",
        "All four edges on the label, no gap in the stairs: go on",
    ),
)

_ALL = (
    Guide(
        "roll",
        Words("换标签纸", "Change the roll"),
        (
            _OPEN,
            Doing(
                Words("取下旧卷，装上新卷", "Take the old roll out, put the new one in"),
                Words("有字的标签朝上，纸从传感器下面过", "Labels face up, and pass under the sensor"),
            ),
            Doing(
                Words("两边的挡板轻轻贴住纸", "Set both guides lightly against the paper"),
                Words("太松会印歪，太紧会卡纸", "Too loose prints askew, too tight jams"),
            ),
            _CLOSE,
        ),
        _CHECK,
        calibrates=True,
    ),
    Guide(
        "ribbon",
        Words("换碳带", "Change the ribbon"),
        (
            _OPEN,
            Doing(
                Words("取下旧碳带，连空轴一起", "Take the old ribbon out with its empty core"),
                Words("空轴留着，下一卷要卷在上面", "Keep the core: the next ribbon winds onto it"),
            ),
            Doing(
                Words("装上新碳带，拉平，转两圈绷紧", "Put the new ribbon in, smooth it, wind it two turns tight"),
                Words(
                    "有墨的一面朝着标签；装反了印不出来",
                    "The inked side faces the label, or nothing shows",
                ),
            ),
            _CLOSE,
        ),
        _CHECK,
    ),
)
GUIDES: Mapping[str, Guide] = MappingProxyType({guide.name: guide for guide in _ALL})
"""By the part of the address."""

_HELPS: Mapping[str, tuple[str, ...]] = {
    FAULTS[Fault.MEDIA_OUT].zh: ("roll",),
    FAULTS[Fault.MEDIA_NOT_FOUND].zh: ("roll",),
    FAULTS[Fault.RIBBON_OUT].zh: ("ribbon",),
    EITHER.zh: ("roll", "ribbon"),
}


def guides_for(said: Words) -> list[Guide]:
    """What helps a printer that says this of itself; empty: nothing that is changed at it."""
    return [GUIDES[name] for words, names in _HELPS.items() if words in said.zh for name in names]
