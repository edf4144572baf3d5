"""What happened to a serial, in words: one row for each kind of thing that can. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from edge_agent.messages.text import Words
from label_protocol.states import Step


class LifeStep(StrEnum):
    """What can happen to a serial, or be said of it."""

    ORDERED = "ordered"
    SENT = "sent"
    PROVEN = "proven"
    DOUBTED = "doubted"
    NEVER_SENT = "never_sent"
    SCANNED = "scanned"
    ON_GARMENT = "on_garment"
    SETTLED_GOOD = "settled_good"
    SCRAPPED = "scrapped"
    INVALIDATED = "invalidated"
    REPLACED = "replaced"
    ALARMED = "alarmed"
    PACKED = "packed"
    SAMPLED = "sampled"


_L = LifeStep

STEPS: MappingProxyType[LifeStep, Words] = MappingProxyType(
    {
        _L.ORDERED: Words("下单", "ordered"),
        _L.SENT: Words("送到打印机", "sent to the printer"),
        _L.PROVEN: Words("证实已打印", "proven printed"),
        _L.DOUBTED: Words("存疑：去向不明", "in doubt: what became of it is not known"),
        _L.NEVER_SENT: Words("没有送出，序列号作废", "never sent, its serial is void"),
        _L.SCANNED: Words("扫到了", "its code was scanned"),
        _L.ON_GARMENT: Words("挂到衣服上", "put on its garment"),
        _L.SETTLED_GOOD: Words("认定是好的", "decided to be good"),
        _L.SCRAPPED: Words("报废（已销毁）", "scrapped (destroyed)"),
        _L.INVALIDATED: Words("作废（没有找到）", "void (not found)"),
        _L.REPLACED: Words("由新的一张代替", "replaced by a new label"),
        _L.ALARMED: Words("作废以后又被扫到，已报警", "scanned though void, an alarm was raised"),
        _L.SAMPLED: Words("抽检，扫到了", "its code was scanned as a sample"),
        _L.PACKED: Words("装进箱子，现在还在里面", "packed into a carton, and still in it"),
    }
)

OF_STEP: MappingProxyType[Step, LifeStep] = MappingProxyType(
    {
        Step.PROVE: _L.PROVEN,
        Step.DOUBT: _L.DOUBTED,
        Step.NEVER_SENT: _L.NEVER_SENT,
        Step.SCAN: _L.SCANNED,
        Step.SETTLE_PRINTED: _L.SETTLED_GOOD,
        Step.COMMISSION: _L.ON_GARMENT,
        Step.SCRAP: _L.SCRAPPED,
        Step.INVALIDATE: _L.INVALIDATED,
    }
)
"""What each move of a serial is called; every `Step` has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeRow:
    """One thing that happened: `at` in UTC, `what` in words beside it. `level`: by what it was proven; `other`: the
    serial it replaces, or that replaces it, or the carton. What a row does not know is empty."""

    at: str
    what: LifeStep
    words: Words
    operator: str = ""
    reason: str = ""
    level: str = ""
    printer: str = ""
    job_id: str = ""
    other: str = ""
