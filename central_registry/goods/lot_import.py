"""Takes in styles, lots and GTINs for one firm.

What is known already stays as it is, unless whoever imports says that it is replaced; a preview says what would change
(`goods/plan.py`) and writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, in_transaction, now, sql
from central_registry.distribution.items import lock, put_goods, quantity_of
from central_registry.goods.lot_limit import Excess, Override, excess_of_lot, keep_override, require_override
from central_registry.goods.plan import Known, Place, State, Step, TradeItem, places_of, plan
from central_registry.goods.quota_keys import of_lot, of_style
from central_registry.parties.actor import UNASSIGNED
from central_registry.problems import RefusedError

_TOLD = 12
"""How many differences a refusal names."""

Placed = tuple[str, Mapping[str, Any]]
"""Where a record stands in its file, and the record."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How an import is taken in: for which `firm`, from where, by whom and when, and what may be changed by it."""

    firm: str = UNASSIGNED
    source: str = "command"
    person: str = ""
    at: datetime | None = None
    replace: bool = False
    override: Override | None = None

    @property
    def when(self) -> datetime:
        """The moment of the import."""
        return self.at or now()


async def import_lots(
    pool: Pool,
    records: Sequence[Mapping[str, Any]],
    *,
    firm: str = UNASSIGNED,
    replace: bool = False,
    override: Override | None = None,
) -> dict[str, int]:
    """Take in each record's style, its GTIN, and its lot if it has one: `{styles, lots, changed, other_sizes}`. All or
    nothing. A registry that has no people yet is told so by its operator's command.

    Raises:
        RefusedError: a known lot, style or GTIN with other facts, and not `replace`; one of another firm, or of another
            maker; a lot of which more is allotted than it now states, and no `override`; a firm that nobody admitted.
    """
    how = Taken(firm, replace=replace, override=override)
    placed = [(f"record {number}", record) for number, record in enumerate(records, 1)]
    steps = await in_transaction(pool, lambda connection: take_in(connection, placed, how))
    return sums(steps)


def sums(steps: Sequence[Step]) -> dict[str, int]:
    """What an import came to: `changed` are those that are new or replaced."""
    changed = {step.place for step in steps if step.place[0] != "gtin" and step.state in {State.NEW, State.DIFFERS}}
    return {
        "styles": len({step.place for step in steps if step.place[0] == "style"}),
        "lots": sum(step.place[0] == "lot" for step in steps),
        "changed": len(changed),
        "other_sizes": sum(step.state == State.OTHER_SIZE for step in steps),
    }


async def preview(connection: Connection, records: Sequence[Placed], how: Taken) -> list[Step]:
    """What `take_in` would do, step by step; writes nothing. Raises RefusedError: no such firm."""
    await require_firm(connection, how.firm)
    known = await _known(connection, how.firm, [record for _, record in records])
    return plan(records, known, replace=how.replace)


async def take_in(connection: Connection, records: Sequence[Placed], how: Taken) -> list[Step]:
    """Take in `records`; what became of each. Raises RefusedError, as `import_lots`."""
    await lock(connection)
    steps = await preview(connection, records, how)
    _require_taken(steps, how.replace)
    changed = {step.place: step.value for step in steps if step.state in {State.NEW, State.DIFFERS}}
    replaced = [step.place for step in steps if step.state is State.DIFFERS and step.place[0] == "lot"]
    over = [found for place in replaced if (found := await _require_room(connection, place[1], changed[place], how))]
    numbers = await _write(connection, changed, how)
    await _note_gtins(connection, records, steps, how)
    for found in over:
        await keep_override(
            connection, found, require_override(found, how.override), None, numbers["lot", found.lot_no]
        )
    return steps


async def require_firm(connection: Connection, firm: str) -> None:
    """Raises RefusedError: it is no party of ours, or no firm."""
    row = await sql.party_named(connection, party=firm)
    if row is None or row["kind"] != "firm":
        got = "an unknown one" if row is None else f"{row['kind']} {row['name']}"
        raise RefusedError(
            f"没有此企业 · firm {firm[:40]}: expected the 统一社会信用代码 of a firm that was admitted, got {got}; "
            "admit it first, or correct the code"
        )


