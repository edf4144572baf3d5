"""What each alarm says to a person, how grave it is, and what to do about it. Pure: one table.

Kinds of the registry first, then those that agents raise; one that this version does not know is named as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from central_registry.alarms import AlarmKind
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.words import Words
from label_protocol.kinds import AlarmKind as AgentAlarm


class Meaning(NamedTuple):
    """`todo`: what somebody should do about it."""

    words: Words
    look: Look
    todo: str


ALARMS: Mapping[str, Meaning] = {
    AlarmKind.CHECK_CODE_GUESSED: Meaning(
        Words("有人在猜校验码", "a check code is being guessed"),
        Look.ATTENTION,
        "看这枚码在哪里被多次扫描；疑似造假的留样",
    ),
    AlarmKind.CLAIM_WITHOUT_RECEIPT: Meaning(
        Words("打印端自称丢了记录，但拿不出平台回执", "a claim of lost events without a receipt"),
        Look.STOP,
        "核实这台电脑是不是原来那台；不要恢复它的额度",
    ),
    AlarmKind.CLONED: Meaning(
        Words("两台电脑用同一个打印端身份", "two machines of one identity"),
        Look.STOP,
        "找到两台电脑，停掉一台，再重新登记",
    ),
    AlarmKind.DECIDER_REMOVED: Meaning(
        Words("协会只剩一名办事人员", "one person is left who decides"),
        Look.ATTENTION,
        "问是谁、为什么；尽快补上第二人",
    ),
    AlarmKind.FACTS_DIFFER: Meaning(
        Words("标签与证书不一致", "a label differs from its certificate"),
        Look.STOP,
        "对照证书，要求企业说明；必要时暂停批次",
    ),
    AlarmKind.FED_AGAIN: Meaning(
        Words("平台数据恢复后，打印端补交了记录", "a restored registry was fed again"), Look.ATTENTION, "核对补交的张数"
    ),
    AlarmKind.FOREIGN_ISSUER: Meaning(
        Words("标签用了别人的号段", "labels of a foreign issuer"),
        Look.STOP,
        "查这台打印端的码从哪里来；这些码不显示为已登记",
    ),
    AlarmKind.FORGED_FEED: Meaning(
        Words("打印端拿出的下发数据不是平台发的", "a feed that the registry never sealed"),
        Look.STOP,
        "停用这台打印端，查程序",
    ),
    AlarmKind.FORK: Meaning(
        Words("打印端的记录与平台分叉", "an agent's history parted from the registry's"),
        Look.STOP,
        "看是否用旧备份恢复过",
    ),
    AlarmKind.FOUR_EYES_OFF: Meaning(
        Words("双人复核关闭，有人独自办理", "four eyes are off, and somebody decides alone"),
        Look.ATTENTION,
        "对照操作记录逐件核对；确认协会确实只有一人",
    ),
    AlarmKind.ONE_HAND: Meaning(
        Words(
            "提出和批准的两个账号，口令是其中一人给的", "who asked and who decided: one gave the other's one-time word"
        ),
        Look.ATTENTION,
        "问清这两个账号确实是两个人在用；如本人密码被重置过，请其核对这几件批准",
    ),
    AlarmKind.IMPOSSIBLE_MOVE: Meaning(
        Words("标签状态跳转不合规则", "an impossible step of a label"), Look.ATTENTION, "查这枚码的经过"
    ),
    AlarmKind.LOG_IN_GUESSED: Meaning(
        Words("有人在猜密码", "a password is being guessed"), Look.ATTENTION, "问本人；不是本人就重置密码、绑定手机"
    ),
    AlarmKind.LOST_AGENT_RETURNED: Meaning(
        Words("已停用的打印端又上报了", "a revoked agent told something"), Look.STOP, "到“停用后上报”裁定这些标签"
    ),
    AlarmKind.MANY_BODIES: Meaning(
        Words("打印端补交的下发内容太多", "an agent hands in more of what was fed than any site has"),
        Look.ATTENTION,
        "多半不是正常的打印端：核实这台电脑；今天超出的没有保存",
    ),
    AlarmKind.MANY_TOLD: Meaning(
        Words("打印端报来的警报太多，不再逐条列出", "more alarms of an agent's own than are listed"),
        Look.ATTENTION,
        "查这台打印端的程序；可能有人用假程序上报",
    ),
    AlarmKind.MALFORMED_EVENT: Meaning(
        Words("打印端报来的记录看不懂", "an event that cannot be read"), Look.ATTENTION, "看程序版本，联系信息技术"
    ),
    AlarmKind.NOT_ALLOTTED: Meaning(
        Words("标签没有分配依据", "labels without an allotment"), Look.STOP, "核对额度；这些码不显示为已登记"
    ),
    AlarmKind.OLD_SECRET_SHOWN: Meaning(
        Words("打印端换密钥后，又有人出示旧密钥", "an agent's old secret was shown after it got a new one"),
        Look.STOP,
        "多半有一份磁盘副本：核对警报里的两台电脑，找到副本，必要时停用后重新登记",
    ),
    AlarmKind.OVERDRAFT: Meaning(
        Words("打印多于分配", "more was drawn than allotted"), Look.STOP, "核对额度与打印端账本"
    ),
    AlarmKind.RECOVERED: Meaning(
        Words("打印端从平台恢复了记录", "an agent recovered its history"), Look.ATTENTION, "确认是换电脑或恢复备份"
    ),
    AlarmKind.REGISTRY_RESTORED: Meaning(
        Words("平台从备份恢复过", "the registry was restored"),
        Look.ATTENTION,
        "等所有打印端联系上；失联的到“打印端”处理",
    ),
    AlarmKind.SERIAL_CONFLICT: Meaning(
        Words("同一序列号两次登记", "one serial was told twice"), Look.STOP, "找到两张标签，留样"
    ),
    AlarmKind.SNAPSHOT_MISSING: Meaning(
        Words("标签内容没有上报", "a label's facts were never told"), Look.ATTENTION, "让打印端重新同步"
    ),
    AlarmKind.UNKNOWN_WINDOW: Meaning(
        Words("上报了没有开始过的打印", "a window that was never begun"), Look.ATTENTION, "联系信息技术"
    ),
    AlarmKind.VOID_SCANNED: Meaning(Words("作废的码被扫到", "a void label was scanned"), Look.STOP, "查这枚码贴在哪里"),
    AgentAlarm.POSSIBLE_DUPLICATE: Meaning(
        Words("打印机可能把一张标签打了两次", "one label may be there twice"), Look.STOP, "让企业找出多余的一张"
    ),
    AgentAlarm.COUNTER_RESET: Meaning(
        Words("打印机计数变小", "a printer's counter went back"), Look.ATTENTION, "问是否换过打印机"
    ),
    AgentAlarm.COUNTER_AHEAD: Meaning(
        Words("打印机计数超过账本", "a printer's counter is ahead of the ledger"),
        Look.STOP,
        "让企业清点打印机吐出的标签",
    ),
    AgentAlarm.INVALID_SCANNED: Meaning(
        Words("产线扫到作废标签", "a void label was scanned on a line"), Look.STOP, "留下这张标签"
    ),
    AgentAlarm.ADOPTED_CONFLICT: Meaning(
        Words("恢复的记录与平台不符", "recovered events are not the registry's"), Look.STOP, "联系信息技术"
    ),
    AgentAlarm.EVENTS_LOST: Meaning(
        Words("打印端丢了一部分记录", "an agent lost events"), Look.STOP, "清点这段时间的标签"
    ),
    AgentAlarm.CLOCK_JUMPED: Meaning(
        Words("打印端电脑时间倒退", "an agent's clock went back"), Look.ATTENTION, "让企业校准时间"
    ),
}

STATES: Mapping[str, State] = {
    "open": State(Look.STOP, Words("未接", "open")),
    "taken": State(Look.ATTENTION, Words("处理中", "taken")),
    "answered": State(Look.ATTENTION, Words("已答复", "answered")),
    "closed": State(Look.REST, Words("已关闭", "closed")),
}


def meaning_of(kind: str) -> Meaning:
    """What an alarm of that kind says."""
    return ALARMS.get(kind) or Meaning(Words(f"请查看 {kind}", f"look at {kind}"), Look.ATTENTION, "")
