"""These functions compare a lot with the goods it is known to be of; what is not known is never taken for a yes.

A lot is of one style, and of the sizes (GTINs) that came in one row or record with it. The style number and the GTIN
identify, and nothing else: brand, name and colour are words that two styles may share. A lot that came alone, in a
spreadsheet of lots, is of nobody known: it is not offered for any style, and it is taken for the style that is named
with it unless the registry's feed knows better (`Ledger.open_job`).
"""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.catalog.documents import LotGoods
from garment.record import Product
from label_protocol.errors import RecordError

GTIN_DIGITS = 14


def gtin_key(gtin: str) -> str:
    """A GTIN as it is compared: 13 digits and 14 with a zero before them are the same one."""
    return gtin.zfill(GTIN_DIGITS)


def goods_of(pairs: Iterable[tuple[str, Product, str | None]]) -> list[LotGoods]:
    """What one import says of its lots: each garment with its place in the file and the lot beside it.

    Raises:
        RecordError: it names two styles for one lot; both places are told.
    """
    found: dict[str, tuple[str, str, set[str]]] = {}
    for place, product, lot_no in pairs:
        if lot_no is None:
            continue
        first, style_no, gtins = found.setdefault(lot_no, (place, product.style_no, set()))
        if style_no != product.style_no:
            raise RecordError(
                f"批号 {lot_no} 写了两个款号：{style_no}（{first}）和 {product.style_no}（{place}），请改正后再导入 · "
                f"lot {lot_no}: expected one style, got {style_no} and {product.style_no}; correct the lot numbers, "
                "nothing was imported"
            )
        gtins.add(gtin_key(product.gtin))
    return [
        LotGoods(lot_no=lot_no, style_no=style_no, gtins=tuple(sorted(gtins)))
        for lot_no, (_, style_no, gtins) in found.items()
    ]


def require_same_style(new: LotGoods, old: LotGoods | None) -> None:
    """Raises RecordError: the catalogue knows the lot of another style."""
    if old is not None and old.style_no != new.style_no:
        raise RecordError(
            f"批号 {new.lot_no} 在资料库里是款号 {old.style_no} 的，文件里写的是 {new.style_no}，请核对；确实要改，"
            f"用命令 edge-agent catalog import --replace · lot {new.lot_no}: expected style {old.style_no} as the "
            f"catalogue knows it, got {new.style_no}; correct the file, or import it with --replace"
        )


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
