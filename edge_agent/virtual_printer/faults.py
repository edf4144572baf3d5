"""What can go wrong with a virtual printer: orders `NAME[@K][:ARG]`, and the board that holds them.

K counts the rows of paper (labels, where none lies beside another) that left the head since this printer was started,
whatever made them. An order without K acts at once. `fix` is what an operator's hands do: it takes an order off the
board, and the fault away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from label_protocol.errors import ConfigError


class Phase(Enum):
    """When an order with a K acts."""

    BEFORE = "before label K is inked"
    DURING = "while label K is under the head: it comes out torn"
    AFTER = "after label K left the head"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table. `default_arg` None: it takes no argument."""

    phase: Phase
    zh: str
    en: str
    default_arg: int | None = None
    unit: str = ""


_BACK_AFTER = (0, "MS")

KINDS: dict[str, FaultKind] = {
    "media-out": FaultKind(Phase.DURING, "第K张时纸用完", "media ends under label K"),
    "ribbon-out": FaultKind(Phase.DURING, "第K张时碳带用完", "ribbon ends under label K"),
    "head-open": FaultKind(Phase.DURING, "第K张时打印头被打开", "head opened under label K"),
    "paper-jam": FaultKind(Phase.DURING, "第K张时卡纸", "paper jams under label K"),
    "cutter-jam": FaultKind(Phase.AFTER, "第K张之后切刀卡住", "cutter jams after label K"),
    "head-hot": FaultKind(
        Phase.AFTER,
        "第K张之后打印头过热停机；MS 毫秒后冷却，0 为等待修复",
        "head too hot after label K, cool after MS; 0 = when fixed",
        *_BACK_AFTER,
    ),
    "power-cut": FaultKind(
        Phase.DURING,
        "第K张时断电；MS 毫秒后恢复，0 为等待修复",
        "power lost under label K, back after MS; 0 = when fixed",
        *_BACK_AFTER,
    ),
    "unplug": FaultKind(
        Phase.AFTER,
        "第K张之后通信线被拔掉；MS 毫秒后插回，0 为等待修复",
        "cable pulled after label K, back after MS; 0 = when fixed",
        *_BACK_AFTER,
    ),
    "reset-before-ink": FaultKind(
        Phase.BEFORE, "第K张之前连接被重置，缓冲丢失", "connection reset and buffer lost before label K"
    ),
    "reset-after-ink": FaultKind(
        Phase.AFTER, "第K张之后连接被重置，缓冲保留", "connection reset after label K; the buffer is kept"
    ),
    "refuse-connect": FaultKind(Phase.AFTER, "拒绝连接", "refuses connections"),
    "pause": FaultKind(Phase.AFTER, "第K张之后按下暂停键", "pause key after label K"),
    "feed-key": FaultKind(Phase.AFTER, "第K张之后按下走纸键", "feed key after label K"),
    "reprint-key": FaultKind(Phase.AFTER, "第K张之后按下重打键", "panel reprints label K"),
    "roll-change": FaultKind(
        Phase.DURING,
        "第K张时纸用完；MS 毫秒后已换新卷并合上打印头，0 为等待修复",
        "media ends under label K; new roll and head closed after MS, 0 = when fixed",
        200,
        "MS",
    ),
    "take-label": FaultKind(Phase.AFTER, "取走待取标签", "the waiting label is taken"),
    "label-not-taken": FaultKind(Phase.AFTER, "从第K张起无人取标签", "nobody takes labels from label K on"),
    "foreign-label": FaultKind(Phase.AFTER, "第K张之后别的程序打印一张", "another program prints one after label K"),
    "counter-reset": FaultKind(Phase.AFTER, "第K张之后计数器归零", "counter back to 0 after label K"),
    "swap": FaultKind(
        Phase.AFTER, "第K张之后换成同型号的另一台打印机", "another printer of this model stands here after label K"
    ),
    "lose-objects": FaultKind(
        Phase.AFTER, "第K张之后存储的图形丢失，别无迹象", "stored graphics vanish after label K, without a sign"
    ),
    "storage-full": FaultKind(Phase.AFTER, "存储已满，拒绝图形下载", "no room for stored graphics"),
    "drop-download": FaultKind(Phase.AFTER, "图形下载校验失败被丢弃", "graphic downloads fail their CRC"),
    "silence": FaultKind(Phase.AFTER, "第K张之后不再应答", "answers nothing after label K"),
    "echo": FaultKind(Phase.AFTER, "第K张之后线路回显收到的字节", "the line says each byte back from label K on"),
    "slow-replies": FaultKind(Phase.AFTER, "应答延迟 MS 毫秒", "answers MS late", 500, "MS"),
    "late-replies": FaultKind(
        Phase.AFTER, "应答迟于提问者的等待", "answers come MS late, when the asker has given up", 2500, "MS"
    ),
    "split-replies": FaultKind(Phase.AFTER, "应答逐字节发送", "answers come byte by byte"),
    "garbled-replies": FaultKind(Phase.AFTER, "应答损坏一个字节", "one byte of each answer is damaged"),
}

