"""Cartons for tests of their label: contents, data, and the label as it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge_agent.labels.carton import CartonFacts, carton_layout, carton_snapshot
from edge_agent.model.cartons import Carton, CartonLine, CartonState
from edge_agent.render.plan import Layout
from label_protocol.details import CartonSnapshot

SSCC = "069012340000000122"
SENDER = "示例羽绒服饰有限公司"
SIZES = (("170/88A", 8), ("175/92A", 12), ("180/96A", 4))
ONE_STYLE = tuple(CartonLine("YR2026-0801", "男式连帽羽绒服", "黑色", size, count) for size, count in SIZES)
LONG_NAME = "男式圆领提花拼接假两件毛衫可拆卸围脖加厚保暖羊毛混纺针织外套"


def assorted(
    styles: int, colours: Sequence[str] = ("黑色", "藏青色"), name: str = "男式圆领毛衫"
) -> tuple[CartonLine, ...]:
    """So many styles, each in these colours and two sizes, one garment each."""
    return tuple(
        CartonLine(f"YR2026-{style:04d}", name, colour, size, 1)
        for style in range(styles)
        for colour in colours
        for size in ("170/88A", "175/92A")
    )


def a_carton(lines: Sequence[CartonLine], sscc: str = SSCC, printings: int = 0) -> Carton:
    """Closed, with these garments in it."""
    count, at = sum(line.count for line in lines), "2026-11-20T02:00:00.000Z"
    return Carton("C0F3A92C1", CartonState.CLOSED, sscc, count, printings, "A01", at, at)


def data_of(lines: Sequence[CartonLine], *, nth: int = 1, sscc: str = SSCC, sender: str = SENDER) -> CartonSnapshot:
    """What the label of such a carton says."""
    return carton_snapshot(CartonFacts(a_carton(lines, sscc, nth - 1), sender, "2026-11-20", lines), nth)


def label_of(lines: Sequence[CartonLine], dpi: int = 203, **more: Any) -> Layout:
    """That label."""
    return carton_layout(data_of(lines, **more), dpi)
