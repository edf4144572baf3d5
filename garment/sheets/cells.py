"""A cell as a sheet keeps it, before anybody knows what its column is for, and why one cannot be taken.

A CSV holds texts only. A workbook holds numbers, days and errors beside them, and shows them in a form that need not be
what it holds: 80% is 0.8, a style number 00123 is 123. So a cell carries what is needed to tell whether it may be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

EXCEL_DIGITS = 15
"""A number has no more in Excel ("Excel specifications and limits", number precision)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a workbook; `percent`: its cell shows it as a percentage, so that 0.8 is 80%."""

    value: float
    percent: bool = False

    @property
    def exact(self) -> Decimal:
        """The number as Excel shows it: 15 digits, so that 0.1 + 0.2 is 0.3."""
        return Decimal(format(self.value, f".{EXCEL_DIGITS}g"))

    def __str__(self) -> str:
        return f"{self.exact * 100:f}%" if self.percent else f"{self.exact:f}"


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that no column takes: an error, a time of day, yes or no; `shown` as people see it, and why not."""

    shown: str
    zh: str
    en: str

    def __str__(self) -> str:
        return self.shown


Cell = str | Number | date | Odd
"""`date` is a day without a time of day."""


class UnreadableError(ValueError):
    """A cell that its column does not take: why, and what to do, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} · {en}")
        self.zh, self.en = zh, en


def letters(column: int) -> str:
    """The letters of a column, counted from 0.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def address(row: int, column: int) -> str:
    """A cell as spreadsheets name it; `row` counted from 1, `column` from 0.

    >>> address(3, 9)
    'J3'
    """
    return f"{letters(column)}{row}"
