"""This check says what is wrong with the ways of a template of format 2: each shows every fact once and nothing that is
no slot, and a sheet of an order has none. Complaints in the words of `flaws.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from edge_agent.render.facts import fields
from edge_agent.render.templates.flaws import Complaint
from edge_agent.render.templates.order_lint import ORDER_SHEET
from edge_agent.render.templates.stacked import BoxItem, Item, TextItem, Way


def stack_complaints(kind: str, slots: Sequence[Item], ways: Sequence[Way]) -> Iterator[Complaint]:
    """Ways that lose a fact, show a slot twice, or name one that is none."""
    if kind == ORDER_SHEET:
        en = "expected format 1 for an order sheet, whose table has a place on each page, got 2; remove the line"
        yield Complaint(None, "订货单的版面是固定的，请删掉 format = 2", en)
    facts = [slot.name for slot in slots if _says(slot)]
    others = {slot.name for slot in slots} - set(facts)
    for number, way in enumerate(ways):
        counts = Counter(way.names())
        for name in [one for one in counts if one not in {*facts, *others}]:
            en = f"expected names of slots, got {name!r}, which is none; correct it"
            yield Complaint(number, f"没有叫 {name} 的部位，请改正", en, "way")
        for name in [one for one in facts if counts[one] != 1] + [one for one in others if counts[one] > 1]:
            zh = f"部位 {name} 在每种排法里要有且只有一次，现在 {counts[name]} 次，请改正"
            en = f"expected each slot once in a way, got {name} {counts[name]} times; place it once"
            yield Complaint(number, zh, en, "way")


def _says(slot: Item) -> bool:
    """Whether it shows a fact; a rule, and a caption that is no part of a table, may give way."""
    return not isinstance(slot, BoxItem) and not (isinstance(slot, TextItem) and not fields(slot.text))
