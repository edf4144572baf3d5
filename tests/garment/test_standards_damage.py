"""Good records, damaged one field at a time: what a rule names is found at its place, whatever sample it happens to."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare
from garment.finding import Severity
from garment.record import record_from
from garment.standards import CheckContext, check_record
from label_protocol.errors import AgentError

ROOT = Path(__file__).resolve().parents[2]
SAMPLES: dict[str, Any] = {
    path.stem: json.loads(path.read_text("utf-8"), parse_float=Decimal)
    for path in sorted((ROOT / "edge_agent" / "demo" / "samples").glob("*.json"))
}
DOWN, KNITS, CHILDREN = ("down_graded",), ("knit_blend", "knit_cashmere"), ("child_jacket", "infant_romper")
ADULTS = (*DOWN, *KNITS)
TODAY = "2026-11-20"
LINK = LinkStyle("id.example.cn")

Damage = tuple[str, Callable[[Any], Any], str, Severity, tuple[str, ...]]
B, W, GONE = Severity.BLOCK, Severity.WARN, object()


def gone(_: Any) -> Any:
    return GONE


def says(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def backwards(value: list[Any]) -> list[Any]:
    return value[::-1]


def more(value: Any) -> Any:
    return value - Decimal("0.7")


def other_last_digit(value: str) -> str:
    return value[:-1] + ("1" if value[-1] != "1" else "2")


DAMAGES: tuple[Damage, ...] = (
    ("product.maker", gone, "L1", B, tuple(SAMPLES)),
    ("product.safety", gone, "L1", B, tuple(SAMPLES)),
    ("product.care", gone, "L1", B, tuple(SAMPLES)),
    ("product.composition", says([]), "L1", B, tuple(SAMPLES)),
    ("product.composition.0", says({"part": "面料"}), "L1", B, tuple(SAMPLES)),
    ("product.care", backwards, "L1", W, tuple(SAMPLES)),
    ("product.care", lambda care: care[1:], "L1", W, tuple(SAMPLES)),
    ("product.care", lambda care: [care[0], *care], "L1", W, tuple(SAMPLES)),
    ("product.maker.uscc", other_last_digit, "L1", W, tuple(SAMPLES)),
    ("product.maker.uscc", lambda code: code[:-1], "L1", W, tuple(SAMPLES)),
    ("product.safety", says("安全"), "L1", B, tuple(SAMPLES)),
    ("product.safety", says("A类"), "L1", W, ADULTS),
    ("product.safety", says("GB 18401-2010 A类"), "K1", B, CHILDREN),
    ("product.safety", says("GB 31701 婴幼儿用品 C类"), "K1", B, ("infant_romper",)),
    ("product.safety", says("GB 31701 C类"), "K1", W, ("child_jacket",)),
    ("product.size", says("90/52"), "K1", B, ("child_jacket", *ADULTS)),
    ("product.size", says("120/60"), "K1", W, ("infant_romper", *ADULTS)),
    ("product.size", says("均码"), "S1", W, tuple(SAMPLES)),
    ("product.size", says("173/92A"), "S1", W, ADULTS),
    ("product.wearer", says("infant"), "K1", B, ADULTS),
    ("product.wearer", says("child"), "K1", W, ("infant_romper",)),
    ("product.wearer", says("infant"), "K2", B, ("knit_blend",)),
    ("product.standard", says("FZ/T 81007-2012"), "K2", B, ("infant_romper",)),
    ("product.standard", says("按标准"), "L4", W, tuple(SAMPLES)),
    ("product.standard", says("GB/T 14272-2011"), "L4", W, tuple(SAMPLES)),
    ("product.standard", says("FZ/T 73018-2021"), "F7", W, ("child_jacket", *DOWN)),
    ("product.standard", says("GB/T 14272-2021"), "D1", B, (*KNITS, *CHILDREN)),
    ("product.quality_class", says("二等品"), "F6", B, ("knit_cashmere",)),
    ("product.composition.0.fibres.0.percent", more, "F1", B, tuple(SAMPLES)),
    ("product.composition.0.fibres", backwards, "F2", W, ("child_jacket", "knit_blend")),
    ("product.composition.0.fibres.0.name", says("绵羊绒"), "F3", B, tuple(SAMPLES)),
    ("product.composition.0.fibres.0.name", says("天丝"), "F3", W, tuple(SAMPLES)),
    ("product.composition.0.fibres.0.name", says("神奇纤维"), "F3", W, tuple(SAMPLES)),
    ("product.name", says("羊绒衫"), "F3", B, ("knit_blend",)),
    ("product.name", says("纯山羊绒衫"), "F4", B, (*DOWN, *CHILDREN, "knit_blend")),
    ("lot.report_no", gone, "F4", B, ("knit_cashmere",)),
    ("lot", gone, "F4", B, ("knit_cashmere",)),
    ("product.composition.2.down.species", says("羽绒"), "D1", B, DOWN),
    ("product.composition.2.down.cluster_percent", says(49), "D2", B, DOWN),
    ("product.fill_weight_g", gone, "D1", B, DOWN),
    ("product.composition.2.part", says("含绒量"), "D3", B, DOWN),
    ("product.composition.2.fibres", says([{"name": "聚酯纤维", "percent": 100}]), "D7", B, DOWN),
    ("product.composition.0.part", says("填充物二"), "D7", B, DOWN),
    ("lot.grade.overall", says("AAAAAA"), "D8", B, DOWN),
    ("lot.grade.overall", says("AAAAA"), "D8", W, DOWN),
    ("lot.grade.overall", says("4A"), "D8", W, DOWN),
    ("lot.grade.overall", gone, "D9", B, DOWN),
    ("lot.grade.indicators", says({}), "D9", B, DOWN),
    ("lot.report_no", gone, "D8", W, DOWN),
    ("product.gtin", other_last_digit, "Q1", B, tuple(SAMPLES)),
    ("lot.lot_no", says("批号一"), "Q1", B, tuple(SAMPLES)),
)
CASES = [(damage, sample) for damage in DAMAGES for sample in damage[4]]


def damaged(sample: str, path: str, change: Callable[[Any], Any]) -> dict[str, Any]:
    facts: dict[str, Any] = copy.deepcopy(SAMPLES[sample])
    *steps, last = path.split(".")
    target: Any = facts
    for step in steps:
        target = target[int(step)] if isinstance(target, list) else target[step]
    key: Any = int(last) if isinstance(target, list) else last
    present = key in target if isinstance(target, dict) else True
    value = change(target[key] if present else None)
    if value is GONE:
        del target[key]
    else:
        target[key] = value
    return facts


@pytest.mark.parametrize(("damage", "sample"), CASES, ids=[f"{d[0]}/{d[2]}/{name}" for d, name in CASES])
def test_a_damage_that_a_rule_names_is_found(damage: Damage, sample: str) -> None:
    path, change, rule, severity, _ = damage
    found = check_record(record_from(damaged(sample, path, change)), CheckContext(None, TODAY))
    mine = [one for one in found if (one.rule, one.severity) == (rule, severity)]
    assert mine, [f"{one.severity} {one.rule} {one.path}" for one in found]
    for one in mine:
        assert "{" not in one.zh + one.en


def fields(value: Any, path: str = "") -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        here = f"{path}.{key}".lstrip(".")
        yield here
        yield from fields(inner, here)


JUNK = (GONE, None, "", "x", "0/0", "1" * 200, "GB/T", 0, -1, 10**30, Decimal("NaN"), [], {}, [[]], True)


@pytest.mark.costly
@pytest.mark.parametrize("template", ["composition_card_60x40", "down_grade_60x40"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_no_damage_leaves_the_tree_of_errors(sample: str, template: str) -> None:
    judged = 0
    for path in fields(SAMPLES[sample]):
        for junk in JUNK:
            try:
                prepare(record_from(damaged(sample, path, says(junk))), template, LabelTerms(TODAY, LINK))
                judged += 1
            except AgentError as cause:
                assert str(cause).strip()
    assert judged > 30
