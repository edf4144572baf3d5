"""Says how a stop of labels stands, what was chosen and what came back, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.words import Words

STATES = (
    ("provisional", Words("待确认", "to be confirmed")),
    ("standing", Words("已确认", "confirmed")),
    ("lifted", Words("已恢复", "lifted")),
)
_NOT_STOPPED = State(Look.ATTENTION, Words("还没有停", "not stopped yet"))
_LIFTED = State(Look.GOOD, Words("已恢复", "lifted"))
_SUSPENDED = State(Look.ATTENTION, Words("已暂停", "suspended"))
_RECALLED = State(Look.STOP, Words("已召回", "recalled"))
_PENDING = State(Look.STOP, Words("召回待确认", "recall to be confirmed"))

_CHOSEN = {
    "serials": "清单 {:,} 枚",
    "agent": "打印端 {}",
    "printer": "打印机 {}",
    "since": "从 {}",
    "until": "到 {}",
    "lot_no": "批次 {}",
    "windows": "窗口 {}",
}
_PROGRESS = (
    ("printed", "已打印", "printed"),
    ("commissioned", "已贴到衣服上", "commissioned"),
    ("in_doubt", "存疑", "in doubt"),
    ("scrapped", "已作废", "scrapped"),
)
_BACK = (
    ("returned", "已退回", "returned"),
    ("back", "已归还", "given back"),
    ("destroyed", "已销毁", "destroyed"),
    ("elsewhere", "在途或在别处", "elsewhere"),
    ("not_moved", "没有流转记录", "no word of where"),
    ("scanned", "有人扫过", "scanned by somebody"),
)


def state_of(row: Mapping[str, Any]) -> State:
    """Of a row of `list_label_stops`; of one that is only looked at, that nothing is stopped."""
    if not row["state"]:
        return _NOT_STOPPED
    if row["state"] == "lifted":
        return _LIFTED
    if row["kind"] == "suspension":
        return _SUSPENDED
    return _PENDING if row["state"] == "provisional" else _RECALLED


def chosen_in_words(chosen: Mapping[str, Any]) -> str:
    """`打印端 line-1 · 打印机 p2`: of a choice as it was kept."""
    parts = [(name, chosen.get(name)) for name in _CHOSEN]
    return " · ".join(
        _CHOSEN[name].format("、".join(value[:3]) + ("…" if len(value) > 3 else "") if name == "windows" else value)
        for name, value in parts
        if value
    )


def progress_of(row: Mapping[str, Any]) -> list[Fact]:
    """What became of the labels, and of their garments where that is known."""
    states = [(zh, en, row["states"].get(name, 0)) for name, zh, en in _PROGRESS]
    back = [(zh, en, row[name]) for name, zh, en in _BACK if name in row]
    return [Fact(zh, en, f"{number:,}") for zh, en, number in (*states, *back)]
