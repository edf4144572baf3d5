"""Headings as people mark them, titles above and totals below; another word is refused by its name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.catalog.sheets import read
from garment.sheets.columns import SPREADSHEETS
from label_protocol.errors import RecordError
from tests.kits.sheet_kit import JACKET, jacket, text

MARKED = [
    *("款号*", "*款号", "＊款号", "★款号", "款 号", "款\u3000号", " 款号 ", "款号:", "款号：", "款号。", "款号*："),
    *(
        "款号（必填）",
        "款号(必填项)",
        "（必填）款号",
        "【必填】款号",
        "款号\n(必填)",
        "*款 号（文本）：",
        "款号（唯一）",
    ),
    *("style_no", "Style No", "STYLE_NO", "款号 style_no", "款号/style_no", "款号(style_no)", "款\u200b号"),
]
UNITS = {
    "充绒量": ["充绒量(g)", "充绒量（克）", "充绒量g"],
    "绒子含量": ["绒子含量(%)", "绒子含量（％）"],
    "批量": ["批量（件）"],
    "检验日期": ["检验日期(YYYY-MM-DD)", "检验日期（年/月/日）", "检验日期（年月日）"],
}
OTHER = ["款号1", "款式号", "-款号", "款号、", "款号(旧)", "客户款号"]


@pytest.mark.parametrize(
    ("heading", "written"),
    [("款号", one) for one in MARKED] + [(name, one) for name, ways in UNITS.items() for one in ways],
)
def test_marks_blanks_remarks_and_units_are_read_over(heading: str, written: str) -> None:
    taken = read(jacket(headings={heading: written}).encode())
    assert taken.documents == read(jacket().encode()).documents


@pytest.mark.parametrize("written", OTHER)
def test_another_word_is_another_heading(written: str) -> None:
    with pytest.raises(RecordError, match="却没有“款号”"):
        read(jacket(headings={"款号": written}).encode())


@pytest.mark.parametrize(
    ("heading", "written", "meant"),
    [
        ("款号", "款式号", "款号"),
        ("质量等级", "质量级别", "质量等级"),
        ("检验日期", "检测日期", "检验日期"),
        ("颜色", "备注", None),
    ],
)
def test_a_heading_that_nobody_knows_is_told_with_the_one_it_is_like(
    heading: str, written: str, meant: str | None
) -> None:
    with pytest.raises(RecordError) as refused:
        read(jacket(headings={heading: written}).encode())
    assert f"“{written}”" in str(refused.value)
    assert f"是不是“{meant}”" in str(refused.value) if meant else "是不是" not in str(refused.value)


def test_a_unit_that_is_another_is_another_heading() -> None:
    for written in ("充绒量(kg)", "充绒量(斤)", "绒子含量(‰)", "批量(箱)"):
        heading = next(name for name in UNITS if written.startswith(name))
        with pytest.raises(RecordError, match="不认识的标题"):
            read(jacket(headings={heading: written}).encode())


@pytest.mark.parametrize("second", ["品名", "*品名", "name", "品 名（必填）"])
def test_a_heading_twice_is_refused_with_both_cells(second: str) -> None:
    with pytest.raises(RecordError, match="表格 B1 和 D1：标题 品名 写了两次"):
        read(jacket(headings={"颜色": second}).encode())


EMPTY = [""] * len(JACKET)


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ([["2026秋冬款式表", *EMPTY[1:]]], 2),
        ([["2026秋冬款式表"], ["制表人：示例", "日期：2026-11-10"]], 3),
        ([EMPTY, ["款号说明：每个号型一行"], EMPTY], 4),
        ([["说明"]] * 19, 20),
    ],
)
def test_titles_above_the_headings_are_left_out_and_told(above: list[list[str]], row: int) -> None:
    taken = read((text(*above) + jacket()).encode())
    assert [place for place, _ in taken.documents["styles"].values()] == [f"第 {row + 1} 行 · row {row + 1}"]
    assert any(f"第 {row} 行是标题" in told for told in taken.told)


def test_blank_rows_above_are_no_title() -> None:
    assert read((text(EMPTY, EMPTY) + jacket()).encode()).told == []


def test_headings_are_looked_for_in_twenty_rows() -> None:
    with pytest.raises(RecordError, match="前 20 行里找不到标题行"):
        read((text(*[["说明"]] * 20) + jacket()).encode())


@pytest.mark.parametrize("word", ["合计", "总计", "合 计：", "小计", "TOTAL", "Grand Total"])
def test_a_total_in_the_last_row_is_left_out_and_told(word: str) -> None:
    taken = read((jacket() + text([word, *EMPTY[1:-1], "5000"], EMPTY)).encode())
    assert len(taken.documents["styles"]) == 1
    assert "第 3 行是合计，不导入" in taken.told[0]


def test_a_total_in_the_middle_is_refused() -> None:
    with pytest.raises(RecordError, match="第 3 行：合计下面还有内容"):
        read((jacket() + text(["小计", *EMPTY[1:]]) + text(list(JACKET.values()))).encode())


def test_a_garment_whose_first_cell_begins_with_such_a_word_is_a_garment() -> None:
    taken = read(jacket({"品牌": "合计划"}).encode())
    assert [style.brand for _, style in taken.documents["styles"].values()] == ["合计划"]


def test_headings_once_more_are_refused() -> None:
    with pytest.raises(RecordError, match="第 3 行：又是标题行"):
        read((jacket() + text(list(JACKET))).encode())


def test_rows_and_columns_without_anything_are_none() -> None:
    wide = ["", *list(JACKET)[:5], "", *list(JACKET)[5:], "", ""]
    row = ["", *list(JACKET.values())[:5], "", *list(JACKET.values())[5:], "", ""]
    taken = read(text(wide, [""] * len(wide), row, [""] * len(wide)).encode())
    (kept,) = taken.documents["styles"].values()
    assert kept[1] == next(iter(read(jacket().encode()).documents["styles"].values()))[1]


def test_a_cell_under_no_heading_is_refused_by_its_address() -> None:
    with pytest.raises(RecordError, match="X2：上面没有标题"):
        read(text([*JACKET, ""], [*JACKET.values(), "备注"]).encode())


WORDS = sorted({way for columns in SPREADSHEETS.values() for column in columns for way in (column.zh, column.name)})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(WORDS), st.integers(0, 30), st.sampled_from("、,.-+号甲1a\u0301"))
def test_one_more_character_never_makes_another_heading(word: str, at: int, odd: str) -> None:
    from garment.sheets.headings import folded

    spoilt = folded(word[: at % (len(word) + 1)] + odd + word[at % (len(word) + 1) :])
    others = {folded(one) for one in WORDS} - {folded(word)}
    assert spoilt not in others
