"""Holds the maker that a label names against the firm for which its code was issued. Pure.

The two may differ by law: who sews, who owns the brand and who orders codes need not be one company. So both are shown,
and a difference is a note, no reason to doubt the label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central_registry.consumer.garment_facts import maker_of
from central_registry.consumer.notices import Firm
from label_protocol.plain import plain


def is_another(firm: Firm | None, snapshot: Mapping[str, Any]) -> bool:
    """Whether the label names another company than `firm`: by the number on its licence where it states one, which
    a change of name leaves alone, else by name. A label that names none, and a firm for trying, say nothing."""
    stated = maker_of(snapshot)
    if firm is None or firm.sandbox:
        return False
    if stated["uscc"]:
        return plain(stated["uscc"]).upper() != firm.party
    return bool(stated["name"]) and plain(stated["name"]) != plain(firm.name)
