"""This check says what else the template of a carton's label must be: it shows a carton and no single garment, so it
has bars and no code of its own. Complaints in the words of `flaws.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edge_agent.render.facts import CARTON_ROOT
from edge_agent.render.templates.flaws import Complaint
from edge_agent.render.templates.order_lint import paths_of
from edge_agent.render.templates.stacked import AnySlot, ContentsItem, SsccItem

CARTON_LABEL = "carton_sscc"
"""The label kind that is made from a carton; no other template has bars or contents."""

_KINDS = ("text", "fields", "box", "sscc", "contents")


def carton_complaints(kind: str, slots: Sequence[AnySlot], required: Sequence[str]) -> Iterator[Complaint]:
    """Everything that is wrong with a carton's label, or is of one in a template that is none."""
    if kind == CARTON_LABEL:
        yield from _of_carton(slots, required)
        return
    for number, slot in enumerate(slots):
        if isinstance(slot, SsccItem | ContentsItem) or any(_is_carton(path) for path in paths_of(slot)):
            en = f'expected what is of a carton in templates of kind = "{CARTON_LABEL}" only, got it here; remove it'
            yield Complaint(number, f"这是箱标（{CARTON_LABEL}）才有的内容，请删掉", en)
    for path in filter(_is_carton, required):
        yield Complaint(None, f"{path} 只有箱标才有，请从 required 里删掉", f"expected no carton here, got {path}")


def _of_carton(slots: Sequence[AnySlot], required: Sequence[str]) -> Iterator[Complaint]:
    if (count := sum(isinstance(slot, SsccItem) for slot in slots)) != 1:
        advice = "add one" if count == 0 else "remove the others"
        zh = f"箱标要有且只有一个 sscc 部位，现在有 {count} 个，请改正"
        yield Complaint(None, zh, f"expected exactly one sscc slot in a carton's label, got {count}; {advice}")
    for number, slot in enumerate(slots):
        if slot.kind not in _KINDS:
            en = f"expected {', '.join(_KINDS)} in a carton's label, got {slot.kind}; remove it"
            yield Complaint(number, f"箱标里不能用 {slot.kind}，请删掉", en)
        for path in paths_of(slot):
            if not _is_carton(path):
                yield Complaint(number, f"{path} 是一件衣服的，箱标里没有，请改正", _foreign(path))
    for path in required:
        if not _is_carton(path):
            yield Complaint(None, f"{path} 是一件衣服的，请从 required 里删掉", _foreign(path))


def _foreign(path: str) -> str:
    return f"expected facts of a carton on its label, got {path}, which is of one garment; remove it"


def _is_carton(path: str) -> bool:
    return path.partition(".")[0] == CARTON_ROOT
