"""Holds what is distributed to agents: styles, lots, allotments, suspensions, recalls, each as it stands now.

It is what is true now, not a log: a changed item keeps its row and gets a new, higher number. Lots, styles and notices
are true for everybody and are one row each; allotments and leases are one agent's. `distribution/pages.py` says which
of it an agent is sent (docs/ledger-format.md, `feed_received`). A firm's lots and styles stand under their quota key:
two firms with one number have two rows. Those of before firms stand under their number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from central_registry.agents import epoch
from central_registry.db import Connection, now, sql
from central_registry.distribution.keys import Goods, keys_of, place_of
from central_registry.distribution.keys import key_of as key_of_goods
from central_registry.parties.actor import UNASSIGNED
from label_protocol.kinds import ITEM_KEY, ItemKind

EVERYBODY = "*"
_OWN = frozenset({ItemKind.ALLOTMENT, ItemKind.LEASE})
_GOODS = frozenset({ItemKind.LOT, ItemKind.STYLE})
MOST = 1_000_000_000
"""Labels of one lot, and of one allotment, at most."""


async def put(connection: Connection, agent: str, item: Mapping[str, Any]) -> int:
    """Put `item` for `agent` (or for `EVERYBODY`) in place of an earlier one about the same thing; its number."""
    return (await put_all(connection, agent, [item]))[0]


async def put_all(
    connection: Connection, agent: str, items: Sequence[Mapping[str, Any]], styles: Mapping[str, str] | None = None
) -> list[int]:
    """Put each of `items`, no two about the same thing; their numbers. `styles`: where the style of a firm's lot
    stands, by where the lot does. Many at once: each new value of a counter that one transaction keeps changing costs
    more than the last."""
    await epoch.current(connection)
    last = int(await sql.next_feed_numbers(connection, count=len(items)))
    numbers = list(range(last - len(items) + 1, last + 1))
    await _write(connection, agent, items, numbers, styles or {})
    return numbers


async def put_goods(
    connection: Connection, firm: str, goods: Sequence[Mapping[str, Any]], at: datetime | None = None
) -> list[int]:
    """Put lots and styles of a firm, `{kind, lot_no or style_no, record}`, each under all its quota keys, one of which
    is minted now where there is none; a number for each. What was here before firms is put as it always was.

    Raises:
        RefusedError: the firm has no code yet.
    """
    named = [await _named(connection, firm, item, at or now()) for item in goods]
    styles = {key_of(one): style for items, style in named for one in items if one["kind"] == ItemKind.LOT}
    numbers = iter(await put_all(connection, EVERYBODY, [one for items, _ in named for one in items], styles))
    return [[next(numbers) for _ in items].pop() for items, _ in named]


async def _named(
    connection: Connection, firm: str, item: Mapping[str, Any], at: datetime
) -> tuple[list[Mapping[str, Any]], str]:
    """A lot or a style as it is put, once under each of its keys; and where its style stands."""
    found = goods_in(firm, item)
    first = await key_of_goods(connection, found, at)
    if firm == UNASSIGNED:
        return [item], found.style_no
    style = await key_of_goods(connection, Goods(firm, found.style_no), at)
    keys = await keys_of(connection, found) or [first]
    return [{**item, "firm": firm, "quota_key": key} for key in keys], place_of(style)


def goods_in(firm: str, item: Mapping[str, Any]) -> Goods:
    """What a lot's or a style's item is about."""
    if item["kind"] == ItemKind.STYLE:
        return Goods(firm, str(item["style_no"]))
    return Goods(firm, str(item["record"]["product"]["style_no"]), str(item["lot_no"]))


def key_of(item: Mapping[str, Any]) -> str:
    """What an item is about: the quota key of an allotment, a lease, a certificate or a notice, the place of a lot or
    style: its number, or for a firm's the quota key without the word before it."""
    kind = str(item["kind"])
    if kind in _GOODS and "quota_key" in item:
        return place_of(str(item["quota_key"]))
    return str(item[ITEM_KEY[kind]])


async def held(connection: Connection, kind: str, key: str) -> dict[str, Any] | None:
    """Everybody's item as it stands; None if there is none."""
    row = await sql.feed_item(connection, agent=EVERYBODY, kind=kind, key=key)
    return None if row is None else body_of(row)


