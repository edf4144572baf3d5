"""Says how much of a firm's lot a laboratory reads: what its form asks for, and what it filed itself. Pure.

A laboratory works for many firms, and nobody names to it beforehand what will come: it finds any lot of its
associations' firms by number, style and name of the firm. How large others' lots are, what is certified of them, how
many codes they have and what happened to them is none of its business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central_registry.goods.certified import CertifiedProduct
from central_registry.parties.actor import Actor, PartyKind

_NAMED = frozenset({"firm", "firm_name", "lot_no", "style_no", "changed_at"})
_FORM = frozenset({"name", *CertifiedProduct.model_fields})
"""Of the product: what may be certified, and what it is called."""


def lot_for(actor: Actor, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the list of lots, as this person's party may read it."""
    whole = actor.kind is not PartyKind.LAB
    return {name: value if whole or name in _NAMED else None for name, value in row.items()}


def whole_lot_for(actor: Actor, lot: Mapping[str, Any]) -> dict[str, Any]:
    """One lot with all that hangs on it, as this person's party may read it."""
    if actor.kind is not PartyKind.LAB:
        return dict(lot)
    product = lot["record"].get("product")
    stated = product if isinstance(product, Mapping) else {}
    own = {
        name: [one for one in lot[name] if one["lab"] == actor.party] for name in ("certificates", "reports", "samples")
    }
    record = {"product": {name: value for name, value in stated.items() if name in _FORM}}
    return {**lot, "record": record, **own, "source": "", "person": "", "limit": None, "keys": [], "story": []}
