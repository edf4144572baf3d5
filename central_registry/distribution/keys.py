"""Mints and finds the opaque names under which labels are counted: quota keys, each one firm's lot or style.

What is there keeps its text for ever; a new name holds the firm's code, so that two firms with one lot number never
meet. Nobody else builds or takes apart a key: whose it is and what of stands in the table `quota_key`. A lot may have a
second name of the old form, for an agent that still builds its keys itself (`old_name`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from central_registry.db import Connection, sql
from central_registry.parties.actor import UNASSIGNED
from central_registry.problems import RefusedError


@dataclass(frozen=True, slots=True)
class Goods:
    """What labels are for: a firm's lot, or its style where there is no lot (`lot_no` is None)."""

    firm: str
    style_no: str
    lot_no: str | None = None

    @property
    def what(self) -> str:
        """'lot' or 'style'."""
        return "style" if self.lot_no is None else "lot"

    @property
    def number(self) -> str:
        """Of the lot, or of the style; in NFC, as goods are kept."""
        return unicodedata.normalize("NFC", self.style_no if self.lot_no is None else self.lot_no)


async def keys_of(connection: Connection, goods: Goods) -> list[str]:
    """All names of these goods, the oldest first."""
    lot_no = None if goods.lot_no is None else goods.number
    rows = sql.keys_of_goods(connection, firm=goods.firm, lot_no=lot_no, style_no=goods.style_no)
    return [row["quota_key"] async for row in rows]


async def key_of(connection: Connection, goods: Goods, at: datetime) -> str:
    """The name of these goods, minted now if they have none.

    Raises:
        RefusedError: the firm has no code yet.
    """
    known = await keys_of(connection, goods)
    if known:
        return known[0]
    for text in _names(goods, await _code(connection, goods.firm)):
        if not await _is_another(connection, goods, text) and await _mint(connection, goods, text, at):
            return text
    raise AssertionError("unreachable")


async def old_name(connection: Connection, goods: Goods, at: datetime) -> str | None:
    """The name that an agent builds which takes none from its allotments; None if that is another firm's."""
    text = f"{goods.what}:{goods.number}"
    if text in await keys_of(connection, goods):
        return text
    taken = await sql.knows_quota_key(connection, quota_key=text)
    return None if taken or not await _mint(connection, goods, text, at) else text


async def goods_of(connection: Connection, quota_key: str) -> Goods | None:
    """Whose that name is, and what of; None if nobody minted it."""
    row = await sql.quota_key(connection, quota_key=quota_key)
    return None if row is None else Goods(row["firm"], row["style_no"], row["lot_no"])


def place_of(quota_key: str) -> str:
    """Where the item of these goods stands among everybody's lots or styles: by its key without the word before it."""
    return quota_key.partition(":")[2]


async def _code(connection: Connection, firm: str) -> str:
    """ "" for the goods of before: theirs are named as they always were."""
    if firm == UNASSIGNED:
        return ""
    code = await sql.code_of_party(connection, party=firm)
    if code is None:
        raise RefusedError(
            f"企业尚无简码 · firm {firm}: expected one that was admitted and has its code, got none; admit it first"
        )
    return f"{code}:"


def _names(goods: Goods, code: str) -> Iterator[str]:
    """The name as designed; with a mark behind it, should somebody's lot of before read just like that."""
    text, times = f"{goods.what}:{code}{goods.number}", 1
    while True:
        yield text if times == 1 else f"{text}~{times}"
        times += 1


async def _is_another(connection: Connection, goods: Goods, text: str) -> bool:
    """What was counted or fed under that name without a row of its own is of before firms."""
    return goods.firm != UNASSIGNED and bool(await sql.knows_quota_key(connection, quota_key=text))


async def _mint(connection: Connection, goods: Goods, text: str, at: datetime) -> bool:
    lot_no = None if goods.lot_no is None else goods.number
    gtins = [row["gtin"] async for row in sql.gtins_of_style(connection, firm=goods.firm, style_no=goods.style_no)]
    made = await sql.mint_key(
        connection, quota_key=text, firm=goods.firm, lot_no=lot_no, style_no=goods.style_no, gtins=gtins, at=at
    )
    return made is not None
