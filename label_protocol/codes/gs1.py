"""GS1 element values that a label carries: AIs 01, 22, 10, 21.

Formats from the GS1 General Specifications, section 3, and the GS1 Barcode Syntax Dictionary; the check digit from
General Specifications 7.9; CSET 82 from 7.11 (ISO/IEC 646 without space). Digits are ASCII digits: `str.isdigit`
alone also takes those of other scripts.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

from label_protocol.errors import CodeError

CSET82 = frozenset("!\"%&'()*+,-./:;<=>?_" + string.digits + string.ascii_letters)
GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class ElementRule:
    """One application identifier: `max_length` characters of CSET 82, or exactly 14 digits with check for AI 01."""

    ai: str
    title: str
    zh: str
    max_length: int


ELEMENTS = (
    ElementRule("01", "GTIN", "商品条码", 14),
    ElementRule("22", "CPV", "产品变体", 20),
    ElementRule("10", "BATCH/LOT", "批号", 20),
    ElementRule("21", "SERIAL", "序列号", 20),
)
"""In the order a Digital Link path carries them (GS1 Digital Link URI Syntax: 01 then 22, 10, 21)."""

_BY_AI = {rule.ai: rule for rule in ELEMENTS}


def check_digit(body: str) -> str:
    """The check digit of a GTIN without its last digit: weights 3, 1, 3 … from the right, to the next multiple of ten.

    >>> check_digit("690123456789")
    '2'

    Raises:
        CodeError: anything but ASCII digits.
    """
    _check_digits(body)
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def gtin14(text: str) -> str:
    """A GTIN-8, -12, -13 or -14 as 14 digits, filled with zeros on the left.

    >>> gtin14("6901234567892")
    '06901234567892'

    Raises:
        CodeError: other lengths, foreign digits, a wrong check digit.
    """
    _check_digits(text)
    if len(text) not in GTIN_LENGTHS:
        raise CodeError(
            f"GTIN 商品条码: expected 8, 12, 13 or 14 digits, got {len(text)} in {text[:40]!r}; "
            "copy it from the certificate"
        )
    expected = check_digit(text[:-1])
    if text[-1] != expected:
        raise CodeError(
            f"GTIN 商品条码 {text}: expected check digit {expected}, got {text[-1]}; copy it from the certificate"
        )
    return text.zfill(14)


def element(ai: str, text: str) -> str:
    """`text` itself, if AI 22, 10 or 21 may carry it: 1 to 20 characters of CSET 82.

    Raises:
        CodeError: names the element and its first foreign character, or its length.
    """
    rule = _BY_AI[ai]
    if not 1 <= len(text) <= rule.max_length:
        raise CodeError(
            f"{rule.title} {rule.zh}: expected 1 to {rule.max_length} characters, "
            f"got {len(text)} in {text[:40]!r}; shorten it"
        )
    foreign = next((character for character in text if character not in CSET82), None)
    if foreign is not None:
        raise CodeError(
            f"{rule.title} {rule.zh} {text!r}: expected characters of GS1 CSET 82 "
            f"(letters, digits, some signs, no blank), got {foreign!r}; use the code the certificate states in ASCII"
        )
    return text


def lot_no(text: str) -> str:
    """A lot number for AI 10; raises as `element`."""
    return element("10", text)


def _check_digits(text: str) -> None:
    foreign = next((c for c in text if not (c.isascii() and c.isdigit())), None)
    if foreign is not None:
        raise CodeError(
            f"GTIN 商品条码: expected the ASCII digits 0-9, got {foreign!r} in {text[:40]!r}; type it again"
        )
