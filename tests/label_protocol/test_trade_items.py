"""Which numbers with a right check digit name one garment, by the prefix tables of the GS1 General Specifications."""

from __future__ import annotations

import pytest

from label_protocol.codes import trade_items
from label_protocol.codes.gs1 import check_digit, gtin14
from label_protocol.errors import CodeError

GIVEN = (
    "00001",
    "00009",
    "0001",
    "0009",
    "001",
    "019",
    "03",
    "06",
    "09",
    "100",
    "139",
    "300",
    "690",
    "699",
    "950",
    "955",
)
"""Ends of the ranges of company prefixes (table 1-4); 690-699 are China's, 950 the Global Office's."""

NOT_GIVEN = (
    *(("0000000", "company"), ("0000001", "company"), ("0000099", "reserved"), ("02", "region"), ("04", "company")),
    *(("05", "reserved"), ("20", "region"), ("29", "region"), ("951", "EPC"), ("952", "examples"), ("960", "GTIN-8")),
    *(("969", "GTIN-8"), ("977", "ISSN"), ("978", "ISBN"), ("9790", "ISMN"), ("9791", "ISBN"), ("979999", "ISBN")),
    *(
        ("980", "refund"),
        ("981", "coupons"),
        ("984", "coupons"),
        ("989", "coupons"),
        ("990", "coupons"),
        ("999", "coupons"),
    ),
)
"""Both ends of every other range of table 1-4, and of 960-969 in GS1's list of prefixes. What 0000000 to 0000099 begin
is read as the GTIN-8 it would collide with."""

GIVEN_8 = ("100", "199", "300", "951", "953", "963", "976")
NOT_GIVEN_8 = (("000", "company"), ("099", "company"), ("200", "company"), ("299", "company"))
NOT_GIVEN_8 += (("952", "examples"), ("977", "reserved"), ("999", "reserved"))
"""Ends of the ranges of table 1-5."""


def whole(prefix: str, digits: int) -> str:
    """The prefix filled up with fives, and its check digit."""
    body = prefix.ljust(digits - 1, "5")
    return body + check_digit(body)


@pytest.mark.parametrize("prefix", GIVEN)
def test_prefixes_of_companies_name_garments(prefix: str) -> None:
    gtin = whole(prefix, 13)
    assert trade_items.garment_gtin(gtin) == trade_items.garment_gtin(gtin.zfill(14)) == gtin.zfill(14)


@pytest.mark.parametrize(("prefix", "word"), NOT_GIVEN)
def test_other_prefixes_are_refused_with_what_they_are_for(prefix: str, word: str) -> None:
    gtin = whole(prefix, 13)
    for text in (gtin, gtin.zfill(14), *([gtin[1:]] if gtin.startswith("0") and not gtin.startswith("00000") else [])):
        with pytest.raises(CodeError, match=word):
            trade_items.garment_gtin(text)


@pytest.mark.parametrize("prefix", GIVEN_8)
def test_a_gtin_8_has_a_table_of_its_own(prefix: str) -> None:
    assert trade_items.garment_gtin(whole(prefix, 8)) == whole(prefix, 8).zfill(14)


@pytest.mark.parametrize(("prefix", "word"), NOT_GIVEN_8)
def test_a_shops_number_of_eight_digits_is_refused(prefix: str, word: str) -> None:
    for text in (whole(prefix, 8), whole(prefix, 8).zfill(14)):
        with pytest.raises(CodeError, match=word):
            trade_items.garment_gtin(text)


@pytest.mark.parametrize("indicator", "123456789")
def test_a_case_or_a_measured_quantity_is_no_garment(indicator: str) -> None:
    body = indicator + "690123456789"
    with pytest.raises(CodeError, match="indicator"):
        trade_items.garment_gtin(body + check_digit(body))


def test_every_prefix_of_three_digits_has_one_answer() -> None:
    refused = [at for at in range(1000) if trade_items.use_of(whole(f"{at:03}", 13).zfill(14))]
    sources = {*range(20, 30), *range(40, 60), *range(200, 300), 951, 952, *range(960, 970), *range(977, 1000)}
    assert set(refused) == sources, "000 filled with fives is 0005…, a U.P.C. prefix"


def test_what_is_printed_already_is_read_as_ever() -> None:
    assert gtin14("2012345678903") == "02012345678903"


@pytest.mark.parametrize("text", ["", "6901234567893", "0000000000000x", "２012345678903"])
def test_what_is_no_gtin_is_refused_as_such(text: str) -> None:
    with pytest.raises(CodeError, match=r"GTIN 商品条码"):
        trade_items.garment_gtin(text)
