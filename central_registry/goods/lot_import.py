"""Takes in styles and lots. What is known already stays as it is, unless whoever imports says that it is replaced.

A lot number is the maker's own, and lots do not belong to firms yet: a second maker under a known number is refused
whatever is said, since replacing it would give one maker's labels the other's facts. Styles alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from central_registry.db import Connection, Pool, in_transaction
from central_registry.distribution.items import EVERYBODY, held_of, key_of, lock, put_all
from central_registry.goods.differences import differences, two_makers
from central_registry.goods.lot_limit import Excess, Override, excess, keep_override, require_override
from central_registry.goods.quota_keys import of_lot
from central_registry.problems import RefusedError

_OF_ONE_SIZE = frozenset({"gtin", "size", "colour", "fill_weight_g"})
"""Facts of a product that follow its GTIN: the same style in another size has others, and contradicts nothing."""

_TOLD = 12
"""How many differences a refusal names."""


@dataclass(slots=True)
class _Import:
    """What an import comes to: items by (kind, key) as they are `known` with it, those of them that are `changed`, in
    words where it is `differing`, and the `overrides` it needs, by lot."""

    known: dict[tuple[str, str], Mapping[str, Any]]
    changed: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)
    other_sizes: int = 0
    overrides: dict[str, Excess] = field(default_factory=dict)


async def import_lots(
    pool: Pool, records: Sequence[Mapping[str, Any]], *, replace: bool = False, override: Override | None = None
) -> dict[str, int]:
    """Take in each record's style, and its lot if it has one: `{styles, lots, changed, other_sizes}`. All or nothing.

    Raises:
        RefusedError: a known lot or style with other facts, and not `replace`; two makers under one number; a lot of
            which more is allotted than it now states, and no `override`.
    """
    items = [item for record in records for item in _items(record)]
    found = await in_transaction(pool, lambda connection: _import(connection, items, replace, override))
    styles = {key_of(item) for item in items if item["kind"] == "style"}
    lots = sum(item["kind"] == "lot" for item in items)
    return {"styles": len(styles), "lots": lots, "changed": len(found.changed), "other_sizes": found.other_sizes}


def _items(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    product, lot = record["product"], record.get("lot")
    yield {"kind": "style", "style_no": product["style_no"], "record": {"product": product}}
    if lot:
        yield {"kind": "lot", "lot_no": lot["lot_no"], "record": dict(record)}


async def _import(
    connection: Connection, items: Sequence[Mapping[str, Any]], replace: bool, override: Override | None
) -> _Import:
    await lock(connection)
    found = _Import(await held_of(connection, items))
    stood = dict(found.known)
    for item in items:
        _take(found, item, replace)
    if found.differing:
        raise RefusedError(_sentence(found.differing))
    for place, item in found.changed.items():
        if item["kind"] == "lot" and place in stood:
            await _require_room(connection, found, item, override)
    numbers = await put_all(connection, EVERYBODY, list(found.changed.values()))
    for (kind, key), number in zip(found.changed, numbers, strict=True):
        if override and kind == "lot" and key in found.overrides:
            await keep_override(connection, found.overrides[key], override, None, number)
    return found


def _take(found: _Import, item: Mapping[str, Any], replace: bool) -> None:
    """An item that is new, or that differs and may be replaced, is changed; any other stays as it is known."""
    place = kind, key = str(item["kind"]), key_of(item)
    old = found.known.get(place)
    if old == item:
        return
    if old is not None:
        _require_one_maker(f"{kind} {key}", old["record"], item["record"])
        if not replace:
            told = list(differences(*_comparable(old["record"], item["record"])))
            found.differing += [f"{kind} {key}, {one}" for one in told]
            found.other_sizes += not told
            return
    found.known[place] = found.changed[place] = item


def _comparable(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Both whole if they are of one GTIN; else without what each size has for itself."""
    if old["product"].get("gtin") == new["product"].get("gtin"):
        return old, new
    bare = ({name: value for name, value in one["product"].items() if name not in _OF_ONE_SIZE} for one in (old, new))
    return {**old, "product": next(bare)}, {**new, "product": next(bare)}


def _require_one_maker(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    makers = two_makers(old["product"], new["product"])
    if makers:
        raise RefusedError(
            f"编号属于另一厂家 · {what}: expected the maker {makers[0]}, got {makers[1]}; "
            "two makers cannot share a number until numbers belong to firms: have the second one renumber"
        )


async def _require_room(
    connection: Connection, found: _Import, lot: Mapping[str, Any], override: Override | None
) -> None:
    """A lot that is replaced may not state less than is allotted of it already, but by somebody's word."""
    over = await excess(connection, of_lot(lot["lot_no"]), "", 0, lot)
    if over and over.allotted:
        require_override(over, override)
        found.overrides[over.lot_no] = over


def _sentence(found: Sequence[str]) -> str:
    more = f"; and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return (
        f"与已导入的不同，没有改动 · import: expected the facts that are known, got others: {'; '.join(found[:_TOLD])}"
        f"{more}; nothing was changed, correct the file or import it with --replace"
    )
