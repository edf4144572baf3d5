"""This pack checks a GS1 Digital Link in a QR code: the values that go into it (Q1), the symbol that carries it (Q2).

What a value may look like is decided once, in `label_protocol.codes.gs1`, and which GTIN names a garment in
`trade_items` beside it; this folder only turns their refusals into findings an operator understands. Q2 is about a
rendered symbol, so the renderer gives three numbers (`check_symbol`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.rules import Breach, Override, RulePack, load_pack
from label_protocol.codes import gs1, trade_items
from label_protocol.errors import CodeError

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

ALWAYS = "9999-12-31"
"""The day asked for where no date is known: rows of this pack have no end."""


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Always: every label carries a Digital Link."""
    return True


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """Q1."""
    pack = context.rules(PACK)
    breaches = [*_gtin(pack, record.product.gtin)]
    if record.lot is not None:
        breaches += _refused(pack, "Q1.lot", "lot.lot_no", record.lot.lot_no, gs1.lot_no)
    return pack.findings(breaches, context.on_date)


def check_symbol(
    x_mm: float,
    module_dots: float,
    quiet_zone_modules: float,
    *,
    overrides: tuple[Override, ...] = (),
    on_date: str = ALWAYS,
) -> tuple[Finding, ...]:
    """Q2 for a rendered QR code: X-dimension in millimetres, module in printer dots, quiet zone in modules.

    A module of 3 dots at 203 dpi is 0.3754 mm: printed, with a warning.
    """
    pack = PACK.amended(overrides, on_date)
    return pack.findings(_symbol(pack, x_mm, module_dots, quiet_zone_modules), on_date)


def _gtin(pack: RulePack, text: str) -> Iterator[Breach]:
    """Digits that hold, then one item, then a prefix of articles: the first that fails says all there is to say."""
    refused = [*_refused(pack, "Q1.gtin", "product.gtin", text, gs1.gtin14)]
    yield from refused or _of_no_garment(pack, gs1.gtin14(text))


def _of_no_garment(pack: RulePack, gtin: str) -> Iterator[Breach]:
    use = trade_items.use_of(gtin)
    if not trade_items.is_one_item(gtin):
        yield Breach("Q1.one_item", "product.gtin", gtin, pack.value("Q1.one_item"), {"indicator": gtin[0]})
    elif use is not None:
        words = {"prefix": use.first if use.first == use.last else f"{use.first}-{use.last}"}
        words |= {"use_zh": use.zh, "use_en": use.en}
        yield Breach("Q1.trade_item", "product.gtin", gtin, pack.value("Q1.trade_item"), words)


def _refused(pack: RulePack, key: str, path: str, text: str, accept: Callable[[str], str]) -> Iterator[Breach]:
    try:
        accept(text)
    except CodeError as cause:
        yield Breach(key, path, text, pack.value(key), {"why": str(cause)})


def _symbol(pack: RulePack, x_mm: float, module_dots: float, quiet_zone_modules: float) -> Iterator[Breach]:
    quiet, least, preferred = (float(pack.value(f"Q2.{one}")) for one in ("quiet_zone", "least_x", "preferred_x"))
    if not (module_dots >= 1 and float(module_dots).is_integer()):
        yield Breach("Q2.whole_dots", "symbol.module_dots", f"{module_dots:g}", "a whole number of dots")
    if not quiet_zone_modules >= quiet:
        yield Breach("Q2.quiet_zone", "symbol.quiet_zone_modules", f"{quiet_zone_modules:g}", f">= {quiet:g}")
    if not x_mm >= least:
        yield Breach("Q2.least_x", "symbol.x_mm", f"{x_mm:.4g}", f">= {least}")
    elif x_mm < preferred:
        yield Breach("Q2.preferred_x", "symbol.x_mm", f"{x_mm:.4g}", f">= {preferred}")
