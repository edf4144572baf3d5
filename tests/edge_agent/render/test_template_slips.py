"""Slips of the hand in a template that would cost a fact, or a rule, without anybody being told."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from edge_agent.labels.order_sheet import OrderHead
from edge_agent.render.facts import facts_of
from edge_agent.render.paths import ONE_VALUE, SEVERAL
from edge_agent.render.templates.flaws import MOST_FLAWS, Flaw
from edge_agent.render.templates.kinds import LABEL_KINDS
from edge_agent.render.templates.slots import TextSlot
from edge_agent.render.templates.template import MAX_LINE_BYTES, Template, built_in_templates, examine, load_template
from garment.record import Lot, Product
from garment.schemes import MEASURES, SCHEMES

CARD = files("label_templates").joinpath("former", "composition_card_60x40-55be25768ddf540e.toml").read_text("utf-8")
MODELS: dict[str, type[BaseModel]] = {"product": Product, "lot": Lot, "order": OrderHead}
GRADE = files("label_templates").joinpath("former", "down_grade_60x40-95e0de99970cf1f1.toml").read_text("utf-8")


def flaws(text: str | bytes) -> tuple[Flaw, ...]:
    found = examine(text.encode() if isinstance(text, str) else text, "mine")
    return () if isinstance(found, Template) else found


def leaves(model: type[BaseModel], path: str) -> Iterator[tuple[str, bool]]:
    """Paths of a model's fields, and whether each is one value."""
    for name, field in model.model_fields.items():
        inner = [one for one in (field.annotation, *get_args(field.annotation)) if _is_model(one)]
        several = bool({"tuple", "dict"} & _shapes(field.annotation))
        yield f"{path}.{name}", not inner and not several
        if inner and not several:
            yield from leaves(inner[0], f"{path}.{name}")


def _is_model(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, BaseModel)


def _shapes(annotation: Any) -> set[str]:
    """Names of the containers anywhere in a type."""
    inside = {name for one in get_args(annotation) for name in _shapes(one)}
    return inside | {getattr(getattr(annotation, "__origin__", annotation), "__name__", "")}


def test_the_table_of_facts_is_the_models() -> None:
    for root, model in MODELS.items():
        of_model = dict(leaves(model, root))
        listed = {path for path in ONE_VALUE | SEVERAL if path.startswith(f"{root}.")} - {"lot.grade.scheme_name"}
        assert {path for path in listed if not path.startswith("lot.grade.indicators.")} == set(of_model)
        assert all((path in ONE_VALUE) == one for path, one in of_model.items()), root


def test_the_table_has_what_a_down_part_becomes() -> None:
    down = {"part": "填充物", "down": {"species": "鹅绒", "cluster_percent": "90"}}
    product = {"size": "175/92A", "fill_weight_g": {"175/92A": "150"}, "composition": [down]}
    assert {f"filling.{fact}" for fact in facts_of({"product": product})["filling"]} == {
        path for path in ONE_VALUE if path.startswith("filling.")
    }


def test_the_table_has_the_indicators_of_all_schemes_and_their_figures() -> None:
    named = {path.removeprefix("lot.grade.indicators.") for path in ONE_VALUE if "indicators." in path}
    levels = {name for scheme in SCHEMES.values() for name in scheme.indicators}
    assert named == levels | {f"{name}.measured" for name in MEASURES}
    assert not named & {path.removeprefix("lot.grade.indicators.") for path in SEVERAL}


SLIPS = {
    "a fact": ("{product.colour}", "{product.colr}", "product.colour", "资料里没有 product.colr"),
    "one inside": ("{product.maker.name}", "{product.maker.nane}", "product.maker.name", "资料里没有"),
    "several": ("{product.maker.name}", "{product.maker}", "product.maker.address", "product.maker 是一组资料"),
    "a required one": ('"product.composition"', '"product.compositon"', "product.composition", "资料里没有"),
    "one without a like": ("{product.colour}", "{product.xyz}", "docs/templates.md", "docs/templates.md"),
}


