"""These functions read a cell as its column wants it: words, a GTIN, a whole number, a decimal, a percentage.

Nothing is guessed. What may have lost something on its way through a spreadsheet is refused with the remedy; what is
taken can be taken in one way only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from garment.sheets.cells import Cell, Number, Odd, UnreadableError
from garment.sheets.spoiled import REMEDY_EN, REMEDY_ZH, no_text
from label_protocol.codes.gs1 import GTIN_LENGTHS, gtin14
from label_protocol.codes.trade_items import garment_gtin
from label_protocol.errors import CodeError

_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_WIDE_NUMBER = _WIDE_DIGITS | str.maketrans("．，％", ".,%")
_AS_TEXT = re.compile(r'="([^"]*)"')
"""How other programs write a text that Excel shall leave alone: `="00123"`."""

_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")
_WHOLE = re.compile(r"[0-9]{1,9}")


def text(cell: Cell) -> str:
    """Words or a code, as they stand. Raises UnreadableError: the cell is no text."""
    if isinstance(cell, str):
        marked = _AS_TEXT.fullmatch(cell)
        return marked[1].strip() if marked else cell
    raise UnreadableError(cell.zh, cell.en) if isinstance(cell, Odd) else no_text(cell)


def gtin(cell: Cell) -> str:
    """A GTIN in its digits; one that is a number is taken too, since zeros before a GTIN do not change which it is.

    Raises:
        UnreadableError: other lengths (a number of 11 digits may be a GTIN-12 that lost its zero), a wrong check digit,
            no digits at all, or a number that GS1 gives to no trade item.
    """
    digits = str(cell) if isinstance(cell, Number) else text(cell).translate(_WIDE_DIGITS)
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in GTIN_LENGTHS:
        raise UnreadableError(
            f"商品条码应是 8、12、13 或 14 位数字，{REMEDY_ZH}",
            f"expected 8, 12, 13 or 14 digits (the spreadsheet may have shortened them); {REMEDY_EN}",
        )
    try:
        gtin14(digits)
    except CodeError as cause:
        raise UnreadableError("商品条码的校验位不对，请照证书重新填写", str(cause)) from cause
    try:
        garment_gtin(digits)
    except CodeError as cause:
        zh, _, en = str(cause).partition(" · ")
        raise UnreadableError(zh, en) from cause
    return digits


def whole(cell: Cell) -> int:
    """A whole number: `5000`, `5,000`. Raises UnreadableError; also of `50.00`, which is 5000 with a sign too many."""
    found = _plain_number(cell)
    if not _WHOLE.fullmatch(found) or (isinstance(cell, Number) and cell.percent):
        raise UnreadableError("应是整数，只写数字，不写小数点", "expected a whole number in digits, without a point")
    return int(found)


def decimal(cell: Cell) -> str:
    """A number as a plain decimal: `150`, `1,200.5`. Raises UnreadableError."""
    found = _plain_number(cell)
    if not _DECIMAL.fullmatch(found) or (isinstance(cell, Number) and cell.percent):
        raise UnreadableError("应是数字，不写单位和符号", "expected a number in digits, without a unit or sign")
    return found


def percentage(cell: Cell) -> str:
    """A percentage without its sign: `80%`, `80`, or 0.8 in a cell that shows 80%.

    Raises:
        UnreadableError: no number; or one without a sign up to 1, which may be meant either way.
    """
    if isinstance(cell, Number):
        value, sure = cell.exact * 100 if cell.percent else cell.exact, cell.percent
        found = f"{value.normalize():f}"
    else:
        written = text(cell).translate(_WIDE_NUMBER).strip()
        found, sure = _ungrouped(written.removesuffix("%").rstrip()), written.endswith("%")
    if not _DECIMAL.fullmatch(found):
        raise UnreadableError("应是百分数，例如 80 或 80%", "expected a percentage such as 80 or 80%")
    if not sure and 0 < Decimal(found) <= 1:
        raise UnreadableError(
            f"{found} 是 {found}% 还是 {Decimal(found) * 100:f}%？请写成带 % 的数",
            f"expected a percentage such as 80 or 80%, got {found}, which may be a share; write it with %",
        )
    return found


def figure(unit: str) -> Callable[[Cell], Mapping[str, str]]:
    """Reads what was measured: `18`, `18cm` and `18 cm` of a column in `unit`; a half grade such as `4-5` as text.

    What else stands there is the record's to refuse. The reading raises UnreadableError: the cell is no text, number or
    percentage of a column in percent.
    """

    def read(cell: Cell) -> Mapping[str, str]:
        if isinstance(cell, Number):
            found = percentage(cell) if unit == "%" else decimal(cell)
        else:
            found = text(cell).translate(_WIDE_NUMBER).removesuffix(unit).strip()
        return {"measured": found, "unit": unit}

    return read


def _plain_number(cell: Cell) -> str:
    if isinstance(cell, Number):
        return f"{cell.exact:f}"
    return _ungrouped(text(cell).translate(_WIDE_NUMBER).strip())


def _ungrouped(written: str) -> str:
    """Without the commas between thousands, if they stand there and nowhere else."""
    return written.replace(",", "") if _GROUPED.fullmatch(written) else written
