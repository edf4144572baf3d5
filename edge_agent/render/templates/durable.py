"""A durable label (耐久性标签) must show some facts whatever the record holds: a wash label without its care symbols is
one that an inspector rejects, so its template is refused before one is printed (rule L2).

GB/T 5296.4-2012, C2 (S45): size, composition and care are on the durable label. The same rule stands as a row in
`standards/gb_t_5296_4/rules.toml`, where a site may ask for more; this table is what no template goes below, and a test
holds the two together. Rendering knows no standard, so it cannot read the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from edge_agent.render.facts import fields
from edge_agent.render.templates.flaws import Complaint
from edge_agent.render.templates.slots import AnyCare, AnyComposition, AnyFields, AnyText
from edge_agent.render.templates.stacked import AnySlot

DURABLE_KINDS = frozenset({"wash_care"})
"""Label kinds that are sewn in and stay."""

MUST_SHOW: Mapping[str, tuple[str, str]] = {
    "product.size": ("号型或规格", "size"),
    "product.composition": ("纤维成分及含量", "fibre composition"),
    "product.care": ("维护方法", "care instructions"),
}
"""Facts by their path, with what they are in Chinese and English."""

_HOW = {"product.composition": "composition", "product.care": "care"}
"""Facts that a slot of their own kind shows; the others stand in a text's braces."""


def shown_for_certain(slots: Iterable[AnySlot], required: Sequence[str]) -> frozenset[str]:
    """The facts that are on every label of a template: what stands beside them in the same text is required too."""
    return frozenset(path for slot in slots for path in _certain(slot, frozenset(required)))


def durable_complaints(kind: str, slots: Sequence[AnySlot], required: Sequence[str]) -> Iterator[Complaint]:
    """What a template of a durable kind does not show; nothing for other kinds."""
    if kind not in DURABLE_KINDS:
        return
    shown = shown_for_certain(slots, required)
    for path, (zh, en) in MUST_SHOW.items():
        if path not in shown:
            slot = f"a {_HOW[path]} slot" if path in _HOW else f"{{{path}}} in a text of its own"
            place = f"一个 {_HOW[path]} 部位" if path in _HOW else f"单独写着 {{{path}}} 的部位"
            yield Complaint(
                None,
                f"耐久性标签必须有{zh}（GB/T 5296.4），请加上{place}",
                f"expected the {en} on a durable label (GB/T 5296.4, rule L2), got none; add {slot}",
            )


def _certain(slot: AnySlot, required: frozenset[str]) -> Iterator[str]:
    match slot:
        case AnyCare():
            yield "product.care"
        case AnyComposition():
            yield "product.composition"
        case AnyText():
            yield from _together([*fields(slot.text), *([slot.when] if slot.when else [])], required)
        case AnyFields():
            for row in slot.rows:
                yield from _together(fields(row.text), required)


def _together(paths: Sequence[str], required: frozenset[str]) -> Iterator[str]:
    """A text is left out if one of its facts is absent: each is certain only if all others are required."""
    for path in paths:
        if set(paths) - {path} <= required:
            yield path