STOPS = frozenset({"media-out", "ribbon-out", "head-open", "paper-jam", "cutter-jam"})
"""Faults that stop the head, and end when a hand has put things right and closed the head again."""

HALTS = STOPS | {"head-hot", "pause", "power-cut"}
"""While any of these is in force, nothing is printed."""

CUT_OFF = frozenset({"power-cut", "unplug", "refuse-connect"})
"""While any of these is in force, no host comes in; but a serial line stays open through a power cut."""

MOMENTS = frozenset(
    {
        "reset-before-ink",
        "reset-after-ink",
        "feed-key",
        "reprint-key",
        "roll-change",
        "take-label",
        "foreign-label",
        "counter-reset",
        "swap",
        "lose-objects",
    }
)
"""Faults that happen and are over; a changed roll leaves `media-out` behind, until it is in."""

FAULT_HELP: tuple[tuple[str, str, str], ...] = tuple(
    (f"{name}@K" + (f":{kind.unit}" if kind.unit else ""), kind.zh, kind.en) for name, kind in KINDS.items()
)
"""(usage, Chinese, English) for `--help`; no brackets, which a terminal library would take for markup."""

_ORDER = re.compile(r"(?P<name>[a-z-]+)(?:@(?P<at>[0-9]{1,9}))?(?::(?P<arg>[0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class FaultOrder:
    """One fault to come. `at` None: now."""

    name: str
    at: int | None
    arg: int

    @property
    def kind(self) -> FaultKind:
        """Its row."""
        return KINDS[self.name]

    def __str__(self) -> str:
        return self.name + (f"@{self.at}" if self.at is not None else "")


def parse_fault(text: str) -> FaultOrder:
    """`ribbon-out@5`, `slow-replies:800`, `power-cut@3:200`.

    Raises:
        ConfigError: not of that form, an unknown name, or an argument where none is taken.
    """
    match = _ORDER.fullmatch(text)
    kind = KINDS.get(match["name"]) if match else None
    if match is None or kind is None:
        raise ConfigError(f"fault: expected NAME[@K][:ARG] with NAME one of {', '.join(KINDS)}; got {text!r}")
    if match["arg"] and kind.default_arg is None:
        raise ConfigError(f"fault {match['name']}: expected no argument, got {match['arg']!r}; leave it out")
    at = int(match["at"]) if match["at"] else None
    return FaultOrder(match["name"], at, int(match["arg"] or kind.default_arg or 0))


class FaultBoard:
    """Orders that wait for their label, and faults that are in force."""

    def __init__(self) -> None:
        self.waiting: list[FaultOrder] = []
        self.active: dict[str, int] = {}

    def due(self, label: int, phase: Phase) -> list[FaultOrder]:
        """Take off the orders of this phase whose label has come."""
        if not self.waiting:
            return []
        due = [o for o in self.waiting if o.kind.phase is phase and (o.at or 0) <= label]
        self.waiting = [o for o in self.waiting if o not in due]
        return due

    def withdraw(self, names: Iterable[str]) -> set[str]:
        """Forget waiting orders of these names, end active ones; returns the names that were active."""
        gone = set(names)
        self.waiting = [o for o in self.waiting if o.name not in gone]
        return self.end(gone)

    def end(self, names: Iterable[str]) -> set[str]:
        """End active faults of these names; returns those that were active."""
        ended = set(names) & set(self.active)
        for name in ended:
            del self.active[name]
        return ended

    @property
    def stopped(self) -> bool:
        """Whether the head stands still until an operator comes."""
        return not HALTS.isdisjoint(self.active)
