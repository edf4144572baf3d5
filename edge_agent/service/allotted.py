"""What labels of a garment draw on: the allotment's own key, and what came certified with it. The key is looked up and
never made of a lot's number, which two firms may share."""

from __future__ import annotations

from typing import NamedTuple

from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Goods
from garment.record import GarmentRecord
from garment.standards import Certified


class DrawnOn(NamedTuple):
    """An allotment by its key, the firm that it is allotted to ("": nobody said), and what of its lot is certified."""

    quota_key: str
    firm: str
    certified: Certified | None


def goods_of(record: GarmentRecord, firm: str | None) -> Goods:
    """What labels of a record are wanted of; `firm`: for whom, None where nobody said."""
    lot_no = record.lot.lot_no if record.lot else None
    return Goods(lot_no, record.product.style_no, record.product.gtin.zfill(14), firm or "")


def drawn_on_of(ledger: Ledger, goods: Goods) -> DrawnOn:
    """What labels of these goods draw on. Raises as `Ledger.allotment_for`."""
    found = ledger.allotment_for(goods)
    known = ledger.certificate(found.quota_key)
    if known is None:
        return DrawnOn(found.quota_key, found.firm, None)
    stands = Certified(known.facts, known.version, known.valid_from, known.valid_to, known.withdrawn, known.reason)
    return DrawnOn(found.quota_key, found.firm, stands)


def firms_of(ledger: Ledger, goods: Goods) -> dict[str, str]:
    """By name, the firms that have such goods; empty where only one has them."""
    known = ledger.allotments_of(goods.lot_no, goods.style_no)
    firms = {one.firm: one.firm_name for one in known if one.style_no in ("", goods.style_no)}
    return firms if len(firms) > 1 else {}
