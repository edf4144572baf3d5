"""Days in every form that Chinese Excel writes, each with its right value; what leaves a doubt is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from garment.sheets.cells import Number, UnreadableError
from garment.sheets.dates import FIRST_YEAR, day

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


WAYS = [
    lambda one: f"{one:%Y-%m-%d}",
    lambda one: f"{one.year}/{one.month}/{one.day}",
    lambda one: f"{one.year}.{one.month:02}.{one.day:02}",
    lambda one: f"{one.year}年{one.month}月{one.day}日",
    lambda one: f"{one:%Y%m%d}",
    lambda one: f"{one:%Y/%m/%d} 0:00:00",
    lambda one: f"{one.year}年{one.month}月{one.day}日星期{'一二三四五六日'[one.weekday()]}",
    lambda one: f"{chinese(str(one.year))}年{counted(one.month)}月{counted(one.day)}日",
]


def chinese(digits: str) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in digits)


def counted(number: int) -> str:
    """As people count: 十, 十一, 二十, 三十一."""
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else f"{chinese(str(tens))}十") + (chinese(str(ones)) if ones else "")


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@settings(max_examples=200, deadline=None)
@given(DAYS, st.sampled_from(WAYS))
def test_every_day_of_the_century_is_read_in_every_form(one: date, way: Callable[[date], str]) -> None:
    assert day(way(one)) == one.isoformat() == day(one)


ODD = st.sampled_from("-/.年月日:;,，x*'?号AP~ T|\\_·、。") | st.characters(exclude_categories=["Cs", "Nd", "Nl", "No"])


@settings(max_examples=300, deadline=None)
@given(DAYS, st.sampled_from(WAYS), st.integers(0, 30), ODD)
def test_one_more_odd_character_or_separator_never_makes_another_day(
    one: date, way: Callable[[date], str], at: int, odd: str
) -> None:
    if odd in "〇○零一二三四五六七八九十":
        return  # a digit more is another number
    written = way(one)
    try:
        found = day(written[:at] + odd + written[at:])
    except UnreadableError:
        return
    assert found == one.isoformat()


@settings(max_examples=200, deadline=None)
@given(DAYS, st.sampled_from(WAYS), st.integers(0, 30))
def test_one_character_less_is_no_day_of_another_month(one: date, way: Callable[[date], str], at: int) -> None:
    """A lost digit may be a day of the calendar (2026/1/1 of 2026/1/11), a lost separator never is."""
    written = way(one)
    if at >= len(written) or written[at] in "0123456789〇一二三四五六七八九十":
        return
    try:
        found = day(written[:at] + written[at + 1 :])
    except UnreadableError:
        return
    assert found == one.isoformat()


@settings(max_examples=300, deadline=None)
@given(DAYS, st.sampled_from("-/."))
def test_day_and_month_first_are_refused_whichever_they_are(one: date, sign: str) -> None:
    for order in ((one.day, one.month, one.year), (one.month, one.day, one.year), (one.day, one.month, one.year % 100)):
        with pytest.raises(UnreadableError):
            day(sign.join(map(str, order)))


@settings(deadline=None)
@given(st.text("0123456789-/.年月日〇一二三十 :", max_size=12))
def test_any_text_is_a_day_or_refused_with_a_remedy(written: str) -> None:
    try:
        assert date.fromisoformat(day(written)).year >= FIRST_YEAR
    except UnreadableError as refused:
        assert refused.zh and "expected" in refused.en
