"""This pack asks what a label must state about the down of garments with a woven shell (GB/T 14272-2021).

Applies to a record whose `standard` names GB/T 14272, edition 2021 or no edition. The word 含绒量 of the older editions
is refused wherever it stands. Where the lot's certificate states what was measured, the figure is held against the
standard and the label; it never stands for a level.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from garment.composition import downs_of
from garment.finding import Finding
from garment.record import GarmentRecord
from garment.standards.contract import CheckContext
from garment.standards.designations import since
from garment.standards.rules import Breach, RulePack, load_pack
from label_protocol.plain import plain

PACK = load_pack(__name__)
name, title, version = PACK.name, PACK.title, PACK.version

_WEIGHT = "filling.weight_g"


def applies(record: GarmentRecord, context: CheckContext) -> bool:
    """Whether the product says it follows GB/T 14272-2021; spaces, width and kind of dash do not matter."""
    return since(record.product.standard, "GB/T 14272", "2021")


def check(record: GarmentRecord, context: CheckContext) -> tuple[Finding, ...]:
    """D1, D2, D3, D5, D6, D7."""
    pack = context.rules(PACK)
    of_kind = _several(pack, record, context.kind)
    down = (
        *_filling(record),
        *_grade(pack, record),
        *_species(pack, record),
        *_fill_weight(record),
        *_cluster(pack, record),
        *_turbidity(pack, record),
        *_measured_cluster(pack, record),
    )
    return pack.findings((*down, *of_kind, *_old_word(pack, record), *_mixed(pack, record)), context.on_date)


def check_weight_named(record: GarmentRecord, named: Collection[str], context: CheckContext) -> tuple[Finding, ...]:
    """D1 for a label whose template names these facts, by their paths: one on which the fill weight stands nowhere."""
    pack = context.rules(PACK)
    may_show = applies(record, context) and context.kind in pack.tables["may_show_weight"]
    if not may_show or record.fill_weight is None or _WEIGHT in named:
        return ()
    breach = Breach("D1.tag_weight", "product.fill_weight_g", f"{record.fill_weight} g", "down_hangtag")
    return pack.findings([breach], context.on_date)


def _filling(record: GarmentRecord) -> Iterator[Breach]:
    if not any(downs_of(record)):
        parts = "、".join(part.part for part in record.product.composition)
        yield Breach("D1.filling", "product.composition", parts, "a part with down")


def _grade(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    grades, stated = pack.value("D1.grade"), record.product.quality_class
    if stated is not None and plain(stated) not in map(plain, grades):
        yield Breach("D1.grade", "product.quality_class", stated, " | ".join(grades))


def _species(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    allowed = pack.value("D1.species")
    for path, down in downs_of(record):
        if plain(down.species) not in map(plain, allowed):
            yield Breach("D1.species", f"{path}.species", down.species, " | ".join(allowed))


def _fill_weight(record: GarmentRecord) -> Iterator[Breach]:
    if record.fill_weight is None:
        stated, size = "、".join(record.product.fill_weight_g or {}), record.product.size
        yield Breach("D1.fill_weight", "product.fill_weight_g", stated, f"grams for {size}", {"size": size})


def _several(pack: RulePack, record: GarmentRecord, kind: str | None) -> Iterator[Breach]:
    downs = {f"{plain(down.species)} {down.cluster_percent}": down for _, down in downs_of(record)}
    stated = [f"{down.species} {down.cluster_percent}%" for down in downs.values()]
    if kind in pack.tables["with_one_filling"] and len(stated) > 1:
        yield Breach("D1.several", "product.composition", "、".join(stated), stated[0])


def _cluster(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    least, most, step = (pack.value(f"D2.{one}") for one in ("cluster", "most", "step"))
    for path, down in downs_of(record):
        stated = down.cluster_percent
        if stated < least:
            yield Breach("D2.cluster", f"{path}.cluster_percent", f"{stated:f}", f">= {least}")
        elif stated > most:
            yield Breach("D2.most", f"{path}.cluster_percent", f"{stated:f}", f"<= {most}")
        elif stated % step:
            yield Breach("D2.step", f"{path}.cluster_percent", f"{stated:f}", f"{step} × n")


def _figure(record: GarmentRecord, key: str) -> Decimal | None:
    """What the certificate says was measured, if that is a number."""
    grade = record.lot.grade if record.lot else None
    stated = grade.stated().get(key) if grade else None
    return Decimal(stated.measured) if stated and stated.measured and "-" not in stated.measured else None


def _turbidity(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    figure, least = _figure(record, "turbidity"), pack.value("D5.turbidity")
    if figure is not None and figure < least:
        yield Breach("D5.turbidity", "lot.grade.indicators.turbidity.measured", f"{figure:f}", f">= {least}")


def _measured_cluster(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    """Of several fillings nobody knows which one was measured: the figure is held against the least that is stated."""
    figure, stated = _figure(record, "cluster_content"), [down.cluster_percent for _, down in downs_of(record)]
    if figure is not None and stated and figure < (least := min(stated) - pack.value("D6.cluster")):
        words = {"stated": f"{min(stated):f}"}
        yield Breach(
            "D6.cluster", "lot.grade.indicators.cluster_content.measured", f"{figure:f}", f">= {least:f}", words
        )


def _old_word(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    word = pack.value("D3.old_word")
    for path, text in _texts(record.facts()):
        if word in plain(text):
            yield Breach("D3.old_word", path, text, "绒子含量")


def _mixed(pack: RulePack, record: GarmentRecord) -> Iterator[Breach]:
    """Down and fibres in one part, or fibres in another filled part: outside the scope, but for small parts."""
    filled, small = pack.tables["filled"], pack.value("D7.zoned")
    for at, part in enumerate(record.product.composition):
        fibres = "、".join(fibre.name for fibre in part.fibres or ())
        name = plain(part.part)
        if part.down is not None and part.fibres:
            yield Breach("D7.mixed", f"product.composition.{at}.fibres", fibres, part.down.species, {"part": part.part})
        elif part.fibres and any(word in name for word in filled) and not any(plain(one) in name for one in small):
            words = {"part": part.part}
            yield Breach("D7.zoned", f"product.composition.{at}.fibres", fibres, "鹅绒 | 鸭绒", words)


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a JSON value with its path, names of fields included: sizes and indicators are names too."""
    if isinstance(value, str):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        here = f"{path}.{key}".lstrip(".")
        yield from ((here, key),) if isinstance(key, str) else ()
        yield from _texts(inner, here)
