"""This check says what is wrong between slots: names, partners that are missing, and places that overlap. Complaints in
the words of `flaws.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from edge_agent.render.templates.flaws import Complaint
from edge_agent.render.templates.order_lint import never_meet
from edge_agent.render.templates.slots import PER_LABEL, AnyCheckCode, Slot
from edge_agent.render.templates.stacked import AnySlot


def alike_complaints(slots: Sequence[AnySlot]) -> Iterator[Complaint]:
    """Names given twice, and codes that lack their partner: in both formats."""
    yield from _names_twice([slot.name for slot in slots])
    counts = {kind: sum(slot.kind == kind for slot in slots) for kind in ("qr", "serial")}
    if any(counts.values()):
        yield from (_one_of(kind, count) for kind, count in counts.items() if count != 1)
    yield from _check_codes(slots, coded=all(counts.values()))


def place_complaints(slots: tuple[Slot, ...], size_mm: tuple[float, float]) -> Iterator[Complaint]:
    """Slots of format 1 that leave the label or share room, beside what holds in both formats."""
    yield from alike_complaints(slots)
    for number, slot in enumerate(slots):
        _, _, right, bottom = slot.edges_mm
        if right > size_mm[0] + 1e-6 or bottom > size_mm[1] + 1e-6:
            yield _off_the_label(number, size_mm, (right, bottom))
    for (_, one), (number, other) in combinations(enumerate(slots), 2):
        if _share_room(one, other) and not _may_share(one, other):
            yield _overlap(number, one.name)


def _names_twice(names: list[str]) -> Iterator[Complaint]:
    for number, name in enumerate(names):
        if name in names[:number]:
            en = f"expected each name once, got it {names.count(name)} times; rename one"
            yield Complaint(number, "名字重复，请改名", en)


def _one_of(kind: str, count: int) -> Complaint:
    advice = "add one, or remove its partner too" if count == 0 else "remove the others"
    zh = f"要有且只有一个 {kind} 部位，现在有 {count} 个，请改正"
    return Complaint(None, zh, f"expected exactly one {kind} slot, got {count}; {advice}")


def _check_codes(slots: Sequence[AnySlot], *, coded: bool) -> Iterator[Complaint]:
    """At most one, and only beside the serial it is the code of."""
    numbers = [number for number, slot in enumerate(slots) if isinstance(slot, AnyCheckCode)]
    for number in numbers[1:]:
        en = f"expected at most one check_code slot, got {len(numbers)}; remove the others"
        yield Complaint(number, f"防伪码部位最多一个，现在有 {len(numbers)} 个，请删去多余的", en)
    if numbers and not coded:
        en = "expected a qr and a serial slot beside it, since it is the code of a serial, got none; add or remove"
        yield Complaint(numbers[0], "防伪码是序列号的码，模板里要有 qr 和 serial 部位，请补上或删去它", en)


def _off_the_label(number: int, size_mm: tuple[float, float], ends_mm: tuple[float, float]) -> Complaint:
    label, ends = f"{size_mm[0]:g} × {size_mm[1]:g} mm", f"{ends_mm[0]:g}, {ends_mm[1]:g}"
    en = f"expected to end within {label}, got {ends}; move it or make it smaller"
    return Complaint(number, f"超出标签（{label}），右边和下边到 {ends}，请移动或缩小", en)


def _overlap(number: int, other: str) -> Complaint:
    en = f"expected room of its own, got an overlap with slot {other}; move one or make it smaller"
    return Complaint(number, f"和部位 {other} 重叠，请移动或缩小其中一个", en)


def _share_room(one: Slot, other: Slot) -> bool:
    left, top, right, bottom = one.edges_mm
    left2, top2, right2, bottom2 = other.edges_mm
    overlap = 1e-6
    return min(right, right2) - max(left, left2) > overlap and min(bottom, bottom2) - max(top, top2) > overlap


def _may_share(one: Slot, other: Slot) -> bool:
    kinds = {one.kind, other.kind}
    return never_meet(one, other) or ("box" in kinds and not kinds & PER_LABEL)
