"""Compositions as people write them: a fibre's name is the name of one fibre, in a spreadsheet and in a record."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.catalog import Catalog
from garment.composition import more_than_a_name, read_composition
from garment.finding import Finding, Severity
from garment.record import record_from
from garment.standards import STANDARDS, check_record
from garment.standards.contract import CheckContext
from label_protocol.errors import RecordError

SAMPLES = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples"
ON_DATE = "2026-11-20"


def sample(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return value


def judged(record: dict[str, Any]) -> tuple[Finding, ...]:
    return check_record(record_from(record), CheckContext("composition_card", ON_DATE))


def blocks(record: dict[str, Any]) -> set[str]:
    return {one.zh[:12] for one in judged(record) if one.severity is Severity.BLOCK}


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
    *(
        "棉+麻",
        "棉＋麻",
        "棉 + 麻",
        "棉++麻",
        "棉/锦纶",
        "棉&麻",
        "棉和麻",
        "棉与麻",
        "棉-麻",
        "棉|麻",
        "棉 麻",
        "棉\u3000麻",
        "棉 · 麻",
    ),
    *(
        "棉(丝光)+麻",
        "棉(丝光)麻",
        "棉（丝光＋麻）",
        "棉(聚酯纤维)",
        "羊毛(羊绒)",
        "⽺毛＋山⽺绒",
        "涤/棉",
        "棉+仿羊绒",
    ),
]
"""Forms of more than one fibre."""


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


NAMES = [
    name
    for table in STANDARDS["gb_t_29862"].PACK.tables["names"]
    for name in (
        *table["names"],
        *(f"{one}(丝光)" for one in table["names"]),
        *(f"{one}（再生）" for one in table["names"]),
    )
]
ONE_FIBRE = [
    f"{a}({b})" for pair in STANDARDS["gb_t_29862"].PACK.tables["one_fibre"] for a in pair for b in pair if a != b
]


@pytest.mark.parametrize("names", [NAMES, ONE_FIBRE], ids=["described", "two names of one fibre"])
def test_every_name_of_the_tables_is_the_name_of_one_fibre(names: list[str]) -> None:
    record = sample("knit_blend")
    assert len(names) > 40
    for name in names:
        record["product"]["composition"][0]["fibres"] = [{"name": name, "percent": "100"}]
        assert not [one.zh for one in judged(record) if one.rule == "F3" and one.severity is Severity.BLOCK], name


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
    catalog.import_sheet(f"{HEADINGS}\n{file.getvalue()}".encode())
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
    assert read_composition(cell_of(comma, sign, semicolon, first=first)) == read_composition(
        "面料: 锦纶6 40, 棉 35, 聚酯纤维 25; 里料: 棉 100"
    )


@settings(deadline=None)
@given(LOST, PERCENTS, st.booleans(), st.booleans())
def test_a_lost_separator_is_never_swallowed(lost: str, sign: str, first: bool, part: bool) -> None:
    good = cell_of(",", sign, ";", first=first)
    with pytest.raises(ValueError, match="读不懂"):
        read_composition(good.replace(";", lost) if part else good.replace(",", lost, 1))


LEFT_OVER = {
    "a blank for a semicolon": ("面料:锦纶100% 里料:聚酯纤维100%", "锦纶100% 里料:聚酯纤维100%"),
    "a full stop for a semicolon": ("面料:棉100%。里料:聚酯纤维100%", "棉100%。里料:聚酯纤维100%"),
    "a blank for a comma, 165 % in all": ("面料: 棉65 聚酯纤维 35, 锦纶 65", "棉65 聚酯纤维 35"),
    "a blank for a comma, with signs": ("面料: 棉65% 聚酯纤维35%", "棉65% 聚酯纤维35%"),
    "nothing for a comma": ("面料: 棉65聚酯纤维35", "棉65聚酯纤维35"),
    "two percents": ("面料: 65 棉 35", "65 棉 35"),
    "a fibre without a percent": ("面料: 棉 65, 锦纶", "锦纶"),
    "a percent without a fibre": ("面料: 65%", "65%"),
    "a comma too many": ("面料: 棉 65,, 锦纶 35", "面料: 棉 65,, 锦纶 35"),
    "no colon": ("面料 棉 100", "面料 棉 100"),
    "no part": (": 棉 100", ": 棉 100"),
    "a part without fibres": ("面料:", "面料:"),
}


@pytest.mark.parametrize(("cell", "rest"), LEFT_OVER.values(), ids=LEFT_OVER)
def test_what_is_left_over_in_a_composition_cell_is_refused_by_name(tmp_path: Path, cell: str, rest: str) -> None:
    with pytest.raises(RecordError, match=r"K2 成分 \(composition\)：.*expected parts such as") as refused:
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


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_one_name_or_more_and_never_raises(text: str) -> None:
    assert isinstance(more_than_a_name(text), bool)
