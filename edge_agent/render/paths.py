"""The facts that a template may name, one by one: a misspelled one would never be printed, and nobody would be told."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from garment.facts import FACTS, FIGURES, INDICATORS, INDICATORS_PATH

_PARTY = ("name", "address", "uscc", "phone")

_OF_ORDER: Mapping[str, tuple[str, ...]] = {
    "order": (
        *("order_no", "date", "remarks"),
        *(f"{party}.{fact}" for party in ("seller", "buyer") for fact in _PARTY),
    ),
    "line": ("number", "quantity", "basis"),
    "totals": ("lines", "styles", "pieces"),
    "page": ("number", "count"),
    "carton": ("sscc", "number", "sender", "total", "styles", "packed_on", "copy"),
}
"""Facts that an order sheet, and a carton's label, have besides, by root."""

ONE_VALUE = frozenset(
    (
        *(fact.path for fact in FACTS if not fact.several),
        "filling.weight_g",
        "lot.grade.scheme_name",
        *(f"{root}.{fact}" for root, facts in _OF_ORDER.items() for fact in facts),
    )
)
"""Facts of one value: these can be written out. An indicator is its level; its figure stands behind it."""


def _groups(path: str) -> Iterator[str]:
    """What a fact lies in: `lot` and `lot.grade` of `lot.grade.overall`."""
    while path := path.rpartition(".")[0]:
        yield path


SEVERAL = (
    frozenset(
        (
            *(fact.path for fact in FACTS if fact.several),
            "carton.lines",
            *(one for path in ONE_VALUE for one in _groups(path)),
        )
    )
    - ONE_VALUE
)
"""Facts that are several values: they can be asked for, and have slots of their own."""


class NoFactError(ValueError):
    """A path that leads to no fact, or to several where one is meant; `zh` says so in Chinese."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh


def check_fact(path: str) -> None:
    """Refuse what no record, no order and no carton has. Raises NoFactError."""
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
    """Another scheme may have other indicators, so only what resembles one of ours is a slip."""
    indicator = path.removeprefix(INDICATORS_PATH)
    resembles = "." in indicator or difflib.get_close_matches(indicator, (*INDICATORS, *FIGURES))
    return path.startswith(INDICATORS_PATH) and not resembles


def _meant_zh(meant: Sequence[str]) -> str:
    return f"是不是 {' 或 '.join(meant)}？请改正" if meant else "请照 docs/templates.md 的资料名改正"


def _meant_en(meant: Sequence[str]) -> str:
    return f"did you mean {' or '.join(meant)}?" if meant else "see the names of facts in docs/templates.md"
