"""The facts that a template may name, one by one: a misspelled one would never be printed, and nobody would be told.

Rendering knows no record, so this table stands beside the model; a test holds the two together.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

_PARTY = ("name", "address", "uscc", "phone")

_ONE: Mapping[str, tuple[str, ...]] = {
    "product": (
        *("brand", "name", "style_no", "colour", "gtin", "size", "wearer", "standard", "quality_class", "safety"),
        *("maker.name", "maker.address", "maker.uscc"),
        *("carbon_mark.certificate_no", "carbon_mark.body", "carbon_mark.value", "carbon_mark.declared_unit"),
        *("carbon_mark.valid_to", "carbon_mark.artwork_sha256"),
    ),
    "lot": ("lot_no", "report_no", "lab", "inspected_on", "quantity", "grade.scheme", "grade.overall"),
    "filling": ("species", "cluster_percent", "weight_g"),
    "order": (
        *("order_no", "date", "remarks"),
        *(f"{party}.{fact}" for party in ("seller", "buyer") for fact in _PARTY),
    ),
    "line": ("number", "quantity", "basis"),
    "totals": ("lines", "styles", "pieces"),
    "page": ("number", "count"),
}
"""Facts of one value, by root: these can be written out."""

_GROUPS = ("composition", "fill_weight_g", "care", "maker", "carbon_mark")
"""Facts of a product that are several values: they can be asked for, and have slots of their own."""

_ROWS = "lot.grade.indicators."
_INDICATORS = ("cluster_content", "fill_power", "turbidity", "down_leakage", "colour_fastness")
"""Indicators of the Pinghu scheme. Another scheme may have others, so only what resembles one of these is a slip."""

ONE_VALUE = frozenset(
    (
        *(f"{root}.{fact}" for root, facts in _ONE.items() for fact in facts),
        *(f"{_ROWS}{indicator}" for indicator in _INDICATORS),
    )
)
SEVERAL = frozenset(
    (
        *_ONE,
        *(f"product.{group}" for group in _GROUPS),
        *("lot.grade", "lot.grade.indicators", "order.seller", "order.buyer"),
    )
)


class NoFactError(ValueError):
    """A path that leads to no fact, or to several where one is meant; `zh` says so in Chinese."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh


def check_fact(path: str) -> None:
    """Refuse what no record and no order has. Raises NoFactError."""
    if path not in ONE_VALUE | SEVERAL and not _of_another_scheme(path):
        meant = _similar(path)
        raise NoFactError(
            f"资料里没有 {path[:60]}，{_meant_zh(meant)}",
            f"expected a fact that records have, got {path[:60]!r}; {_meant_en(meant)}",
        )


def check_one_fact(path: str) -> None:
    """Refuse what cannot be written out as one value. Raises NoFactError."""
    check_fact(path)
    if path in SEVERAL:
        inside = sorted(one for one in ONE_VALUE if one.startswith(f"{path}."))[:3]
        raise NoFactError(
            f"{path} 是一组资料，不是一项，{_meant_zh(inside)}",
            f"expected a path to one fact, got {path!r}, a group; {_meant_en(inside)}",
        )


def _similar(path: str) -> list[str]:
    """Facts spelt like it, whatever root they have."""
    by_name = {fact.partition(".")[2]: fact for fact in sorted(ONE_VALUE | SEVERAL)}
    return [by_name[name] for name in difflib.get_close_matches(path.partition(".")[2], by_name, 3, 0.7)]


def _of_another_scheme(path: str) -> bool:
    indicator = path.removeprefix(_ROWS)
    return path.startswith(_ROWS) and "." not in indicator and not difflib.get_close_matches(indicator, _INDICATORS)


def _meant_zh(meant: Sequence[str]) -> str:
    return f"是不是 {' 或 '.join(meant)}？请改正" if meant else "请照 docs/templates.md 的资料名改正"


def _meant_en(meant: Sequence[str]) -> str:
    return f"did you mean {' or '.join(meant)}?" if meant else "see the names of facts in docs/templates.md"
