"""One normal form for compared words: what a person cannot tell apart is one word for every rule."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garment.finding import Finding, Severity
from garment.record import record_from
from garment.standards import check_record
from garment.standards.contract import CheckContext
from label_protocol.errors import RecordError
from label_protocol.plain import folded, odd_one, plain, unseen

SAMPLES = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples"
ON_DATE = "2026-11-20"


def sample(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return value


def judged(record: dict[str, Any]) -> tuple[Finding, ...]:
    return check_record(record_from(record), CheckContext("composition_card", ON_DATE))


def blocks(record: dict[str, Any]) -> set[str]:
    return {one.zh[:12] for one in judged(record) if one.severity is Severity.BLOCK}


def jumper(*, name: str, fibres: list[tuple[str, str]], standard: str) -> dict[str, Any]:
    record = sample("knit_cashmere" if "73009" in standard else "knit_blend")
    rows = [{"name": fibre, "percent": percent} for fibre, percent in fibres]
    record["product"] |= {"name": name, "standard": standard}
    record["product"]["composition"][0]["fibres"] = rows
    return record


BLEND = [("粘纤", "28"), ("锦纶", "18.5"), ("其他纤维", "3")]
WOOLS = {
    "as a keyboard types it": "绵羊毛",
    "radicals out of a PDF": "绵⽺⽑",
    "an ideographic blank": "羊　毛",
    "a radical of the supplement": "绵⺷毛",
    "traditional characters": "綿羊毛",
    "a thin blank": "羊\u2009毛",
}


@pytest.mark.parametrize("wool", WOOLS.values(), ids=WOOLS)
@pytest.mark.parametrize("name", ["男式羊绒衫", "男式⽺绒衫", "男式羊 绒衫", "男式羊絨衫"])
def test_false_cashmere_is_blocked_however_it_is_spelt(wool: str, name: str) -> None:
    record = jumper(name=name, fibres=[(wool, "50.5"), *BLEND], standard="FZ/T 73018-2021")
    found = [one for one in judged(record) if one.severity is Severity.BLOCK]
    assert [(one.rule, one.path) for one in found] == [("F3", "product.name")]
    assert wool in found[0].zh, "it names what was given"


CASHMERES = {"plain": "山羊绒", "radicals": "山⽺绒", "blanks": "山 羊 绒", "traditional": "山羊絨"}


@pytest.mark.parametrize("cashmere", CASHMERES.values(), ids=CASHMERES)
def test_true_cashmere_is_taken_however_it_is_spelt(cashmere: str) -> None:
    fibres = [(cashmere, "60"), ("绵⽺毛", "40")]
    record = jumper(name="男式羊绒衫", fibres=fibres, standard="FZ/T 73009-2021")
    found = judged(record)
    assert {(one.rule, one.severity) for one in found} == {("L1", Severity.WARN)}
    assert all("U+2F7A" in one.zh + one.en or "U+7D68" in one.zh for one in found)
    plainly = jumper(name="男式羊绒衫", fibres=[("山羊绒", "60"), ("绵羊毛", "40")], standard="FZ/T 73009-2021")
    assert judged(plainly) == ()


def test_wool_in_look_alikes_counts_as_wool() -> None:
    """F7 of FZ/T 73018 said wool 0 % of 绵⽺⽑."""
    record = jumper(name="男式毛衫", fibres=[("绵⽺⽑", "50.5"), *BLEND], standard="FZ/T 73018-2021")
    assert {one.rule for one in judged(record)} == {"L1"}


CHANGES = {
    "a grade of FZ/T 73009": ("knit_cashmere", ("product", "quality_class"), "⼀ 等 品"),
    "a grade with a stroke": ("knit_cashmere", ("product", "quality_class"), "㇐等品"),
    "a grade of GB/T 14272": ("down_graded", ("product", "quality_class"), "合 格 品"),
    "a Cyrillic class": ("knit_blend", ("product", "safety"), "GB 18401-2010 В类"),
    "a Cyrillic standard": ("knit_blend", ("product", "standard"), "FZ/Т 73018-2021"),
    "a species": ("down_graded", ("product", "composition", 2, "down", "species"), "鵝絨"),
    "a part": ("down_graded", ("product", "composition", 2, "part"), "填 充 物"),
}


@pytest.mark.parametrize(("name", "path", "given"), CHANGES.values(), ids=CHANGES)
def test_every_compared_word_is_compared_in_one_form(name: str, path: tuple[Any, ...], given: str) -> None:
    record = sample(name)
    target: Any = record
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = given
    assert {one.severity for one in judged(record)} <= {Severity.WARN}
    assert {one.rule for one in judged(record)} <= {"L1"}


def test_the_old_word_is_found_in_look_alikes() -> None:
    record = sample("down_graded")
    record["product"]["name"] = "男式羽绒服 含　绒量90%"
    assert "“含绒量”是旧标准的说法" in blocks(record)
    record["product"]["name"] = "男式羽绒服 含 絨 量 90%"
    assert "“含绒量”是旧标准的说法" in blocks(record)


def letters() -> Iterator[str]:
    yield from (chr(code) for code in range(0x2E80, 0x2FE0) if unicodedata.category(chr(code)) != "Cn")


def test_every_radical_folds_to_a_character_and_is_named() -> None:
    assert [one for one in letters() if odd_one(one) is None] == ["⺀"], "U+2E80 stands for no character"
    assert all(plain(one) < "\u2e80" or plain(one) > "\u2fdf" for one in letters() if one != "⺀")


@pytest.mark.parametrize("text", ["羊 毛", "聚酯纤维（再生）", "GB／T 14272—2021", "Ａ类", "棉", "PA66"])
def test_width_blanks_and_dashes_are_no_odd_characters(text: str) -> None:
    assert odd_one(text) is None


@pytest.mark.parametrize("code", [0xFE00, 0xE0100, 0x3164, 0x2800, 0x34F, 0x200B, 0x202E])
def test_a_character_nobody_sees_is_refused_in_a_record_and_nothing_to_a_comparison(code: int) -> None:
    assert unseen(chr(code))
    assert plain(f"羊{chr(code)}毛") == "羊毛"
    with pytest.raises(RecordError, match=f"U\\+{code:04X}"):
        judged(jumper(name="毛衫", fibres=[(f"羊{chr(code)}毛", "100")], standard="FZ/T 73018-2021"))


@settings(deadline=None)
@given(st.text(max_size=30))
def test_the_normal_form_is_one_and_never_raises(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert plain(folded(text)) == plain(text)
    assert not any(unseen(character) or character.isspace() for character in plain(text))
    odd_one(text)


def test_plain_letters_are_taken_as_they_are() -> None:
    """The short way and the long one: behind a character that is looked at, all are."""
    ascii_ = "".join(map(chr, range(128)))
    for character in ascii_:
        assert folded("羊" + character) == "羊" + folded(character)
    assert folded(ascii_) == "".join(map(folded, ascii_))
