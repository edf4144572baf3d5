"""This pack checks the safety of textiles (GB 18401-2010): the class a label states, and who must have class A.

Asked of every record that states a safety text; that there is one is L1 of GB/T 5296.4. Formaldehyde, pH and the rest
are matters of the test report, not of the label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.designations import edition, squeezed
from garment.standards.rules import Breach, RulePack, load_pack
from garment.standards.sizes import height_cm

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

INFANT_WORDS = "婴幼儿用品"


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Always: every garment is a textile."""
    return True


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """L1 (class), K1 (infants)."""
    safety = record.product.safety
    if safety is None:
        return ()
    pack = context.rules(PACK)
    infant = is_infant(record, context)
    infants = _infant(pack, safety) if infant else ()
    breaches = (*_class(safety), *_standard(record, safety, infant=infant), *infants)
    return pack.findings(breaches, context.on_date)


def is_infant(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether a garment is infants' wear: its wearer says so, or its 号 is at most the usual height of 36 months."""
    child = record.product.wearer != "adult"
    height = height_cm(record.product.size, bare=child)
    tallest = context.rules(PACK).value("K1.infant_words")
    return record.product.wearer == "infant" or (height is not None and height <= tallest)


def classes(safety: str) -> set[str]:
    """The classes a safety text names: {"B"} of `GB 18401-2010 B类`."""
    return set(re.findall(r"(?<![A-Z])([ABC])类", squeezed(safety)))


def has_infant_words(safety: str) -> bool:
    """Whether the text says 婴幼儿用品."""
    return INFANT_WORDS in squeezed(safety)


def _class(safety: str) -> Iterator[Breach]:
    named = classes(safety)
    if len(named) > 1 or not (named or has_infant_words(safety)):
        yield Breach("L1.class", "product.safety", safety, "A类 | B类 | C类 | 婴幼儿用品")


def _standard(record: GarmentRecord, safety: str, *, infant: bool) -> Iterator[Breach]:
    if record.product.wearer != "adult" or infant:
        return
    if edition(safety, "GB 18401") is None:
        yield Breach("L1.safety_standard", "product.safety", safety, "GB 18401-2010 B类")
    if has_infant_words(safety):
        yield Breach("K1.adult_words", "product.safety", safety, "GB 18401-2010 B类")


def _infant(pack: RulePack, safety: str) -> Iterator[Breach]:
    if not has_infant_words(safety):
        yield Breach("K1.infant_words", "product.safety", safety, "GB 31701 婴幼儿用品")
    if classes(safety) - set(pack.value("K1.infant_class")):
        yield Breach("K1.infant_class", "product.safety", safety, "A类")