def body_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The item in a row of `feed_item`."""
    return dict(json.loads(row["body"]))


async def lock(connection: Connection) -> None:
    """Keep everybody else from changing what is distributed until this transaction ends."""
    await epoch.current(connection)
    await sql.lock_feed(connection)


async def put_lost(connection: Connection, agent: str, item: Any, number: int) -> str | None:
    """Put back what was lost, as it was distributed to `agent` at `number`; what was taken, in words.

    It is taken if the row we hold has a lower number: then it is younger than our copy. None: it was not taken.
    """
    if not (isinstance(item, dict) and isinstance(item.get(ITEM_KEY.get(str(item.get("kind")), "")), str)):
        return None
    to = agent if item["kind"] in _OWN else EVERYBODY
    if not (await _write(connection, to, [item], [number])).endswith("1"):
        return None
    if item["kind"] in _GOODS and isinstance(item.get("record"), dict):
        await _keep_goods(connection, item)
    elif item["kind"] in _OWN:
        await _keep_own(connection, agent, item)
    return f"{item['kind']} {key_of(item)} {item.get('quantity', '')}".strip()


async def _keep_goods(connection: Connection, item: Mapping[str, Any]) -> None:
    """A lot or a style that was lost is one of its firm's again."""
    firm, record = str(item.get("firm", UNASSIGNED)), json.dumps(item["record"], ensure_ascii=False)
    if item["kind"] == ItemKind.STYLE:
        await sql.take_back_style(connection, firm=firm, style_no=item["style_no"], record=record)
    else:
        of = {"style_no": _style_of(item, {}) or "", "quantity": quantity_of(item)}
        await sql.take_back_lot(connection, firm=firm, lot_no=item["lot_no"], record=record, **of)


async def _keep_own(connection: Connection, agent: str, item: Mapping[str, Any]) -> None:
    """A key is its firm's again, and a lease runs until when it was said to."""
    if item["kind"] == ItemKind.LEASE and isinstance(item.get("until"), str):
        until = datetime.fromisoformat(item["until"])
        await sql.take_back_lease(connection, agent=agent, quota_key=item["quota_key"], until=until)
    elif "firm" in item:
        of = {name: item.get(name) for name in ("firm", "lot_no", "style_no", "gtins")}
        await sql.mint_key(connection, quota_key=item["quota_key"], at=now(), **of)


async def _write(
    connection: Connection,
    agent: str,
    items: Sequence[Mapping[str, Any]],
    numbers: Sequence[int],
    styles: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The statement's tag; the most that was ever allotted is noted beside it."""
    tag = await sql.put_feed_items(connection, agent=agent, **_columns(items, numbers, styles))
    for item in items:
        if item["kind"] == "allotment":
            await sql.note_allotted(connection, agent=agent, quota_key=key_of(item), quantity=item.get("quantity"))
    return str(tag)


def _columns(
    items: Sequence[Mapping[str, Any]], numbers: Sequence[int], styles: Mapping[str, str]
) -> dict[str, list[Any]]:
    """Items as columns of `feed_item`."""
    return {
        "kinds": [str(item["kind"]) for item in items],
        "keys": [key_of(item) for item in items],
        "ns": list(numbers),
        "quantities": [item.get("quantity") if item["kind"] == "allotment" else quantity_of(item) for item in items],
        "style_nos": [_style_of(item, styles) for item in items],
        "bodies": [json.dumps(item, ensure_ascii=False) for item in items],
    }


def _style_of(item: Mapping[str, Any], styles: Mapping[str, str]) -> str | None:
    """Where the style of a lot stands: as said, else under its number; None if it is no lot."""
    try:
        number = str(item["record"]["product"]["style_no"])
    except (KeyError, TypeError):
        return None
    return styles.get(key_of(item), number) if item["kind"] == ItemKind.LOT else None


def quantity_of(lot: Mapping[str, Any]) -> int | None:
    """The inspected quantity that a lot's record states; None if it states none, or is no lot."""
    try:
        value = lot["record"]["lot"]["quantity"]
    except (KeyError, TypeError):
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else None
