"""A template names facts by dotted paths over the snapshot, and a substitution writes them out and does nothing else.

`str.format` was rejected: on data it reaches attributes, and a brace in a brand name would be read as a command.
Beside `product` and `lot` a template may name `filling`, which gathers what the record keeps in two places: species and
stated 绒子含量 of the down part, and the fill weight of this very size. An indicator's path is its level, whether a
figure stands beside it or not; the figure with its unit is `….measured`, and `lot.grade.scheme_name` says whose grade
it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from edge_agent.errors import RenderError
from edge_agent.render.paths import check_fact, check_one_fact
from garment.facts import INDICATORS_PATH
from garment.schemes import level_of, measured_text, short_name

Facts = Mapping[str, Any]

_PATH = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_FIELD = re.compile(rf"\{{({_PATH})\}}", re.ASCII)
RECORD_ROOTS = ("product", "lot", "filling")
ORDER_ROOTS = ("order", "line", "totals", "page")
"""What order sheets have besides (`order_sheet/pages.py`)."""
CARTON_ROOT = "carton"
"""What a carton's label has, and it alone."""

_RECORD_PATHS = {
    "filling.species": "product.composition[].down.species",
    "filling.cluster_percent": "product.composition[].down.cluster_percent",
    "filling.weight_g": "product.fill_weight_g for this product.size",
}


def facts_of(snapshot: Facts) -> dict[str, Any]:
    """What templates may name, from a snapshot's `product` and `lot`, or from the carton that it is of."""
    if CARTON_ROOT in snapshot:
        return {CARTON_ROOT: snapshot[CARTON_ROOT]}
    product = snapshot["product"]
    return {"product": product, "lot": _lot(snapshot.get("lot")), "filling": _filling(product)}


def fields(text: str) -> tuple[str, ...]:
    """The paths a template text names.

    Raises:
        ValueError: a brace that encloses no path, or a path to no fact or to several.
    """
    if set(_FIELD.sub("", text)) & set("{}"):
        raise ValueError(f"expected braces around paths like {{product.brand}} only, got {text[:60]!r}")
    paths = tuple(_FIELD.findall(text))
    for path in paths:
        check_one(path)
    return paths


def check_one(path: str) -> str:
    """`path` itself; ValueError if it leads to no fact, or to several at once."""
    check_path(path)
    check_one_fact(path)
    return path


def check_path(path: str) -> str:
    """`path` itself; ValueError if no record, order or carton has such a fact: it would never be printed."""
    roots = (*RECORD_ROOTS, *ORDER_ROOTS, CARTON_ROOT)
    if not re.fullmatch(_PATH, path, re.ASCII) or path.partition(".")[0] not in roots:
        raise ValueError(
            "expected a path that starts with product, lot or filling (in an order sheet also order, line, totals or "
            f"page, in a carton's label carton), got {path[:60]!r}"
        )
    check_fact(path)
    return path


def fill(text: str, facts: Facts, slot: str) -> str | None:
    """`text` with its paths replaced by facts, or None if one of them is absent. Facts are not searched for paths.

    Raises:
        RenderError: a path to a group of facts instead of one.
    """
    values = {path: _word(path, value(path, facts), slot) for path in fields(text)}
    if any(word is None for word in values.values()):
        return None
    return _FIELD.sub(lambda match: values[match[1]] or "", text)


def value(path: str, facts: Facts) -> Any:
    """What stands at `path`, or None if any step of it is absent."""
    found: Any = facts
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return level_of(found) if path.startswith(INDICATORS_PATH) else found


def check_required(required: Iterable[str], facts: Facts, template: str) -> None:
    """Refuse facts without something the template must show.

    Raises:
        RenderError: names the first absent path as the record spells it.
    """
    for path in required:
        if value(path, facts) in (None, "", [], {}):
            raise RenderError(
                f"模板 {template} 要印 {path}，资料里没有，请补上 · "
                f"template {template}: expected {_RECORD_PATHS.get(path, path)}, got nothing; "
                "complete the garment record"
            )


def plain_number(text: str) -> str:
    """A decimal without zeros that say nothing: 90.0 → 90, 50.50 → 50.5."""
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"[0-9]+\.[0-9]+", text, re.ASCII) else text


def _lot(lot: Facts | None) -> Facts | None:
    """With the figures of its grade as they are written out, and its scheme by name."""
    if lot is None or not lot.get("grade"):
        return lot
    grade = lot["grade"]
    told = {name: _told(indicator) for name, indicator in grade.get("indicators", {}).items()}
    return {**lot, "grade": {**grade, "indicators": told, "scheme_name": short_name(grade["scheme"])}}


def _told(indicator: Any) -> Any:
    figure = measured_text(indicator)
    return {**indicator, "measured": figure} if figure else indicator


def _filling(product: Facts) -> dict[str, Any]:
    down: Facts = next((part["down"] for part in product.get("composition", ()) if part.get("down")), {})
    filling = {
        "species": down.get("species"),
        "cluster_percent": down.get("cluster_percent"),
        "weight_g": (product.get("fill_weight_g") or {}).get(product.get("size")),
    }
    return {key: plain_number(str(found)) for key, found in filling.items() if found is not None}


def _word(path: str, found: Any, slot: str) -> str | None:
    if found is None or isinstance(found, str):
        return found or None
    if isinstance(found, int):
        return str(found)
    raise RenderError(
        f"slot {slot}: expected one value at {path}, got a {type(found).__name__}; name a value inside it"
    )
