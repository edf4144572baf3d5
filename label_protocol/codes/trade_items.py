"""This file says which GTINs name one garment: GS1 gives many prefixes to other things than trade items.

A number of 14 digits with a right check digit is not yet somebody's article. A shop's own number (20-29) means another
thing in the next shop, a coupon is no garment, and a case of twelve (indicator 1 to 8) is not the jacket in it: under
such a number the codes of two firms would meet on one page. What is printed already is read as ever
(`gs1.gtin14`); only what is to be printed or imported is asked here.

Sources: GS1 General Specifications, 1.4.2 and 1.4.3 (figures of those numbers in release 23; tables 1-4 and 1-5 in
release 26, which names them alike): prefixes, and GS1-8 prefixes. 960-969: GS1's list of prefixes
(gs1.org/standards/id-keys/company-prefix), which issues GTIN-8 from them and nothing longer. Indicator digits: General
Specifications, GTIN-14 (1 to 8 groupings of items, 9 an item of variable measure); such a number never passes a till.
Prefixes that no member organisation has yet are not refused: GS1 may give them away tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass

from label_protocol.codes.gs1 import gtin14
from label_protocol.errors import CodeError


@dataclass(frozen=True, slots=True)
class Use:
    """What GS1 uses prefixes for that name no garment: `first` to `last`, of one length, and the use in words."""

    first: str
    last: str
    zh: str
    en: str


_SHOP = ("企业内部编码，店与店之间会重复", "numbers that circulate within one company")
_REGION = ("地区内部编码（店内码），只在一个地区或一家店里有效", "numbers that circulate within one region")
_COUPON = ("优惠券", "coupons")
_EXAMPLES = ("GS1 的示例", "demonstrations and examples")
_BOOK = ("图书（ISBN）", "books (ISBN)")

PREFIXES = (
    Use("02", "02", *_REGION),
    Use("04", "04", *_SHOP),
    Use("05", "05", "美国保留的号段（曾用于优惠券）", "reserved by GS1 US, coupons of old"),
    Use("20", "29", *_REGION),
    Use("951", "951", "EPC 通用标识（GID）的管理者号", "manager numbers of the EPC General Identifier"),
    Use("952", "952", *_EXAMPLES),
    Use("960", "969", "8 位条码（GTIN-8）的号段", "GTIN-8 only"),
    Use("977", "977", "期刊（ISSN）", "serial publications (ISSN)"),
    Use("978", "978", *_BOOK),
    Use("9790", "9790", "乐谱（ISMN）", "printed music (ISMN)"),
    Use("9791", "9799", *_BOOK),
    Use("980", "980", "退款单", "refund receipts"),
    Use("981", "989", *_COUPON),
    Use("99", "99", *_COUPON),
)
"""Of the 13 digits behind the indicator. 0000000 to 0000099 of table 1-4 are the fill of a GTIN-8, below."""

PREFIXES_OF_8 = (
    Use("0", "0", *_SHOP),
    Use("2", "2", *_SHOP),
    Use("952", "952", *_EXAMPLES),
    Use("977", "999", "GS1 保留的号段", "reserved by GS1"),
)
"""Of the 8 digits of a GTIN-8, which has a table of its own."""

_FILL_OF_8 = "000000"


def use_of(gtin: str) -> Use | None:
    """What GS1 uses the prefix of these 14 digits for, if it names no garment; the indicator is not looked at.

    >>> use_of("02012345678909").first
    '20'
    """
    of_8 = gtin.startswith(_FILL_OF_8)
    digits, rows = (gtin[len(_FILL_OF_8) :], PREFIXES_OF_8) if of_8 else (gtin[1:], PREFIXES)
    return next((row for row in rows if row.first <= digits[: len(row.first)] <= row.last), None)


def is_one_item(gtin: str) -> bool:
    """Whether the indicator of these 14 digits is 0: one item, and no grouping or variable measure of it."""
    return gtin.startswith("0")


def garment_gtin(text: str) -> str:
    """A GTIN-8, -12, -13 or -14 of one garment as 14 digits.

    Raises:
        CodeError: as `gs1.gtin14`; a grouping or variable measure of items; a prefix that names something else.
    """
    gtin = gtin14(text)
    if not is_one_item(gtin):
        raise CodeError(
            f"商品条码 {gtin} 是箱或包的条码，不是一件衣服的，请改用单件的 13 位条码 · GTIN {gtin}: "
            f"expected indicator 0, one garment, got {gtin[0]}, a grouping or variable measure; "
            "use the GTIN of the single garment"
        )
    use = use_of(gtin)
    if use is not None:
        raise CodeError(
            f"商品条码 {gtin} 的前缀属于：{use.zh}，不能用在服装上，请照条码证书填写 · GTIN {gtin}: expected a prefix "
            f"that GS1 gives to companies, got {use.first}-{use.last}, {use.en}; copy the GTIN from the certificate"
        )
    return gtin
