"""What the states of certificates and the steps of an import are called. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from central_registry.console.pieces.state import UNKNOWN, Look, State
from central_registry.console.pieces.words import Words
from garment.facts import INDICATORS
from garment.schemes import level_of, measured_text

CERTIFICATES: Mapping[str, State] = {
    "filed": State(Look.ATTENTION, Words("待批准", "waits for approval")),
    "approved": State(Look.GOOD, Words("有效", "stands")),
    "rejected": State(Look.REST, Words("已退回", "rejected")),
    "suspended": State(Look.STOP, Words("已暂停", "suspended")),
    "withdrawn": State(Look.STOP, Words("已撤回", "withdrawn")),
    "superseded": State(Look.REST, Words("已被新版取代", "superseded")),
    "imported": State(Look.REST, Words("由原平台导入", "imported; lets no codes be ordered")),
    "none": State(Look.UNKNOWN, Words("无证书", "no certificate")),
}
STEPS: Mapping[str, State] = {
    "new": State(Look.GOOD, Words("新增", "new")),
    "same": State(Look.REST, Words("相同", "same")),
    "other_size": State(Look.REST, Words("其他尺码，首次导入的不变", "another size; what came first stays")),
    "differs": State(Look.ATTENTION, Words("不同", "differs")),
    "doubt": State(Look.ATTENTION, Words("待人工归属", "to be split by hand")),
    "refused": State(Look.STOP, Words("拒绝", "refused")),
}
KINDS: Mapping[str, Words] = {
    "style": Words("款式", "style"),
    "lot": Words("批次", "lot"),
    "gtin": Words("商品条码", "GTIN"),
}
"""What a row of a preview is about."""

_STORY: Mapping[str, Words] = {
    "lot": Words("资料导入", "imported"),
    "sample": Words("抽样", "sample drawn"),
    "report": Words("登记报告", "report filed"),
    "filed": Words("提交证书", "certificate filed"),
}

_SOURCES: Mapping[str, str] = {"console": "在管理端导入", "api": "由程序导入", "command": "用命令导入"}
_PARTY = re.compile(r" [0-9A-Z]{18}$")
"""A laboratory's code: its name stands with its report."""
_VERSION = re.compile(r"^v([0-9]+)(?= |$)")


def certificate_state(state: str | None) -> State:
    """How a version stands; None: there is none."""
    return CERTIFICATES.get(state or "none", UNKNOWN)


def graded(indicator: str, stated: Any) -> str:
    """`蓬松度 AAAA 18cm`: a graded property as a certificate states it."""
    return f"{INDICATORS.get(indicator, (indicator,))[0]} {level_of(stated)} {measured_text(stated)}".strip()


def told_of(what: str, detail: str) -> str:
    """The small line of a step of a lot's story, in words."""
    if what == "lot":
        return _SOURCES.get(detail, detail)
    if what == "report":
        return _PARTY.sub("", detail)
    return _VERSION.sub(r"第 \1 版", detail)


def moment_of(what: str) -> State:
    """What happened to a lot, as a pill of its story."""
    if what in _STORY:
        return State(Look.REST, _STORY[what])
    state = certificate_state(what.removesuffix("_provisional"))
    if not what.endswith("_provisional"):
        return state
    return State(state.look, Words(f"{state.words.zh}（临时）", f"{state.words.en}, provisional"))
