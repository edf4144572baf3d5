"""Says what a question to a second person is about beside its firm, so that two of one firm are told apart. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central_registry.console.pieces.life import Fact
from central_registry.parties.acts import Act

_PARTICULARS = {"name": ("名称", "name"), "short_name": ("简称", "short name"), "contact": ("电话", "telephone")}


def goods_of(row: Mapping[str, Any]) -> str:
    """`批次 L1 · 第 2 版 · 200 件`: of a row of `list_decisions`; '' for one about a party alone."""
    asked = row["asked"]
    if "label_stop" in asked:
        return f"{asked.get('labels', 0):,} 枚标签"
    goods = f"批次 {asked['lot_no']}" if asked.get("lot_no") else _of(asked, "style_no", "款号 {}")
    number, unit = asked.get("quantity"), "枚" if row["act"] == Act.APPROVE_CODES else "件"
    agent = row["about"] if row["act"] == Act.DECIDE_CLONE else asked.get("agent")
    parts = (
        goods,
        _of(asked, "version", "第 {} 版"),
        f"{number:,} {unit}" if isinstance(number, int) else "",
        f"打印端 {agent}" if agent else "",
    )
    return " · ".join(one for one in parts if one) or (str(asked["words"]) if "words" in asked else "")


def changes_of(asked: Mapping[str, Any]) -> list[Fact]:
    """Of a change of name or telephone: each as it is, and as it would be."""
    found = []
    for key, (before, after) in asked.get("changes", {}).items():
        zh, en = _PARTICULARS[key]
        found.append(Fact(f"{zh}：改为", f"{en} from, to", f"{before or '（空）'} → {after or '（空）'}"))
    return found


def _of(asked: Mapping[str, Any], name: str, said: str) -> str:
    return said.format(asked[name]) if asked.get(name) else ""
