"""This file reads a day in every form that Chinese Excel writes, and in no form that leaves a doubt which day is meant.

The forms are those of the category 日期 of Excel's cell formats (Chinese, China) and the short and long date of Chinese
Windows: year first. A form without year, day or century, or with day and month in an order that only the writer knows,
is refused with its own remedy: 10/11/2026 is two days.
"""

from __future__ import annotations

import re
from datetime import date

from garment.sheets.cells import Cell, Number, Odd, UnreadableError

FIRST_YEAR = 2000
"""No lot on sale was inspected before; what Excel makes of a small number lies around 1900."""

_WIDE = str.maketrans("０１２３４５６７８９／－．：　", "0123456789/-.: ")
_DIGITS = {"〇": 0, "○": 0, "零": 0} | {sign: value for value, sign in enumerate("一二三四五六七八九", 1)}
_WEEKDAYS = "一二三四五六日"
_MIDNIGHT = r"(?:[ T]+(?:0{1,2}:00(?::00(?:\.0{1,3})?)?|12:00(?::00)? ?AM))?"
_WEEKDAY = r"(?: *(?:星期|周)(?P<weekday>[一二三四五六日天]))?"
_FORMS = tuple(
    re.compile(form + _WEEKDAY + _MIDNIGHT)
    for form in (
        r"(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})",
        r"(?P<year>[0-9]{4}) ?年 ?(?P<month>[0-9]{1,2}) ?月 ?(?P<day>[0-9]{1,2}) ?[日号]",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        r"(?P<year>[〇○零一二三四五六七八九]{4})年(?P<month>[一二三四五六七八九十]{1,2})月(?P<day>[一二三四五六七八九十]{1,3})[日号]",
    )
)
_DOUBTS = tuple(
    (re.compile(form, re.IGNORECASE), zh, en)
    for form, zh, en in (
        (r"[0-9]{5}(?:\.[0-9]+)?", "这是 Excel 的日期序号，不是日期", "a serial number of Excel"),
        (r".*[0-9]:[0-9].*", "日期里有时间", "a day with a time of day"),
        (r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{4}", "看不出哪个是月、哪个是日",
         "a day whose month and day may be changed over"),
        (r"[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{2}|[0-9]{2}年.*"
         r"|.*[a-z]{3,9}[- ,]+[0-9]{2}", "年份只有两位", "a year of two digits"),
        (r"[0-9〇○零一二三四五六七八九]{4}(年[0-9一二三四五六七八九十]{1,2}月|[-/.][0-9]{1,2})",
         "没有写日", "a month without a day"),
        (r"[0-9]{1,2}[-/.][0-9]{1,2}|[0-9一二三四五六七八九十]{1,3}月[0-9一二三四五六七八九十]{1,3}日|.*-[a-z]{3}",
         "没有写年份", "a day without a year"),
    )
)  # fmt: skip
"""What is no day, and why; tried in this order once nothing above fits."""

_REMEDY_ZH = "请把这一列的单元格格式设为日期 2026-11-10（或设为文本后重新填写）"
_REMEDY_EN = "format the column as a date such as 2026-11-10, or as text, and fill it in again"


def day(cell: Cell) -> str:
    """The day of a cell as `YYYY-MM-DD`.

    Raises:
        UnreadableError: no day, or more than one day may be meant; says which it is.
    """
    if isinstance(cell, date):
        return _from(cell)
    if isinstance(cell, Odd):
        raise UnreadableError(cell.zh, cell.en)
    if isinstance(cell, Number):
        raise _refused("这是数字（Excel 的日期序号），不是日期", "a day of the calendar, got a number")
    text = cell.translate(_WIDE).strip()
    for found in (form.fullmatch(text) for form in _FORMS):
        if found:
            return _from(_calendar(found))
    zh, en = next(((zh, en) for form, zh, en in _DOUBTS if form.fullmatch(text)), ("读不懂这个日期", "another text"))
    raise _refused(zh, f"a day of the calendar, got {en}")


def _calendar(found: re.Match[str]) -> date:
    try:
        value = date(_number(found["year"]), _number(found["month"]), _number(found["day"]))
    except ValueError as cause:
        raise UnreadableError("日历上没有这一天，请改正", "expected a day of the calendar; correct it") from cause
    weekday = (found["weekday"] or _WEEKDAYS[value.weekday()]).replace("天", "日")
    if weekday != _WEEKDAYS[value.weekday()]:
        raise UnreadableError("日期和星期对不上，请改正", "expected the weekday of that day; correct it")
    return value


def _number(text: str) -> int:
    """A number in digits, or a Chinese one: a year sign by sign, month and day up to 三十一. Raises ValueError."""
    if text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if ten:
        return (_one(tens) if tens else 1) * 10 + (_one(ones) if ones else 0)
    return int("".join(str(_DIGITS[sign]) for sign in text)) if len(text) in {1, 4} else _none(text)


def _one(text: str) -> int:
    return _DIGITS[text] if text in _DIGITS else _none(text)


def _none(text: str) -> int:
    raise ValueError(f"no number: {text}")


def _from(value: date) -> str:
    if value.year < FIRST_YEAR:
        raise UnreadableError(
            f"年份 {value.year} 太早，请核对（格子里可能是一个数字）",
            f"expected a day from {FIRST_YEAR} on, got one of {value.year}; correct it",
        )
    return value.isoformat()


def _refused(zh: str, en: str) -> UnreadableError:
    return UnreadableError(f"{zh}，{_REMEDY_ZH}", f"expected {en}; {_REMEDY_EN}")
