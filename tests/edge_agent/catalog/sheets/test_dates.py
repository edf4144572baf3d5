"""Days in every form that Chinese Excel writes, each with its right value; what leaves a doubt is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.catalog.sheets.cells import Number, UnreadableError
from edge_agent.catalog.sheets.dates import day

FORMS = {
    "2026-11-10": "2026-11-10",
    "2026-11-1": "2026-11-01",
    "2026/11/10": "2026-11-10",
    "2026/1/5": "2026-01-05",
    "2026.11.10": "2026-11-10",
    "2026年11月10日": "2026-11-10",
    "2026年1月5日": "2026-01-05",
    "2026 年 1 月 5 日": "2026-01-05",
    "2026年11月10日星期二": "2026-11-10",
    "二〇二六年十一月十日": "2026-11-10",
    "二○二六年一月三十一日": "2026-01-31",
    "20261110": "2026-11-10",
    "２０２６／１１／１０": "2026-11-10",
    " 2026/11/10 0:00 ": "2026-11-10",
    "2026-11-10 00:00:00": "2026-11-10",
    "2026/11/10 12:00 AM": "2026-11-10",
}
DOUBTS = {
    "10/11/2026": "哪个是月",
    "26/11/10": "两位",
    "26-11-10": "两位",
    "10-Nov-26": "两位",
    "46336": "序号",
    "46336.0": "序号",
    "2026年11月": "没有写日",
    "2026/11": "没有写日",
    "二〇二六年十一月": "没有写日",
    "11/10": "没有写年份",
    "11月10日": "没有写年份",
    "10-Nov": "没有写年份",
    "2026/11/10 13:30": "时间",
    "2026-02-29": "日历上没有",
    "2026-13-01": "日历上没有",
    "二〇二六年十一月三十一日": "日历上没有",
    "2026年11月10日星期三": "对不上",
    "1900/1/5": "太早",
    "2026-11/10": "读不懂",
    "明天": "读不懂",
}


@pytest.mark.parametrize(("written", "right"), FORMS.items())
def test_every_form_has_its_right_value(written: str, right: str) -> None:
    assert day(written) == right


@pytest.mark.parametrize(("written", "why"), DOUBTS.items())
def test_a_doubt_is_refused_with_its_reason(written: str, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        day(written)


def test_a_day_of_a_workbook_is_one_and_its_number_is_none() -> None:
    assert day(date(2026, 11, 10)) == "2026-11-10"
    with pytest.raises(UnreadableError, match="序号"):
        day(Number(46336.0))


@given(st.sampled_from(sorted(FORMS)), st.integers(0, 30), st.sampled_from("-/.年月日:;,，x*'?号AP~ "))
def test_one_more_odd_character_never_makes_another_day(written: str, at: int, odd: str) -> None:
    try:
        found = day(written[:at] + odd + written[at:])
    except UnreadableError:
        return
    assert found == FORMS[written]
