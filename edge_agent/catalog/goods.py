"""These functions compare a lot with the goods it is known to be of; what is not known is never taken for a yes.

A lot is of one style, and of the sizes (GTINs) that came in one row or record with it. The style number and the GTIN
identify, and nothing else: brand, name and colour are words that two styles may share. A lot that came alone, in a
spreadsheet of lots, is of nobody known: it is not offered for any style, and it is taken for the style that is named
with it unless the registry's feed knows better (`Ledger.open_job`).
"""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.catalog.documents import LotGoods
from garment.record import Lot, Product
from label_protocol.errors import RecordError

GTIN_DIGITS = 14


def gtin_key(gtin: str) -> str:
    """A GTIN as it is compared: 13 digits and 14 with a zero before them are the same one."""
    return gtin.zfill(GTIN_DIGITS)


def goods_of(pairs: Iterable[tuple[Product, Lot | None]]) -> list[LotGoods]:
    """What one import says of its lots. Raises RecordError: it names two styles for one lot."""
    found: dict[str, LotGoods] = {}
    for product, lot in pairs:
        if lot is None:
            continue
        new = LotGoods(lot_no=lot.lot_no, style_no=product.style_no, gtins=(gtin_key(product.gtin),))
        known = found.setdefault(lot.lot_no, new)
        if known.style_no != new.style_no:
            raise RecordError(
                f"批号 {lot.lot_no} 写了两个款号，请改正后再导入 · lot {lot.lot_no}: expected one style, "
                f"got {known.style_no} and {new.style_no}; correct the lot numbers, nothing was imported"
            )
        found[lot.lot_no] = known.with_more(new.gtins)
    return list(found.values())


def is_of(style_no: str, gtin: str, goods: LotGoods) -> bool:
    """Whether the lot is known to be of exactly this style and GTIN."""
    return style_no == goods.style_no and gtin_key(gtin) in goods.gtins


def require_goods(product: Product, lot_no: str, goods: LotGoods | None) -> None:
    """Raises RecordError: the lot is known to be of other goods. `goods` None: nothing is known."""
    if goods is None or is_of(product.style_no, product.gtin, goods):
        return
    known = f"{goods.style_no} ({', '.join(goods.gtins)})"
    raise RecordError(
        f"批号 {lot_no} 是款号 {goods.style_no} 的，不能印在款号 {product.style_no} 上，"
        "请选这个款的批号，或把衣服连同批号一起导入 · "
        f"lot {lot_no}: expected goods of style and GTIN {known}, "
        f"got {product.style_no} ({gtin_key(product.gtin)}); choose a lot of "
        "this style, or import the garment together with its lot"
    )
