"""This file knows what Excel makes of a code that it takes for a number or a day, and refuses it with the remedy.

Excel changes what looks like a number or a day while it is typed: 00123 becomes 123, 1E5 becomes 100000 (1.00E+05), 3-4
becomes the 4th of March, a number of 18 digits loses its last three. What was typed is gone, so nothing here is ever
turned back. A CSV does not say that a cell was text; a cell of a workbook does, and is then believed.
"""

from __future__ import annotations

import re

from garment.sheets.cells import EXCEL_DIGITS, Cell, Number, UnreadableError

ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"}
    | {"#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA"}
)
"""What Excel writes in place of a value (ERROR.TYPE of its function reference)."""

REMEDY_ZH = "请选中整列，用“数据→分列”把这一列设为“文本”，再重新填写原来的号码"
REMEDY_EN = "make the column text (Data, Text to Columns, Text) and type the code again"

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_NEVER_A_CODE = (
    re.compile(r"-?[0-9](?:\.[0-9]+)?E[+-][0-9]{2,3}"),
    re.compile(r"(?:[0-9]{4}年)?[0-9]{1,2}月(?:[0-9]{1,2}日)?|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"),
    re.compile(rf"[0-9]{{1,2}}-{_MONTH}(?:-[0-9]{{2,4}})?|{_MONTH}-[0-9]{{2,4}}", re.IGNORECASE),
)
_PERHAPS_A_CODE = (
    re.compile(r"[0-9]{4}([-/])[0-9]{1,2}\1[0-9]{1,2}"),
    re.compile(rf"[1-9][0-9]{{{EXCEL_DIGITS - 1}}}0+"),
)
_NARROW = re.compile(r"#{2,}")
_LOST = re.compile(r"\?{2,}|.*\ufffd.*", re.DOTALL)


def require_value(text: str) -> None:
    """Whatever its column is for. Raises UnreadableError: an error of Excel, or characters that an encoding lost."""
    if text.upper() in ERRORS or _NARROW.fullmatch(text):
        raise UnreadableError(
            "格子里是 Excel 的错误值，请改正公式或重新填写",
            "expected a value, got an error of the spreadsheet; correct the formula or type the value",
        )
    if _LOST.fullmatch(text):
        raise UnreadableError(
            "文字在保存时丢了（变成了问号），请从原来的文件另存为“CSV UTF-8”或 .xlsx",
            "expected text, got question marks in place of lost characters; save the original as CSV UTF-8 or .xlsx",
        )


def require_code(text: str, *, typed: bool) -> None:
    """For a column of text; `typed`: the sheet says that it is text. Raises UnreadableError: Excel made it."""
    made = any(form.fullmatch(text) for form in _NEVER_A_CODE)
    if made or (not typed and any(form.fullmatch(text) for form in _PERHAPS_A_CODE)):
        by_hand = "" if made else "；真是这样写的，请保存为 .xlsx，格子设为文本"
        raise UnreadableError(
            f"Excel 已把这个号码改成日期或数字，{REMEDY_ZH}{by_hand}",
            f"expected the code as it was typed, got a number or day that Excel made of it; {REMEDY_EN}"
            + ("" if made else ", or save it as .xlsx with this cell as text if it is written so"),
        )
    if text.startswith(("'", "‘", "’")):
        raise UnreadableError(
            "前面多了一个单引号，请去掉", "expected a code without an apostrophe before it; remove the apostrophe"
        )


def no_text(cell: Cell) -> UnreadableError:
    """For a column of text that holds a number or a day: what was typed is not known any more."""
    kind_zh, kind_en = ("数字", "a number") if isinstance(cell, Number) else ("日期", "a day")
    return UnreadableError(
        f"这一格在 Excel 里是{kind_zh}，前面的 0 等可能已经丢了，{REMEDY_ZH}",
        f"expected a cell that is text, got {kind_en}: leading zeros may be lost; {REMEDY_EN}",
    )