async def _known(connection: Connection, firm: str, records: Sequence[Mapping[str, Any]]) -> Known:
    places = places_of(records)
    named = {what: [number for kind, number in places if kind == what] for what in ("style", "lot", "gtin")}
    known = Known(firm)
    async for row in sql.goods_styles(connection, firm=firm, numbers=named["style"]):
        known.records["style", row["style_no"]] = json.loads(row["record"])
    async for row in sql.goods_lots(connection, firm=firm, numbers=named["lot"]):
        known.records["lot", row["lot_no"]] = json.loads(row["record"])
    async for row in sql.goods_trade_items(connection, gtins=named["gtin"]):
        known.gtins[row["gtin"]] = TradeItem(row["firm"], row["style_no"], row["size"])
    if firm == UNASSIGNED:
        old = [_old_key(place) for place in places if place[0] != "gtin"]
        rows = sql.old_keys_elsewhere(connection, quota_keys=old)
        known.foreign_keys = {row["quota_key"]: f"{row['firm']} {row['name']}" async for row in rows}
    return known


def _old_key(place: Place) -> str:
    return of_lot(place[1]) if place[0] == "lot" else of_style(place[1])


def _require_taken(steps: Sequence[Step], replace: bool) -> None:
    refused = next((step for step in steps if step.state is State.REFUSED), None)
    if refused is not None:
        raise RefusedError(refused.told[0])
    differing = [step for step in steps if step.state is State.DIFFERS]
    if differing and not replace:
        raise RefusedError(_sentence([f"{' '.join(step.place)}, {one}" for step in differing for one in step.told]))


async def _require_room(connection: Connection, lot_no: str, record: Mapping[str, Any], how: Taken) -> Excess | None:
    """A lot that is replaced may not state less than is allotted of it already, but by somebody's word."""
    found = await excess_of_lot(connection, how.firm, lot_no, quantity_of({"record": record}))
    if found:
        require_override(found, how.override)
    return found


async def _write(connection: Connection, changed: Mapping[Place, Any], how: Taken) -> dict[Place, int]:
    """Write what changed; the feed's numbers of the styles and lots among it."""
    by = {"firm": how.firm, "source": how.source, "at": how.when, "person": how.person}
    fed: dict[Place, dict[str, Any]] = {}
    for (what, number), value in changed.items():
        if what == "gtin":
            item = {"style_no": value.style_no, "size": value.size, "colour": value.colour}
            await sql.put_trade_item(connection, gtin=number, firm=how.firm, **item)
            continue
        fed[what, number] = {"kind": what, f"{what}_no": number, "record": value}
        text = json.dumps(value, ensure_ascii=False)
        if what == "style":
            await sql.put_style(connection, style_no=number, record=text, **by)
        else:
            quantity, style_no = quantity_of({"record": value}), value["product"]["style_no"]
            await sql.put_lot(connection, lot_no=number, style_no=style_no, record=text, quantity=quantity, **by)
    return (
        dict(zip(fed, await put_goods(connection, how.firm, list(fed.values()), how.when), strict=True)) if fed else {}
    )


async def _note_gtins(connection: Connection, records: Sequence[Placed], steps: Sequence[Step], how: Taken) -> None:
    """A key knows the GTINs that were imported with its lot or style; what two styles claim is a person's to split."""
    found = {
        (number, product["style_no"], step.place[1])
        for (_, record), step in zip(records, (one for one in steps if one.place[0] == "gtin"), strict=True)
        for product, lot in [(record["product"], record.get("lot"))]
        for number in ("", *([lot["lot_no"]] if lot else []))
    }
    columns = [list(column) for column in zip(*sorted(found), strict=True)] or [[], [], []]
    await sql.add_key_gtins(connection, firm=how.firm, lot_nos=columns[0], style_nos=columns[1], gtins=columns[2])
    for step in steps:
        if step.state is State.DOUBT:
            await sql.put_goods_doubt(connection, what="gtin", number=step.place[1], doubt=step.told[0])


def _sentence(found: Sequence[str]) -> str:
    more = f"; and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return (
        f"与已导入的不同，没有改动 · import: expected the facts that are known, got others: {'; '.join(found[:_TOLD])}"
        f"{more}; nothing was changed, correct the file or import it with --replace"
    )
