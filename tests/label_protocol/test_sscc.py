"""SSCCs: GS1's own examples, what zint makes of the same numbers, and everything that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from label_protocol.codes.sscc import SsccBlock, element_string, read_sscc, readable, validate
from label_protocol.errors import CodeError

EXAMPLES = ("106141412345678908", "340123450000000000", "006141411234567890", "376104250021234569")
"""As GS1 shows them: of the EPC Tag Data Standard (1 0614141 234567890 8), of logistic labels, of the reckoning of a
check digit. zint 2.11.1 takes each without a word."""

BY_ZINT = {
    ("6901234", "", 12): "069012340000000122",
    ("6901234", "3", 7): "369012340000000079",
    ("69012345", "", 999_999_999): "969012345999999993",
    ("6901234567", "04", 99): "069012345674000997",
}
"""Prefix, leading digits, number, and the one SSCC of ten that zint 2.11.1 (Debian 12) takes: of each other last digit
`zint -b GS1_128 -d "[00]…"` says that its checksum is bad."""

blocks = st.tuples(
    st.sampled_from(["6901234", "69012345", "690123456", "6901234567"]), st.sampled_from(["", "0", "37"])
)


@pytest.mark.parametrize("sscc", EXAMPLES)
def test_an_example_of_gs1_is_one(sscc: str) -> None:
    assert validate(sscc) == read_sscc(sscc) == sscc
    assert element_string(sscc) == "00" + sscc and readable(sscc) == f"(00){sscc}"


@pytest.mark.parametrize(("block", "sscc"), BY_ZINT.items())
def test_a_number_becomes_the_sscc_that_zint_takes(block: tuple[str, str, int], sscc: str) -> None:
    prefix, leading, number = block
    assert SsccBlock(prefix, leading).sscc(number) == sscc


@given(blocks, st.integers(min_value=0))
def test_each_number_of_a_block_is_another_sscc_of_its_prefix(block: tuple[str, str], number: int) -> None:
    made = SsccBlock(*block)
    one, next_ = made.sscc(number % made.count), made.sscc((number + 1) % made.count)
    assert one != next_
    for sscc in (one, next_):
        assert validate(sscc)[1:].startswith(made.prefix)
        assert (sscc[0] + sscc[1 + len(made.prefix) :]).startswith(made.leading)


def test_two_computers_with_other_leading_digits_never_meet() -> None:
    one, other = SsccBlock("690123456789", "0"), SsccBlock("690123456789", "1")
    assert one.count == other.count == 10_000
    assert not {one.sscc(n) for n in range(one.count)} & {other.sscc(n) for n in range(other.count)}


@given(st.sampled_from(EXAMPLES), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(sscc: str, place: int, by: int) -> None:
    wrong = sscc[:place] + str((int(sscc[place]) + by) % 10) + sscc[place + 1 :]
    assert read_sscc(wrong) is None
    with pytest.raises(CodeError, match="expected check digit"):
        validate(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "]C100106141412345678908",
        "]d200106141412345678908",
        "00106141412345678908\r",
        "(00)106141412345678908",
        "(00) 1 0614141 234567890 8",
        " 106141412345678908 ",
    ],
)
def test_whatever_a_scanner_or_a_hand_puts_around_it_is_taken_off(text: str) -> None:
    assert read_sscc(text) == "106141412345678908"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "06901234567892",
        "7K3M9QX2W4T8VBN5C",
        "https://id.example.cn/01/06901234567892/21/7K3TYJPTF7WZ6J4TN",
        "01106141412345678908",
        "10614141234567890",
        "1061414123456789080",
        "１０６１４１４１２３４５６７８９０８",
        "١٠٦١٤١٤١٢٣٤٥٦٧٨٩٠٨",
        "]Q1106141412345678908x",
    ],
)
def test_what_is_no_sscc_is_none(text: str) -> None:
    assert read_sscc(text) is None
    with pytest.raises(CodeError, match=r"expected (18 digits|the ASCII digits)"):
        validate(text)


@pytest.mark.parametrize(
    ("prefix", "leading", "part"),
    [
        ("690", "", "expected 4 to 12 digits, got '690'"),
        ("6901234567890", "", "expected 4 to 12 digits"),
        ("690 1234", "", "expected 4 to 12 digits"),
        ("６９０１２３４", "", "expected 4 to 12 digits"),
        ("9521234", "", "demonstrations and examples"),
        ("2012345", "", "numbers that circulate within one region"),
        ("6901234", "x", "expected leading digits"),
        ("690123456789", "012", "expected leading digits that leave at least 1000 numbers, got '012'"),
        ("690123456789", "0123456789", "expected leading digits"),
    ],
)
def test_a_block_that_is_none_is_refused_in_one_sentence(prefix: str, leading: str, part: str) -> None:
    with pytest.raises(CodeError) as caught:
        SsccBlock(prefix, leading)
    assert part in str(caught.value) and "·" in str(caught.value)


@pytest.mark.parametrize("number", [-1, 10_000_000_000])
def test_a_number_outside_the_block_has_no_sscc(number: int) -> None:
    with pytest.raises(CodeError, match="expected a number from 0 to 9999999999"):
        SsccBlock("6901234").sscc(number)
