"""Serials: the check character against published vectors, drawing, reading back, typing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from label_protocol.codes import serial
from label_protocol.errors import CodeError

VECTORS = [
    # (protected string, source)
    ("A9999171234569", "ISBT 128 Standard Technical Specification ST-001 v6.2.2, donation number A9999 17 123456"),
    ("A9999171234585", "ISBT 128 ST-001 v6.2.2"),
    ("A999617987654P", "ISBT 128 ST-001 v6.2.2"),
    ("A999917345658O", "ISBT 128 ST-001 v6.2.2: a check character may be the letter O"),
    ("W000009123456G", "ISBT 128 ST-001, donation number W0000 09 123456"),
    ("G123489654321Y", "ISBT 128, as in the self-test of python-stdnum iso7064.mod_37_2"),
    ("10100Z", "derived by hand: 1·2, 2·2, (4+1)·2, 10·2, 20·2 = 40 → 3 (mod 37); 1 − 3 → 35 = Z"),
    ("100110*", "check value 36 is written *; also in Apache commons-validator, IsoIecPure37System"),
]


@pytest.mark.parametrize(("text", "source"), VECTORS)
def test_check_character_follows_the_standard(text: str, source: str) -> None:
    assert serial.check_character(text[:-1]) == text[-1], source


def entropy_of(seed: int) -> serial.Entropy:
    return random.Random(seed).randbytes


@settings(deadline=None)
@given(st.integers(0, 2**32), st.text(serial.ALPHABET, min_size=3, max_size=3))
def test_a_drawn_serial_is_valid_and_has_no_look_alike(seed: int, issuer: str) -> None:
    drawn = serial.new_serial(issuer, entropy_of(seed))
    assert len(drawn) == 17
    assert drawn.startswith(issuer)
    assert not set(drawn) & set("*ILOU")
    assert serial.validate(drawn) == drawn


def test_all_65_bits_are_used() -> None:
    bodies = [serial.new_serial("7K3", entropy_of(seed))[3:16] for seed in range(4000)]
    assert len(set(bodies)) == len(bodies)
    assert all({body[place] for body in bodies} == set(serial.ALPHABET) for place in range(13))


def test_the_random_part_is_the_first_65_bits_given() -> None:
    raw = bytes.fromhex("ffffffffffffffff80")
    assert serial.new_serial("000", lambda n: raw[:n])[3:16] == "Z" * 13


def test_a_draw_with_a_bad_check_is_thrown_away() -> None:
    numbers = iter(range(10_000))
    seen: list[int] = []

    def entropy(count: int) -> bytes:
        seen.append(next(numbers))
        return (seen[-1] << 7).to_bytes(count, "big")

    drawn = [serial.new_serial("000", entropy) for _ in range(200)]
    assert len(seen) > len(drawn)
    assert all(text[-1] not in "*ILOU" for text in drawn)


@pytest.mark.parametrize("raw", [b"", bytes(8), bytes(10)])
def test_a_source_of_another_length_is_refused(raw: bytes) -> None:
    with pytest.raises(CodeError, match="9 random bytes"):
        serial.new_serial("7K3", lambda _: raw)


def test_a_stuck_source_ends_in_an_error() -> None:
    stuck = next(
        raw
        for raw in (number.to_bytes(9, "big") for number in range(0, 1 << 14, 1 << 7))
        if serial.check_character("000" + "0" * 11 + crockford(raw)) in "*ILOU"
    )
    with pytest.raises(CodeError, match="varies"):
        serial.new_serial("000", lambda _: stuck)


def crockford(raw: bytes) -> str:
    number = int.from_bytes(raw, "big") >> 7
    return serial.ALPHABET[number >> 5 & 31] + serial.ALPHABET[number & 31]


@pytest.mark.parametrize("issuer", ["", "7K", "7K33", "7k3", "7O3", "7\uff133", "٣٣٣"])
def test_an_issuer_that_is_none_is_refused(issuer: str) -> None:
    with pytest.raises(CodeError, match="issuer"):
        serial.new_serial(issuer, entropy_of(1))


def valid_with_check(check: str) -> str:
    rng = random.Random(7)
    while True:
        body = "".join(rng.choices(serial.ALPHABET, k=16))
        if serial.check_character(body) == check:
            return body + check


@pytest.mark.parametrize("check", "ILOU059AZ")
def test_any_check_character_but_the_star_is_accepted(check: str) -> None:
    text = valid_with_check(check)
    assert serial.validate(text) == text
    assert serial.fold(text.lower()) == text, "the check character is never folded"


def test_a_star_is_refused_though_it_is_right() -> None:
    with pytest.raises(CodeError, match="check character"):
        serial.validate(valid_with_check("*"))


def test_typed_entry_is_folded() -> None:
    text = serial.new_serial("110", entropy_of(3))
    typed = "il" + "o" + text[3:].lower()
    assert serial.fold(f" {typed[:3]}-{typed[3:8]} {typed[8:13]}-{typed[13:]}\r\n") == text
    assert serial.fold(serial.grouped(text)) == text


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 16), st.characters())
def test_one_wrong_character_is_always_found(seed: int, place: int, other: str) -> None:
    good = serial.new_serial("7K3", entropy_of(seed))
    bad = good[:place] + other + good[place + 1 :]
    if bad != good:
        with pytest.raises(CodeError):
            serial.validate(bad)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 15))
def test_a_swap_of_neighbours_is_always_found(seed: int, place: int) -> None:
    good = serial.new_serial("7K3", entropy_of(seed))
    bad = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    if bad != good:
        with pytest.raises(CodeError):
            serial.validate(bad)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_serial_or_a_code_error(text: str) -> None:
    for read in (serial.validate, serial.fold):
        try:
            assert serial.validate(read(text))
        except CodeError as error:
            assert "expected" in str(error)


@pytest.mark.parametrize("digit", ["٧", "７", "𝟕", "ı", "ſ"])
def test_digits_and_letters_of_other_scripts_are_refused(digit: str) -> None:
    good = serial.new_serial("7K3", entropy_of(5))
    for read in (serial.validate, serial.fold):
        with pytest.raises(CodeError):
            read(digit + good[1:])


@pytest.mark.parametrize(("letter", "foreign"), [("S", "ſ"), ("1", "ı")])
def test_a_foreign_letter_whose_capital_is_ascii_is_refused(letter: str, foreign: str) -> None:
    """str.upper makes S of the long s and I of the dotless i."""
    good = serial.new_serial(f"{letter}K3", entropy_of(1))
    with pytest.raises(CodeError, match="ASCII"):
        serial.fold(foreign + good[1:])


@pytest.mark.parametrize(
    ("text", "issuer"),
    [("1a2", "1A2"), (" il-o9", "110"), ("1A", ""), ("", ""), ("1U2X", ""), ("甲乙丙", ""), ("1A2" * 900, "1A2")],
)
def test_what_is_no_serial_may_begin_with_an_issuer(text: str, issuer: str) -> None:
    assert serial.issuer_typed(text) == issuer
