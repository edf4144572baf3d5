"""GB/T 14272-2021 down garments with a woven shell: what the label must state about the down.

Applies to a record whose `standard` names GB/T 14272, edition 2021 or no edition. The word 含绒量 of the older editions
is refused wherever it stands. The 绒子含量 tolerance is not here: sources disagree (status U).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from edge_agent.model import Finding
from edge_agent.record import Down, GarmentRecord
from edge_agent.standards.contract import CheckContext
from edge_agent.standards.rules import Breach, load_pack

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_DESIGNATION = re.compile(r"GB/?T14272(?:[-\u2010-\u2015\u2212]+([0-9]{4}))?")


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the product says it follows GB/T 14272-2021; spaces, width and kind of dash do not matter."""
    text = "".join(unicodedata.normalize("NFKC", record.product.standard).upper().split())
    named = _DESIGNATION.fullmatch(text)
    return named is not None and (named[1] is None or named[1] >= "2021")


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """D1, D2, D3."""
    breaches = (*_filling(record), *_species(record), *_fill_weight(record), *_cluster(record), *_old_word(record))
    return PACK.findings(breaches, context.on_date)


def _downs(record: GarmentRecord) -> Iterator[tuple[str, Down]]:
    for at, part in enumerate(record.product.composition):
        if part.down is not None:
            yield f"product.composition.{at}.down", part.down


def _filling(record: GarmentRecord) -> Iterator[Breach]:
    if not any(_downs(record)):
        parts = "、".join(part.part for part in record.product.composition)
        yield Breach("D1.filling", "product.composition", parts, "a part with down")


def _species(record: GarmentRecord) -> Iterator[Breach]:
    allowed = PACK.value("D1.species")
    for path, down in _downs(record):
        if down.species not in allowed:
            yield Breach("D1.species", f"{path}.species", down.species, " | ".join(allowed))


def _fill_weight(record: GarmentRecord) -> Iterator[Breach]:
    if record.fill_weight is None:
        stated, size = "、".join(record.product.fill_weight_g or {}), record.product.size
        yield Breach("D1.fill_weight", "product.fill_weight_g", stated, f"grams for {size}", {"size": size})


def _cluster(record: GarmentRecord) -> Iterator[Breach]:
    least = PACK.value("D2.cluster")
    for path, down in _downs(record):
        if down.cluster_percent < least:
            yield Breach("D2.cluster", f"{path}.cluster_percent", str(down.cluster_percent), f">= {least}")


def _old_word(record: GarmentRecord) -> Iterator[Breach]:
    word = PACK.value("D3.old_word")
    for path, text in _texts(record.facts()):
        if word in text:
            yield Breach("D3.old_word", path, text, "绒子含量")


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a JSON value with its path, names of fields included: sizes and indicators are names too."""
    if isinstance(value, str):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        here = f"{path}.{key}".lstrip(".")
        yield from ((here, key),) if isinstance(key, str) else ()
        yield from _texts(inner, here)
