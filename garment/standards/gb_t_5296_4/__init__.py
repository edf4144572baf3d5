"""This pack checks instructions for use of textiles (GB/T 5296.4-2012): what must be there, and how it is written.

Name, size, composition list and standard are not asked for again: a record without them does not parse
(`garment.record`). Items of the standard are asked of every record, because tag, wash label and scan page come from
one snapshot; items of a label kind only when that kind is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from garment.composition import downs_of
from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards import gb_t_14272
from garment.standards.contract import CheckContext
from garment.standards.designations import edition, pieces
from garment.standards.rules import Breach, Override, RulePack, load_pack
from label_protocol.codes import uscc
from label_protocol.plain import odd_one

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

ALWAYS = "9999-12-31"
"""The day asked for where no date is known."""


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Always: every garment label is under this standard."""
    return True


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """L1, L4."""
    pack = context.rules(PACK)
    kinds = pack.tables["kinds"]
    wanted = [*kinds["all"], *kinds.get(context.kind, [])]
    asked = pack.tables["asked_by_gb_t_14272"] if gb_t_14272.applies(record, context) else []
    missing = (breach for item in wanted if item not in asked for breach in ITEMS[item](record))
    written = (
        *_uscc(record),
        *_look_alikes(record),
        *_pattern(pack, record),
        *_editions(pack, record, context.on_date),
    )
    return pack.findings((*missing, *written), context.on_date)


def check_shown(shown: Collection[str], context: CheckContext) -> tuple[Finding, ...]:
    """L2 for a template of the context's kind: `shown` are the facts, by their paths, on every label of it."""
    pack = context.rules(PACK)
    wanted = pack.value("L2.durable") if context.kind in pack.tables["durable"] else ()
    absent = [Breach("L2.durable", path, "", path) for path in wanted if path not in shown]
    return pack.findings(absent, context.on_date)


def check_text(
    path: str, height_mm: float, *, overrides: tuple[Override, ...] = (), on_date: str = ALWAYS
) -> tuple[Finding, ...]:
    """L3 for a rendered text: the height of its Chinese characters in millimetres; `path` is the slot or fact."""
    pack = PACK.amended(overrides, on_date)
    least = float(pack.value("L3.height"))
    low = [] if height_mm >= least else [Breach("L3.height", path, f"{height_mm:.3g}", f">= {least:g}")]
    return pack.findings(low, on_date)


