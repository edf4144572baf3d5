"""What an open alarm asks of an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge_agent.messages.text import Words
from label_protocol.kinds import AlarmKind

ALARMS: Mapping[str, Words] = {
    AlarmKind.POSSIBLE_DUPLICATE: Words(
        "打印机多出了纸，可能有一张标签打了两次，请找出多余的一张",
        "the printer put out more paper than labels, one may be there twice; find the extra piece",
    ),
    AlarmKind.COUNTER_RESET: Words(
        "打印机计数变小了，可能换过打印机", "the printer's counter went back; was the printer changed?"
    ),
    AlarmKind.COUNTER_AHEAD: Words(
        "打印机计数超过账本，请检查打印机吐出的标签",
        "the printer's counter is ahead of the ledger; check what it put out",
    ),
    AlarmKind.INVALID_SCANNED: Words(
        "扫到了作废或报废的标签，请留下这张标签并报告", "a void label was scanned; keep it and report it"
    ),
    AlarmKind.SERIAL_CONFLICT: Words(
        "平台上同一序列号另有记录，请联系中心平台",
        "the registry has another label of this serial; call the platform",
    ),
    AlarmKind.ADOPTED_CONFLICT: Words(
        "恢复时有记录与平台不符", "recovered events are not the registry's; call the platform"
    ),
    AlarmKind.EVENTS_LOST: Words("账本丢失了一部分记录", "the ledger lost some of its events; call the platform"),
    AlarmKind.CLOCK_JUMPED: Words("电脑时间倒退了，请校准时间", "this computer's clock went back; set it right"),
}


def of_alarm(kind: str) -> Words:
    """The words of its kind; of a kind that this version does not know, its name."""
    return ALARMS.get(kind, Words(f"请查看 {kind}", f"look at {kind}"))


def _counted(detail: Mapping[str, Any]) -> Words:
    before, after = ("?" if detail.get(name) is None else detail[name] for name in ("before", "after"))
    labels = detail.get("labels")
    of_them = Words(f"，送出 {labels} 张", f", {labels} labels were sent") if labels is not None else Words("", "")
    return Words(f"计数 {before} → {after}{of_them.zh}", f"counter {before} → {after}{of_them.en}")


def _events(detail: Mapping[str, Any]) -> Words:
    told = [str(one) for one in detail["events"]]
    first = f"：{told[0]}" if told else ""
    return Words(f"{len(told)} 条{first}", f"{len(told)} events")


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], Words]] = {
    "after": _counted,
    "serial": lambda detail: Words(f"序列号 {detail['serial']}", "serial"),
    "events": _events,
    "witness": lambda detail: Words(f"第 {detail['witness']['seq']} 条记录", "the number of the event"),
    "last_event_at": lambda detail: Words(
        f"最后一条记录 {detail['last_event_at']}，电脑时间 {detail['now']}", "the last event, and this computer's clock"
    ),
}
"""By the fact that tells one kind of detail from another (`AlarmDetail`)."""


def of_detail(detail: Mapping[str, Any]) -> Words:
    """What an alarm is about: which label, which counts, which times; empty where nothing was recorded."""
    said = next((say for name, say in _DETAILS.items() if name in detail), None)
    return said(detail) if said else Words("", "")
