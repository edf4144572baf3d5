"""This check says what else an order sheet's template must be: its slots show an order, not one garment record, and
some of them stand on the last page only. Complaints in the words of `flaws.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge_agent.render.facts import ORDER_ROOTS, RECORD_ROOTS, fields
from edge_agent.render.templates.flaws import Complaint
from edge_agent.render.templates.slots import AnyFields, AnyIndicators, AnyText, OrderLinesSlot, Slot
from edge_agent.render.templates.stacked import AnySlot

ORDER_SHEET = "order_sheet"
"""The label kind that is made from an order file; no other template may have an `order_lines` slot."""

_AROUND = ("text", "fields", "box")
"""Kinds that may stand around the table: all others show one garment."""

_AROUND_ROOTS = ("order", "totals", "page")


def order_complaints(
    kind: str, slots: Sequence[Slot], required: Sequence[str], *, continuous: bool
) -> Iterator[Complaint]:
    """Everything that is wrong with an order sheet's template, or is of an order sheet in a template that is none."""
    if kind == ORDER_SHEET:
        yield from _of_order_sheet(slots, continuous=continuous)
    else:
        yield from of_label_complaints(slots, required)


def never_meet(one: Slot, other: Slot) -> bool:
    """Whether the two are never at one place of one page, though their boxes overlap: the table ends higher on the last
    page, and what stands there only may begin where it ends."""
    for table, below in ((one, other), (other, one)):
        if isinstance(table, OrderLinesSlot) and below.pages == "last":
            return below.edges_mm[1] >= table.edges_mm[1] + table.last_height_mm - 1e-6
    return False


def paths_of(slot: AnySlot) -> tuple[str, ...]:
    """The facts that a slot names, those of an order sheet's columns left out."""
    match slot:
        case AnyText():
            return (*fields(slot.text), *((slot.when,) if slot.when else ()))
        case AnyFields():
            return tuple(path for row in slot.rows for path in fields(row.text))
        case AnyIndicators():
            return tuple(path for row in slot.rows for path in (row.path, row.measured) if path)
        case OrderLinesSlot():
            totals = (column.total for column in slot.columns)
            return tuple(path for text in (slot.total, *totals) if text for path in fields(text))
        case _:
            return ()


def _of_order_sheet(slots: Sequence[Slot], *, continuous: bool) -> Iterator[Complaint]:
    if (count := sum(isinstance(slot, OrderLinesSlot) for slot in slots)) != 1:
        advice = "add one" if count == 0 else "remove the others"
        zh = f"订货单要有且只有一个 order_lines 部位，现在有 {count} 个，请改正"
        yield Complaint(None, zh, f"expected exactly one order_lines slot in an order sheet, got {count}; {advice}")
    if continuous:
        en = "expected pages of one size for an order sheet, got continuous = true; remove it"
        yield Complaint(None, "订货单按页打印，不能 continuous = true，请删掉", en)
    for number, slot in enumerate(slots):
        if slot.kind not in _AROUND and not isinstance(slot, OrderLinesSlot):
            en = f"expected {', '.join(_AROUND)} around the lines of an order sheet, got {slot.kind}; remove it"
            yield Complaint(number, f"订货单里不能用 {slot.kind}，请删掉", en)
        elif slot.pages == "last" and isinstance(slot, OrderLinesSlot):
            yield Complaint(
                number, "货品表每页都有，请删掉 pages", 'expected lines on every page, got pages = "last"; remove it'
            )
        for path in paths_of(slot):
            if _root(path) not in _AROUND_ROOTS:
                en = f"expected order, totals or page here, since no line is meant, got {path}; name it in a column"
                yield Complaint(number, f"{path} 每行不同，只能写在 columns 里，请改正", en)


def of_label_complaints(slots: Sequence[AnySlot], required: Sequence[str]) -> Iterator[Complaint]:
    """What is of an order sheet in a template that is none."""
    for number, slot in enumerate(slots):
        if isinstance(slot, OrderLinesSlot) or getattr(slot, "pages", "") == "last":
            got = "order_lines" if isinstance(slot, OrderLinesSlot) else 'pages = "last"'
            en = f'expected it in templates of kind = "{ORDER_SHEET}" only, got {got}; remove it'
            yield Complaint(number, f"{got} 只能用在订货单（{ORDER_SHEET}）里，请删掉", en)
            continue
        for path in paths_of(slot):
            if _root(path) in ORDER_ROOTS:
                yield Complaint(number, f"{path} 只有订货单才有，请改正", _foreign(path))
    for path in required:
        if _root(path) in ORDER_ROOTS:
            yield Complaint(None, f"{path} 只有订货单才有，请从 required 里删掉", _foreign(path))


def _foreign(path: str) -> str:
    return f"expected {', '.join(RECORD_ROOTS)} on a label, got {path}, which only an order sheet has; correct it"


def _root(path: str) -> str:
    return path.partition(".")[0]
