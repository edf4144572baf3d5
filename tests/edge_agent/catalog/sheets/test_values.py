"""Cells by what their column is for: each form with its right value, and what a spreadsheet spoilt with its remedy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.catalog.sheets import read
from garment.sheets import readings
from garment.sheets.cells import Cell, Number, UnreadableError
from garment.sheets.spoiled import ERRORS
from label_protocol.codes.gs1 import check_digit
from label_protocol.errors import RecordError
from tests.kits.sheet_kit import jacket

NUMBERS = {
    "5000": 5000,
    "5,000": 5000,
    "1,234,567": 1234567,
    "５，０００": 5000,
    " 5000 ": 5000,
}
NO_NUMBERS = [
    *("5,00", "50,00", "5,0000", ",500", "5000.5", "5.000", "50.00", "5000.00", "-5", "+5", "5e3", "五千", "5000件"),
    *("5 000", "0x5", "５．５"),
]
PERCENTAGES: dict[Cell, str] = {
    "80": "80",
    "80%": "80",
    "80 %": "80",
    "８０％": "80",
    "92.5%": "92.5",
    "0.8%": "0.8",
    "100": "100",
    "0": "0",
    Number(0.8, percent=True): "80",
    Number(0.925, percent=True): "92.5",
    Number(1.0, percent=True): "100",
    Number(0.001, percent=True): "0.1",
    Number(80.0): "80",
    Number(0.1 + 0.2, percent=True): "30",
}
NO_PERCENTAGES: list[Cell] = [
    *("0.8", "1", Number(0.8), Number(1.0), "80%%", "%80", "八十", "80.", "-80", "80‰", "80/100"),
]
WEIGHTS: dict[Cell, str] = {
    "150": "150",
    "150.5": "150.5",
    "1,200.5": "1200.5",
    Number(150.0): "150",
    Number(142.5): "142.5",
}
NO_WEIGHTS: list[Cell] = ["150g", "150克", "150-160", "约150", "150.", ".5", Number(0.5, percent=True)]


@pytest.mark.parametrize(("written", "right"), NUMBERS.items())
def test_a_whole_number(written: str, right: int) -> None:
    assert readings.whole(written) == readings.whole(Number(float(right))) == right


@pytest.mark.parametrize(("written", "right"), PERCENTAGES.items())
def test_a_percentage(written: Cell, right: str) -> None:
    assert readings.percentage(written) == right


@pytest.mark.parametrize(("written", "right"), WEIGHTS.items())
def test_a_weight(written: Cell, right: str) -> None:
    assert readings.decimal(written) == right


@pytest.mark.parametrize(
    ("reading", "written"),
    [(readings.whole, one) for one in NO_NUMBERS]
    + [(readings.percentage, one) for one in NO_PERCENTAGES]
    + [(readings.decimal, one) for one in NO_WEIGHTS],
)
def test_what_is_no_number_is_none(reading: Any, written: Cell) -> None:
    with pytest.raises(UnreadableError):
        reading(written)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(list(NUMBERS)), st.integers(0, 12), st.sampled_from(",.%-+e，．'x件 "))
def test_one_more_sign_never_makes_another_number(written: str, at: int, odd: str) -> None:
    try:
        found = readings.whole(written[:at] + odd + written[at:])
    except UnreadableError:
        return
    assert found == NUMBERS[written]


GTINS: dict[Cell, str] = {
    "6901234567892": "6901234567892",
    "06901234567892": "06901234567892",
    "６９０１２３４５６７８９２": "6901234567892",
    '="6901234567892"': "6901234567892",
    Number(6901234567892.0): "6901234567892",
}
NO_GTINS: dict[Cell, str] = {
    "6.90123E+12": "8、12、13 或 14 位",
    "690123456789": "校验位",
    "6901234567891": "校验位",
    "690 1234567892": "8、12、13 或 14 位",
    "6901234567892,": "8、12、13 或 14 位",
    "69012345678920": "校验位",
    Number(6901234567892.5): "8、12、13 或 14 位",
    Number(69012345678.0): "8、12、13 或 14 位",
    Number(0.69, percent=True): "8、12、13 或 14 位",
    "16901234567899": "箱或包",
    "2012345678903": "地区内部编码",
    "9788000000008": "图书",
}


@pytest.mark.parametrize(("written", "right"), GTINS.items())
def test_a_gtin(written: Cell, right: str) -> None:
    assert readings.gtin(written) == right


@pytest.mark.parametrize(("written", "why"), NO_GTINS.items())
def test_what_names_no_garment_is_refused_with_the_reason(written: Cell, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        readings.gtin(written)


@settings(deadline=None)
@given(st.integers(0, 13), st.sampled_from("0123456789"))
def test_one_more_digit_or_one_less_is_never_another_gtin_of_a_garment(at: int, digit: str) -> None:
    good = "6901234567892"
    for spoilt in (good[:at] + digit + good[at:], good[:at] + good[at + 1 :]):
        try:
            found = readings.gtin(spoilt)
        except UnreadableError:
            continue
        assert found.zfill(14) in {good.zfill(14), spoilt.zfill(14)} and found[-1] == check_digit(found[:-1])


SPOILT = {
    "a large number in CSV": ("1.00E+05", "Excel 已把这个号码改成日期或数字"),
    "18 digits whose last ones are gone": ("123456789012345000", "真是这样写的，请保存为 .xlsx"),
    "a size that became a day": ("1月2日", "Excel 已把这个号码改成日期或数字"),
    "the same in English": ("2-Jan", "Excel 已把这个号码改成日期或数字"),
    "a month and a year": ("Jan-36", "Excel 已把这个号码改成日期或数字"),
    "a whole day": ("2026/3/4", "真是这样写的，请保存为 .xlsx"),
    "a whole day in Chinese": ("2026年3月4日", "Excel 已把这个号码改成日期或数字"),
    "an apostrophe that shows": ("'00123", "前面多了一个单引号"),
    "an error": ("#N/A", "Excel 的错误值"),
    "a column too narrow": ("########", "Excel 的错误值"),
    "characters that an encoding lost": ("???", "文字在保存时丢了"),
    "a character that stands for lost ones": ("A\ufffd1", "文字在保存时丢了"),
}
CODES = ["00123", "1E5", "3-4", "175/92A", "A-001", "123456789012345", '="00123"', "2026-1", "24A/B", "Mar-X"]
CODE_COLUMNS = ["款号", "号型", "批号", "报告编号", "统一社会信用代码"]


@pytest.mark.parametrize("column", CODE_COLUMNS)
@pytest.mark.parametrize(("written", "why"), SPOILT.values(), ids=SPOILT)
def test_what_excel_spoils_is_refused_with_the_remedy(column: str, written: str, why: str) -> None:
    with pytest.raises(RecordError, match=rf"表格 [A-Z]2 {column} \(.*{why}"):
        read(jacket({column: written}).encode())


@pytest.mark.parametrize("written", CODES)
def test_a_code_that_excel_left_alone_is_taken_as_it_stands(written: str) -> None:
    taken = read(jacket({"款号": written}).encode())
    ((style_no, _),) = taken.documents["styles"]
    assert style_no == written.removeprefix('="').removesuffix('"')


@pytest.mark.parametrize("error", sorted(ERRORS))
@pytest.mark.parametrize("column", ["品牌", "成分", "商品条码", "检验日期", "批量", "绒子含量"])
def test_an_error_of_excel_is_no_value_of_any_column(column: str, error: str) -> None:
    with pytest.raises(RecordError, match="Excel 的错误值"):
        read(jacket({column: error}).encode())


def test_all_wrong_cells_are_told_together_the_first_twenty_by_their_addresses() -> None:
    head, row = jacket({"批量": "多", "检验日期": "明天"}).splitlines()
    with pytest.raises(RecordError) as refused:
        read("\n".join([head, *[row] * 12]).encode())
    said = str(refused.value)
    assert "表格里有 24 处不对，前 20 处" in said and said.count("(inspected_on)") == said.count("(quantity)") == 10
    assert all(f"{column}{number} " in said for column in "VW" for number in range(2, 12)) and "V12" not in said
    assert "\n" not in said and "什么也没有导入" in said
