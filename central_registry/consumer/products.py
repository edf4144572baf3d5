"""Finds what may be said of a link without a serial: which goods, whose, and what stands against them now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from central_registry.consumer.beside import Beside, beside
from central_registry.consumer.finding import Finding
from central_registry.consumer.garment_facts import maker_of, page_of
from central_registry.consumer.notices import Firm, Notice, notices
from central_registry.consumer.scan_path import ProductLink
from central_registry.db import Connection, sql
from central_registry.goods.quota_keys import of_lot, of_style
from central_registry.parties.actor import UNASSIGNED
from label_protocol.codes.gs1 import gtin14
from label_protocol.errors import CodeError


@dataclass(frozen=True, slots=True)
class Goods:
    """A firm's style, or its lot of it, '' if none is named; `record` is the style's."""

    firm: str
    style_no: str
    lot_no: str
    record: Mapping[str, Any]


async def goods_named(connection: Connection, gtin: str, lot_no: str | None) -> Goods | None:
    """The imported goods of a GTIN and a lot; None if nobody imported them, or the lot is one of other goods."""
    found = await _of_gtin(connection, gtin)
    if found is None or not lot_no:
        return found
    lot = await sql.lot(connection, firm=found.firm, lot_no=lot_no)
    return replace(found, lot_no=lot_no) if lot is not None and _is_of(lot, found.style_no, gtin) else None


def _is_of(lot: Mapping[str, Any], style_no: str, gtin: str) -> bool:
    """A lot of that style, or one that names the GTIN itself."""
    try:
        stated = gtin14(str(json.loads(lot["record"])["product"]["gtin"]))
    except (KeyError, TypeError, ValueError, CodeError):
        stated = ""
    return lot["style_no"] == style_no or stated == gtin


async def _of_gtin(connection: Connection, gtin: str) -> Goods | None:
    row = await sql.item_of_gtin(connection, gtin=gtin)
    if row is not None:
        return Goods(row["firm"], row["style_no"], "", json.loads(row["record"]))
    # of before firms one GTIN may stand for two styles, and the newest is shown; what was lost here and taken back from
    # an agent is known by what is fed alone
    fed = await sql.product(connection, gtin=gtin)
    if fed is None:
        return None
    item = json.loads(fed["body"])
    style_no = str(item["record"]["product"].get("style_no") or "")
    return Goods(str(item.get("firm", UNASSIGNED)), style_no, "", item["record"])


async def standing(connection: Connection, goods: Goods) -> Notice | None:
    """The gravest of what stands against these goods."""
    old = of_lot(goods.lot_no) if goods.lot_no else of_style(goods.style_no)
    own = {"firm": goods.firm, "style_no": goods.style_no, "lot_no": goods.lot_no}
    bodies = [row["body"] async for row in sql.notices_of_goods(connection, **own, old=old)]
    return (await notices(connection, {"": bodies})).get("")


async def find_product(connection: Connection, link: ProductLink) -> Finding:
    """Kind, brand and maker of goods that were imported here, of a lot its certificate, and what stands against them:
    what each label of them says, no serial, no quantity."""
    goods = await goods_named(connection, link.gtin, link.lot_no)
    if goods is None:
        return Finding("unknown", gtin=link.gtin, lot_no=link.lot_no)
    firm = await sql.firm_of_goods(connection, firm=goods.firm)
    notice, page = await standing(connection, goods), page_of(goods.record)
    return Finding(
        "product",
        gtin=link.gtin,
        lot_no=link.lot_no,
        warnings=() if notice is None else (notice.warning,),
        notice=notice,
        firm=None if firm is None else Firm(**firm),
        certificate=await _certificate(connection, goods),
        product={"name": page.title, "brand": page.brand, "maker": maker_of(goods.record)["name"]},
    )


async def _certificate(connection: Connection, goods: Goods) -> Beside | None:
    row = await sql.certificate_of_goods(connection, firm=goods.firm, lot_no=goods.lot_no) if goods.lot_no else None
    if row is None:
        return None
    place = row["quota_key"], row["version"]
    return (await beside(connection, [place])).get(place)
