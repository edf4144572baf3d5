"""What a code is, in the words of the shop."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.messages.text import Words
from edge_agent.model.scan import ScanKind

SCAN_KINDS: Mapping[ScanKind, Words] = {
    ScanKind.LABEL: Words("标签", "a label"),
    ScanKind.BADGE: Words("工牌", "a badge"),
    ScanKind.WORK_ORDER: Words("生产单", "a work order"),
    ScanKind.CARTON: Words("箱标签", "a carton's label"),
    ScanKind.STYLE: Words("商品条码", "a style's barcode"),
}


def named(kinds: list[ScanKind]) -> Words:
    """Several kinds in one breath."""
    rows = [SCAN_KINDS[kind] for kind in kinds]
    return Words("、".join(row.zh for row in rows), ", ".join(row.en for row in rows))
