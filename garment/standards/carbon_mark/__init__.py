"""This pack asks of a carbon footprint mark (M1) a certificate that states all it must and still holds, and the artwork
that the site uploaded.

The mark is never made by us; its layout, size and unit text are unconfirmed, so nothing here asks for them. Whether
the artwork is there is in the context: a rule does not look at files.
"""

from __future__ import annotations

from collections.abc import Iterator

from garment.finding import Finding
from garment.record import CarbonMark, GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.rules import Breach, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_PATH = "product.carbon_mark"
_STATED = {
    "certificate_no": ("证书号", "number"),
    "body": ("认证机构", "body"),
    "value": ("碳足迹数值", "value"),
    "declared_unit": ("声明单位", "declared unit"),
    "valid_to": ("有效期至", "last day of validity"),
}
"""What a certificate states, with its names for the two sentences."""


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the record claims the mark; also where the template does not show it, since the scan page does."""
    return record.product.carbon_mark is not None


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """M1."""
    pack, mark = context.rules(PACK), record.product.carbon_mark
    if mark is None:
        return ()
    breaches = [*_missing(mark), *_expired(mark, context.on_date), *_artwork(mark, context.artwork)]
    return pack.findings(breaches, context.on_date)


def _missing(mark: CarbonMark) -> Iterator[Breach]:
    for field, (zh, en) in _STATED.items():
        if getattr(mark, field) is None:
            yield Breach("M1.certificate", f"{_PATH}.{field}", "", zh, {"field_zh": zh, "field_en": en})


def _expired(mark: CarbonMark, on_date: str) -> Iterator[Breach]:
    if mark.valid_to is not None and mark.valid_to < on_date:
        yield Breach("M1.valid", f"{_PATH}.valid_to", mark.valid_to, f">= {on_date}")


def _artwork(mark: CarbonMark, held: frozenset[str] | None) -> Iterator[Breach]:
    if held is not None and mark.artwork_sha256 not in held:
        got = f"{mark.artwork_sha256[:12]}…" if mark.artwork_sha256 else ""
        yield Breach("M1.artwork", f"{_PATH}.artwork_sha256", got, "artwork held by this site")