def _maker(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.maker is None:
        yield Breach("L1.maker", "product.maker", "", "name and address")


def check_uscc(
    path: str, code: str, *, overrides: tuple[Override, ...] = (), on_date: str = ALWAYS
) -> tuple[Finding, ...]:
    """L1.uscc for a code that stands in no garment record: the seller's or buyer's of an order."""
    return PACK.amended(overrides, on_date).findings(tuple(_wrong_code(path, code)), on_date)


def _uscc(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.maker and record.product.maker.uscc is not None:
        yield from _wrong_code("product.maker.uscc", record.product.maker.uscc)


def _wrong_code(path: str, code: str) -> Iterator[Breach]:
    if not uscc.is_uscc(code):
        right = uscc.check_character(code[:-1])
        yield Breach("L1.uscc", path, code, f"{code[:-1]}{right}" if right else "18 × 0-9 A-Y (I O S V Z 除外)")


def _pattern(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    pattern, text = pack.value("L4.pattern"), record.product.standard
    if not all(re.fullmatch(pattern, piece) for piece in pieces(text)):
        yield Breach("L4.pattern", "product.standard", text, "GB/T 14272-2021 | FZ/T 73018-2021 | Q/… 1-2026")


def _editions(pack: RulePack, record: GarmentRecord, on_date: str) -> Iterator[Breach]:
    """An edition that nobody knows, that another one has followed, or that is not in force yet; of codes in a row."""
    for code, days in _known_editions(pack).items():
        for field in ("standard", "safety"):
            text = getattr(record.product, field) or ""
            if stated := edition(text, code):
                yield from _edition(f"product.{field}", text, code, stated, days, on_date)


def _known_editions(pack: RulePack) -> dict[str, dict[str, str]]:
    """Code → year → the day it came into force."""
    found: dict[str, dict[str, str]] = {}
    for row in pack.tables["editions"]:
        found.setdefault(row["code"], {})[row["year"]] = row["from"]
    return found


def _edition(path: str, text: str, code: str, stated: str, days: Mapping[str, str], on_date: str) -> Iterator[Breach]:
    now = max((year for year, day in days.items() if day <= on_date), default="")
    if stated not in days:
        words = {"year": stated, "known": "、".join(days)}
        yield Breach("L4.unknown_edition", path, text, f"{code}-{now}", words)
    elif stated < now:
        yield Breach("L4.old_edition", path, text, f"{code}-{now}")
    elif days[stated] > on_date:
        yield Breach("L4.early", path, text, f"{code}-{now}", {"day": days[stated]})


def _look_alikes(record: GarmentRecord) -> Iterator[Breach]:
    """Characters that only look like those they stand for; asked where words are compared, not of brands and people."""
    for path, text in _compared(record):
        if (found := odd_one(text)) is not None:
            sign, like = found
            words = {"sign": sign, "code": f"U+{ord(sign):04X}", "like_code": f"U+{ord(like[0]):04X}"}
            yield Breach("L1.look_alike", path, text, like, words)


def _compared(record: GarmentRecord) -> Iterator[tuple[str, str]]:
    product, grade = record.product, record.lot.grade if record.lot else None
    for field in ("name", "size", "standard", "quality_class", "safety"):
        yield f"product.{field}", getattr(product, field) or ""
    for at, part in enumerate(product.composition):
        path = f"product.composition.{at}"
        yield f"{path}.part", part.part
        yield f"{path}.down.species", part.down.species if part.down else ""
        for number, fibre in enumerate(part.fibres or ()):
            yield f"{path}.fibres.{number}.name", fibre.name
    if grade is not None:
        yield "lot.grade.scheme", grade.scheme
        yield "lot.grade.overall", grade.overall or ""
        for key, stated in grade.stated().items():
            yield f"lot.grade.indicators.{key}", stated.level or ""


def _composition(record: GarmentRecord) -> Iterator[Breach]:
    parts = record.product.composition
    if not parts:
        yield Breach("L1.composition", "product.composition", "", "at least one part", {"part": "—"})
    for at, part in enumerate(parts):
        if part.fibres is None and part.down is None:
            words = {"part": part.part}
            yield Breach("L1.composition", f"product.composition.{at}", "", "fibres or down", words)


def _care(record: GarmentRecord) -> Iterator[Breach]:
    if not record.product.care:
        yield Breach("L1.care", "product.care", "", "care codes, washing first")


def _safety(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.safety is None:
        yield Breach("L1.safety", "product.safety", "", "GB 18401-2010 B类, GB 31701 …")


def _grade(record: GarmentRecord) -> Iterator[Breach]:
    if record.lot is None or record.lot.grade is None:
        yield Breach("L1.grade", "lot.grade", "", "the grade of the certificate")


def _down(record: GarmentRecord) -> Iterator[Breach]:
    if not any(downs_of(record)):
        yield Breach("L1.down", "product.composition", "", "a part with down")


def _fill_weight(record: GarmentRecord) -> Iterator[Breach]:
    if record.fill_weight is None:
        size = record.product.size
        yield Breach("L1.fill_weight", "product.fill_weight_g", "", f"grams for {size}", {"size": size})


def _quality_class(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.quality_class is None:
        yield Breach("L1.quality_class", "product.quality_class", "", "优等品 | 一等品 | 合格品")


def _colour(record: GarmentRecord) -> Iterator[Breach]:
    if record.product.colour is None:
        yield Breach("L1.colour", "product.colour", "", "the colour in Chinese")


def _certificate(record: GarmentRecord) -> Iterator[Breach]:
    if record.lot is None or record.lot.report_no is None:
        yield Breach("L1.certificate", "lot.report_no", "", "lot.report_no")


ITEMS: Mapping[str, Callable[[GarmentRecord], Iterator[Breach]]] = {
    "maker": _maker,
    "composition": _composition,
    "care": _care,
    "safety": _safety,
    "grade": _grade,
    "down": _down,
    "fill_weight": _fill_weight,
    "quality_class": _quality_class,
    "colour": _colour,
    "certificate": _certificate,
}
