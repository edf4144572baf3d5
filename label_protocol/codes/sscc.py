"""The SSCC, the number of one logistic unit (here: one carton): 18 digits, AI (00). Pure.

    extension digit ‖ GS1 Company Prefix ‖ serial reference ‖ check digit
           1        ‖       4 to 12      ‖   16 − prefix    ‖     1

Extension digit and serial reference have no meaning but that they differ, so they are one number here: what a firm has
to give out under its prefix. A site gives `leading` digits of it to each of its computers, since two that number by
themselves would meet. GS1 lets a number be given again one year after it was shipped; here it never is.

Sources: GS1 General Specifications (section numbers of release 18): 3.3.1, the element string; 7.9, the check digit;
5.4.3, a GS1-128 begins with FNC1, which scanners tell as the symbology identifier `]C1`; 8.2, a GS1 Company Prefix has
four to twelve digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from label_protocol.codes.gs1 import check_digit
from label_protocol.codes.trade_items import PREFIXES
from label_protocol.errors import CodeError

LENGTH = 18
AI = "00"
PREFIX_LENGTHS = range(4, 13)
LEAST_NUMBERS = 1_000
"""A block with fewer is used up within days: a slip of whoever wrote its leading digits."""

_AIM = re.compile(r"\](?:C1|d2|Q3|e0)")
"""What a scanner puts before a GS1 code: GS1-128, DataMatrix, QR code, DataBar (ISO/IEC 15424)."""


@dataclass(frozen=True, slots=True)
class SsccBlock:
    """The numbers that one computer may give out: under `prefix`, and beginning with `leading`, extension digit first.

    Raises:
        CodeError: a prefix or digits that are none, a prefix that GS1 gives to no company, or too few numbers.
    """

    prefix: str
    leading: str = ""

    def __post_init__(self) -> None:
        if not (_is_digits(self.prefix) and len(self.prefix) in PREFIX_LENGTHS):
            raise CodeError(
                f"厂商识别代码要 4 到 12 位数字，现在是 {self.prefix[:40]!r}，请照条码证书填写 · GS1 company prefix: "
                f"expected 4 to 12 digits, got {self.prefix[:40]!r}; copy it from the certificate"
            )
        use = next((row for row in PREFIXES if row.first <= self.prefix[: len(row.first)] <= row.last), None)
        if use is not None:
            raise CodeError(
                f"厂商识别代码 {self.prefix} 属于：{use.zh}，不是企业的，请照条码证书填写 · GS1 company prefix: "
                f"expected one that GS1 gives to companies, got {self.prefix}, {use.en}; copy it from the certificate"
            )
        if (self.leading and not _is_digits(self.leading)) or self.count < LEAST_NUMBERS:
            raise CodeError(
                f"SSCC 号段的开头 {self.leading[:40]!r} 不对，请写数字，并留下至少 {LEAST_NUMBERS} 个号 · SSCC block: "
                f"expected leading digits that leave at least {LEAST_NUMBERS} numbers, got {self.leading[:40]!r}"
            )

    @property
    def count(self) -> int:
        """How many numbers there are."""
        free = LENGTH - 1 - len(self.prefix) - len(self.leading)
        return 10**free if free >= 0 else 0

    def sscc(self, number: int) -> str:
        """The SSCC of a number from 0 up to `count`.

        >>> SsccBlock("6901234").sscc(12)
        '069012340000000122'

        Raises:
            CodeError: a number that the block does not hold.
        """
        if not 0 <= number < self.count:
            raise CodeError(f"SSCC: expected a number from 0 to {self.count - 1}, got {number}; take the next block")
        digits = f"{self.leading}{number:0{LENGTH - 1 - len(self.prefix) - len(self.leading)}d}"
        body = digits[0] + self.prefix + digits[1:]
        return body + check_digit(body)


def validate(text: str) -> str:
    """`text` itself, if it is an SSCC.

    >>> validate("106141412345678908")
    '106141412345678908'

    Raises:
        CodeError: not 18 ASCII digits, or a wrong check digit.
    """
    if not (_is_digits(text) and len(text) == LENGTH):
        raise CodeError(f"SSCC 箱号: expected {LENGTH} digits, got {text[:40]!r}; scan the carton's label again")
    expected = check_digit(text[:-1])
    if text[-1] != expected:
        raise CodeError(f"SSCC 箱号 {text}: expected check digit {expected}, got {text[-1]}; type it again")
    return text


def element_string(sscc: str) -> str:
    """What its GS1-128 holds behind FNC1: the AI and the number. Raises CodeError."""
    return AI + validate(sscc)


def readable(sscc: str) -> str:
    """As it stands below the bars: the AI in brackets, which are not in the code (General Specifications, 4.14)."""
    return f"({AI}){validate(sscc)}"


def read_sscc(text: str) -> str | None:
    """The SSCC in what a scanner sent or a person typed, with AI or without; None: it is none. What has the form of one
    and a wrong check digit is none either: it is not guessed at.

    >>> read_sscc("]C100106141412345678908")
    '106141412345678908'
    >>> read_sscc("(00) 1 0614141 234567890 8")
    '106141412345678908'
    """
    bare = re.sub(r"[\s()]", "", _AIM.sub("", text.strip()[:80], count=1))
    if not _is_digits(bare) or len(bare) not in (LENGTH, LENGTH + len(AI)):
        return None
    if len(bare) > LENGTH and not bare.startswith(AI):
        return None
    found = bare[-LENGTH:]
    return found if check_digit(found[:-1]) == found[-1] else None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
