"""This table lists the label kinds that rules know. A site may have a kind of its own, for which no rule asks; but a
misspelled kind would silently lose the rules of the kind that was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from edge_agent.render.templates.flaws import Complaint

LABEL_KINDS = (
    "down_grade",
    "down_hangtag",
    "composition_card",
    "order_sheet",
    "wash_care",
    "child_tag",
    "code_sticker",
    "carton_sscc",
)


def kind_complaints(kind: str) -> Iterator[Complaint]:
    """A kind that resembles a known one and is none of them."""
    meant = difflib.get_close_matches(kind, LABEL_KINDS, 1, 0.7)
    if meant and kind not in LABEL_KINDS:
        zh = f"标签种类 {kind} 不对，是不是 {meant[0]}？规则按种类要求内容，请改正"
        known = ", ".join(LABEL_KINDS)
        en = f"expected kind = one of {known}, or a name unlike them, got {kind}; did you mean {meant[0]}?"
        yield Complaint(None, zh, en)