@pytest.mark.parametrize(("old", "new", "meant", "zh"), SLIPS.values(), ids=SLIPS)
def test_a_fact_that_does_not_exist_is_named_with_what_was_meant(old: str, new: str, meant: str, zh: str) -> None:
    assert old in CARD
    (flaw,) = flaws(CARD.replace(old, new, 1))
    assert flaw.line and (flaw.slot or flaw.key.startswith("required"))
    assert meant in flaw.en and zh in flaw.zh and "请" in flaw.zh


def test_an_indicator_is_a_slip_if_it_resembles_one() -> None:
    (flaw,) = flaws(
        GRADE.replace('path = "lot.grade.indicators.fill_power"', 'path = "lot.grade.indicators.fill_powr"')
    )
    assert flaw.slot == "indicators" and "fill_power" in flaw.en
    assert not flaws(GRADE.replace("lot.grade.indicators.fill_power", "lot.grade.indicators.odour"))


@pytest.mark.parametrize("kind", LABEL_KINDS)
def test_a_kind_that_resembles_one_is_refused_since_no_rule_would_ask(kind: str) -> None:
    for slip in (kind[:-1], kind + "s", kind.replace("_", "")):
        told = [flaw for flaw in flaws(CARD.replace('"composition_card"', f'"{slip}"')) if "kind" in flaw.en]
        assert told and kind in told[0].en and kind in told[0].zh


def test_a_kind_of_the_sites_own_is_taken() -> None:
    assert not flaws(CARD.replace('"composition_card"', '"box_end"'))
    assert {load_template(name).kind for name in built_in_templates()} == set(LABEL_KINDS)


@pytest.mark.parametrize(
    ("old", "new", "en"),
    [
        ("size_mm = [35, 2.8]", "size_mm = [35, 1]", "one character of 1.8 mm"),
        ("size_mm = [21, 21]", "size_mm = [10, 10]", "the smallest QR code of 10.88 mm"),
    ],
)
def test_a_slot_that_can_hold_nothing_is_told_by_lint(old: str, new: str, en: str) -> None:
    assert old in CARD
    (flaw,) = flaws(CARD.replace(old, new, 1))
    assert en in flaw.en and flaw.slot and flaw.line and "放不下" in flaw.zh


def test_a_file_of_notepad_is_read() -> None:
    assert not flaws(b"\xef\xbb\xbf" + CARD.encode())


@pytest.mark.parametrize("name", built_in_templates())
def test_only_large_bold_characters_are_white_on_black(name: str) -> None:
    """White strokes of one or two dots are gone at a gain of one: captions stand on paper."""
    for slot in load_template(name).slot:
        if isinstance(slot, TextSlot) and slot.inverse:
            assert slot.weight == "bold" and slot.min_char_mm >= 2.0, slot.name


OVERLAPPING = "".join(
    f'[[slot]]\nname = "s{number}"\nkind = "text"\nat_mm = [0, 0]\nsize_mm = [6, 6]\ntext = "x"\nchar_mm = 2\n'
    for number in range(200)
)
HEAD = 'kind = "loop_label"\ntitle_zh = "试"\ntitle_en = "Test"\nsize_mm = [60, 60]\n'


@pytest.mark.parametrize(
    "text", [HEAD + OVERLAPPING, HEAD + "".join(f"k{number} = 1\n" for number in range(500)), HEAD + "[[slot]]\n" * 500]
)
def test_of_very_many_flaws_the_first_are_told(text: str) -> None:
    """Two hundred slots on one spot overlap 19 900 times, and each was looked for in the file: ten seconds."""
    found = examine(text.encode(), "mine")
    assert isinstance(found, tuple) and 0 < len(found) <= MOST_FLAWS


def test_a_line_that_no_hand_wrote_is_not_parsed() -> None:
    """One key of ninety thousand parts takes the parser minutes."""
    found = examine((HEAD + ".".join(["a"] * 40_000) + " = 1\n").encode(), "mine")
    assert isinstance(found, tuple)
    assert [(flaw.line, flaw.en) for flaw in found] == [
        (5, f"expected lines of at most {MAX_LINE_BYTES} bytes, got a longer one; break it")
    ]
