"""What an operator reads while nothing may be issued."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.messages.text import Words
from label_protocol.details import ClockDetail
from label_protocol.kinds import HoldKind

DISK_FULL = Words(
    "磁盘已满，已停止发码，清理磁盘后自动继续",
    "the disk is full, so nothing can be recorded and issuing has stopped; make room and it goes on by itself",
)

HOLDS: Mapping[str, Words] = {
    HoldKind.WITNESS_AHEAD: Words(
        "账本比见证文件旧，可能丢失了发码记录，请联网核对",
        "the ledger is older than its witness, records of issued serials may be lost; "
        "let it ask the registry, or restore the newest backup",
    ),
    HoldKind.WITNESS_MISSING: Words(
        "见证文件缺失，无法确认账本完整",
        "the witness file is missing or unreadable, so nothing shows that the ledger is whole; let it ask the registry",
    ),
    HoldKind.WITNESS_OTHER: Words(
        "见证文件属于另一账本", "the witness belongs to another life of this ledger; let it ask the registry"
    ),
    HoldKind.COUNTER_AHEAD: Words(
        "打印机计数超过账本，可能有未记录的标签",
        "the printer's counter is ahead of the ledger, labels may be on paper that it does not know; "
        "check the printer's output",
    ),
    HoldKind.REGISTRY_AHEAD: Words(
        "平台的记录比本机多，正在恢复", "the registry knows more than this ledger; it has to recover first"
    ),
    HoldKind.FORKED: Words(
        "本机记录与平台分叉，正在恢复", "this ledger and the registry's copy part; it has to recover first"
    ),
    HoldKind.CLONED: Words(
        "另一台电脑在使用同一身份，本机停止发码，打过的照常上报；只有中心平台能解除",
        "another computer uses this agent's identity: issuing stops here, telling goes on; "
        "the platform alone ends it, with a token to enrol this one anew",
    ),
    HoldKind.DISK_FULL: DISK_FULL,
}
"""All but `WITNESS_FAULT` and `CLOCK_BEHIND`, which name their cause."""


def of_hold(kind: str) -> str:
    """The words of its kind; of a kind that this version does not know, its name."""
    return str(HOLDS.get(kind, kind))


def witness_fault(cause: str) -> Words:
    """Of a witness that cannot be written: `cause` is what the system said of it."""
    return Words(
        "见证文件无法写入，停止发码",
        f"issuing is held: the witness file cannot be written ({cause}); make room or correct its folder's rights, "
        "then start again",
    )


def clock_behind(clock: ClockDetail) -> Words:
    """Of a clock that is behind what is known, while serials may be drawn only until some moment."""
    now, known = clock["now"], clock["last_event_at"]
    return Words(
        f"电脑时钟是 {now}，比已知的时间 {known} 慢，停止发码：请校准时钟；时钟本来就对的，由班长确认",
        f"the computer's clock says {now}, behind the {known} that is known, so issuing has stopped; set the clock, or "
        "let a lead confirm that it is right",
    )
