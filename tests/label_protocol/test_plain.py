"""One normal form for compared words: what a person cannot tell apart is one word for every rule, and a fibre's name is
the name of one fibre."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.catalog import Catalog
from edge_agent.catalog.csv_import import composition
from garment.finding import Finding, Severity
from garment.record import record_from
from garment.standards import check_record
from garment.standards.contract import CheckContext
from label_protocol.errors import RecordError
from label_protocol.plain import folded, more_than_a_name, odd_one, plain, unseen

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


NOT_ONE_NAME = [
    *("棉 65/聚酯纤维", "棉65+锦纶", "棉65·锦纶", "锦纶6 棉", "锦纶6/棉", "65cotton"),
    "锦纶100% 里料:聚酯纤维",
    "棉65 聚酯纤维",
    "棉65聚酯纤维",
    "65 棉",
    "棉。锦纶",
    "棉、锦纶",
    "棉 聚酯纤维",
    "棉％",
]


@pytest.mark.parametrize("name", NOT_ONE_NAME)
def test_a_name_that_holds_more_than_one_fibre_is_refused(name: str) -> None:
    record = sample("down_graded")
    record["product"]["composition"][0]["fibres"] = [{"name": name, "percent": "100"}]
    assert [(one.rule, one.path) for one in judged(record) if one.severity is Severity.BLOCK] == [
        ("F3", "product.composition.0.fibres.0.name")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "锦纶6",
        "PA66",
        "pa66",
        "聚酰胺6纤维",
        "37.5纤维",
        "60支棉",
        "3M新雪丽",
        "聚酯纤维（再生）",
        "锦纶6/聚酯纤维复合纤维",
        "Sorona",
        "羊　毛",
    ],
)
def test_a_name_with_digits_or_letters_of_its_own_is_a_name(name: str) -> None:
    assert not more_than_a_name(name)
    record = sample("down_graded")
    record["product"]["composition"][0]["fibres"] = [{"name": name, "percent": "100"}]
    assert blocks(record) == set()


HEADINGS = (
    "品牌,品名,款号,颜色,号型,执行标准,质量等级,安全类别,商品条码,"
    "适用人群,成分,羽绒种类,绒子含量,充绒量,维护符号,制造者,制造者地址"
)


def imported(folder: Path, cell: str) -> list[dict[str, Any]]:
    """What the catalogue holds of the cell 成分 after it was imported."""
    file = io.StringIO()
    row = [
        *(
            "示例羽",
            "男式羽绒服",
            "A1",
            "黑色",
            "175/92A",
            "GB/T 14272-2021",
            "合格品",
            "GB 18401-2010 C类",
            "6901234567892",
        ),
        *("成人", cell, "鹅绒", "90", "150", "wash_30_mild bleach_no tumble_no", "示例服饰有限公司", "浙江省平湖市"),
    ]
    csv.writer(file).writerow(row)
    catalog = Catalog.open(folder / "catalog.json")
    catalog.import_csv(f"{HEADINGS}\n{file.getvalue()}".encode())
    composition: list[dict[str, Any]] = catalog.record("A1", "175/92A", None).facts()["product"]["composition"]
    return composition


SEPARATORS = st.sampled_from([",", "，", "、", " , "])
PERCENTS = st.sampled_from(["", "%", " %", "％"])
LOST = st.sampled_from([" ", "", "。", "/", "+", "·", "-", "\u3000", "&", "．", "和"])


def cell_of(comma: str, sign: str, semicolon: str, *, first: bool) -> str:
    def fibre(name: str, percent: str) -> str:
        return f"{percent}{sign or ' '}{name}" if first else f"{name} {percent}{sign}"

    shell = comma.join((fibre("锦纶6", "40"), fibre("棉", "35"), fibre("聚酯纤维", "25")))
    return f"面料：{shell}{semicolon}里料: {fibre('棉', '100')}"


@settings(deadline=None, max_examples=60)
@given(SEPARATORS, PERCENTS, st.sampled_from([";", "；", "\n", "; \n"]), st.booleans())
def test_every_accepted_way_of_writing_a_cell_is_read_alike(comma: str, sign: str, semicolon: str, first: bool) -> None:
    assert composition(cell_of(comma, sign, semicolon, first=first)) == composition(
        "面料: 锦纶6 40, 棉 35, 聚酯纤维 25; 里料: 棉 100"
    )


@settings(deadline=None)
@given(LOST, PERCENTS, st.booleans(), st.booleans())
def test_a_lost_separator_is_never_swallowed(lost: str, sign: str, first: bool, part: bool) -> None:
    good = cell_of(",", sign, ";", first=first)
    with pytest.raises(ValueError, match="读不懂"):
        composition(good.replace(";", lost) if part else good.replace(",", lost, 1))


LEFT_OVER = {
    "a blank for a semicolon": ("面料:锦纶100% 里料:聚酯纤维100%", "锦纶100% 里料:聚酯纤维100%"),
    "a full stop for a semicolon": ("面料:棉100%。里料:聚酯纤维100%", "棉100%。里料:聚酯纤维100%"),
    "a blank for a comma, 165 % in all": ("面料: 棉65 聚酯纤维 35, 锦纶 65", "棉65 聚酯纤维 35"),
    "a blank for a comma, with signs": ("面料: 棉65% 聚酯纤维35%", "棉65% 聚酯纤维35%"),
    "nothing for a comma": ("面料: 棉65聚酯纤维35", "棉65聚酯纤维35"),
    "two percents": ("面料: 65 棉 35", "65 棉 35"),
    "a fibre without a percent": ("面料: 棉 65, 锦纶", "锦纶"),
    "a percent without a fibre": ("面料: 65%", "65%"),
    "a comma too many": ("面料: 棉 65,, 锦纶 35", ""),
    "no colon": ("面料 棉 100", "面料 棉 100"),
    "no part": (": 棉 100", ""),
}


@pytest.mark.parametrize(("cell", "rest"), LEFT_OVER.values(), ids=LEFT_OVER)
def test_what_is_left_over_in_a_composition_cell_is_refused_by_name(tmp_path: Path, cell: str, rest: str) -> None:
    with pytest.raises(RecordError, match=r"row 2, column 成分 \(composition\): expected parts such as") as refused:
        imported(tmp_path, cell)
    assert f"读不懂“{rest}”" in str(refused.value)
    assert repr(cell[:40]) in str(refused.value)


@pytest.mark.parametrize(
    "cell",
    [
        "面料:锦纶6 65,棉35;里料:聚酯纤维100%",
        "面料：65%锦纶6、35 % 棉；里料：100聚酯纤维",
        " 面料 : 锦纶6 65 % , 棉 35 ;\n里料: 100 % 聚酯纤维 ; ",
    ],
)
def test_a_composition_cell_is_read_to_its_end(tmp_path: Path, cell: str) -> None:
    shell, lining, _ = imported(tmp_path, cell)
    assert shell["fibres"] == [{"name": "锦纶6", "percent": "65"}, {"name": "棉", "percent": "35"}]
    assert lining == {"part": "里料", "fibres": [{"name": "聚酯纤维", "percent": "100"}]}


def test_the_record_that_was_once_imported_from_such_a_cell_is_blocked_now() -> None:
    record = sample("down_graded")
    record["product"]["composition"][0:2] = [
        {"part": "面料", "fibres": [{"name": "锦纶100% 里料:聚酯纤维", "percent": "100"}]}
    ]
    assert len(blocks(record)) == 1


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
    odd_one(text), more_than_a_name(text)
