"""Takes in styles and lots. What is known already stays as it is, unless whoever imports says that it is replaced.

A lot number is the maker's own, and lots do not belong to firms yet: a second maker under a known number is refused
whatever is said, since replacing it would give one maker's labels the other's facts. Styles alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from central_registry import feed
from central_registry.allotments import LOT, Excess, Override, excess, keep, require_override
from central_registry.db import Connection, Pool, in_transaction
from central_registry.differences import differences, two_makers
from central_registry.problems import RefusedError

_OF_ONE_SIZE = frozenset({"gtin", "size", "colour", "fill_weight_g"})
"""Facts of a product that follow its GTIN: the same style in another size has others, and contradicts nothing."""

_TOLD = 12
"""How many differences a refusal names."""


@dataclass(slots=True)
class _Count:
    """What an import came to: `changed` items were new or replaced, `other_sizes` are kept as first imported."""

    changed: int = 0
    other_sizes: int = 0
    differing: list[str] = field(default_factory=list)


async def import_lots(
    pool: Pool, records: Sequence[Mapping[str, Any]], *, replace: bool = False, override: Override | None = None
) -> dict[str, int]:
    """Take in each record's style, and its lot if it has one: `{styles, lots, changed, other_sizes}`. All or nothing.

    Raises:
        RefusedError: a known lot or style with other facts, and not `replace`; two makers under one number; a lot of
            which more is allotted than it now states, and no `override`.
    """
    count = await in_transaction(pool, lambda connection: _import(connection, records, replace, override))
    styles = {str(row["product"]["style_no"]) for row in records}
    lots = sum(row.get("lot") is not None for row in records)
    return {"styles": len(styles), "lots": lots, "changed": count.changed, "other_sizes": count.other_sizes}


async def _import(
    connection: Connection, records: Sequence[Mapping[str, Any]], replace: bool, override: Override | None
) -> _Count:
    await feed.lock(connection)
    count = _Count()
    for record in records:
        style = {"kind": "style", "style_no": record["product"]["style_no"], "record": {"product": record["product"]}}
        await _take(connection, style, replace, count)
        if record.get("lot"):
            lot = {"kind": "lot", "lot_no": record["lot"]["lot_no"], "record": dict(record)}
            found = await _too_small(connection, lot) if replace else None
            said = require_override(found, override) if found else None
            number = await _take(connection, lot, replace, count)
            if found and said and number:
                await keep(connection, found, said, None, number)
    if count.differing:
        raise RefusedError(_sentence(count.differing))
    return count


async def _take(connection: Connection, item: Mapping[str, Any], replace: bool, count: _Count) -> int | None:
    """Store an item that is new, or differs and may be replaced; its number in the feed, None if it was not stored."""
    kind, key = item["kind"], feed.key_of(item)
    old = await feed.held(connection, kind, key)
    if old == item:
        return None
    if old is not None:
        _require_one_maker(f"{kind} {key}", old["record"], item["record"])
        if not replace:
            found = list(differences(*_comparable(old["record"], item["record"])))
            count.differing += [f"{kind} {key}, {one}" for one in found]
            count.other_sizes += not found
            return None
    count.changed += 1
    return await feed.put(connection, feed.EVERYBODY, item)


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


async def _too_small(connection: Connection, lot: Mapping[str, Any]) -> Excess | None:
    """What is allotted already, if a lot that is replaced now states less than that."""
    old = await feed.held(connection, "lot", lot["lot_no"])
    if old is None or old == lot:
        return None
    found = await excess(connection, LOT + lot["lot_no"], "", 0, lot)
    return found if found and found.allotted else None


def _sentence(found: Sequence[str]) -> str:
    more = f"; and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return (
        f"与已导入的不同，没有改动 · import: expected the facts that are known, got others: {'; '.join(found[:_TOLD])}"
        f"{more}; nothing was changed, correct the file or import it with --replace"
    )
