"""GTIN check digits, lot rules and the refusal of foreign digits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from label_protocol.codes import gs1
from label_protocol.errors import CodeError

GTINS = [
    # (as written, as 14 digits, source)
    ("6901234567892", "06901234567892", "derived: 690123456789 → 2"),
    ("6291041500213", "06291041500213", "GS1 General Specifications 7.9, worked example of the check digit"),
    ("96385074", "00000096385074", "ISO/IEC 15420, example of EAN-8"),
    ("036000291452", "00036000291452", "UPC-A example of the ISO/IEC 15420 literature"),
    ("09506000134352", "09506000134352", "GS1 Digital Link: URI Syntax, the GTIN of its examples"),
]


@pytest.mark.parametrize(("text", "full", "source"), GTINS)
def test_gtins_become_fourteen_digits(text: str, full: str, source: str) -> None:
    assert gs1.gtin14(text) == full, source
    assert gs1.gtin14(full) == full


@pytest.mark.parametrize(("text", "full", "source"), GTINS)
def test_every_other_check_digit_is_refused(text: str, full: str, source: str) -> None:
    for digit in set("0123456789") - {text[-1]}:
        with pytest.raises(CodeError, match=f"check digit {text[-1]}"):
            gs1.gtin14(text[:-1] + digit)


@pytest.mark.parametrize("text", ["", "0", "690123456789", "123456789", "006901234567892"])
def test_other_lengths_are_refused(text: str) -> None:
    with pytest.raises(CodeError):
        gs1.gtin14(text)


@pytest.mark.parametrize("digit", ["٢", "２", "२", "𝟐", "²"])
def test_digits_of_other_scripts_are_refused(digit: str) -> None:
    with pytest.raises(CodeError, match="ASCII"):
        gs1.gtin14("690123456789" + digit)


def test_cset_82_has_82_characters_and_no_blank() -> None:
    assert len(gs1.CSET82) == 82
    assert not gs1.CSET82 & set(" #$@[\\]^`{|}~")


@settings(deadline=None)
@given(st.text(sorted(gs1.CSET82), min_size=1, max_size=20))
def test_lots_of_the_set_pass(text: str) -> None:
    assert gs1.lot_no(text) == text


@pytest.mark.parametrize("text", ["", "A" * 21, "A B", "批1", "A#1", "A\u0660", "L１", "A\x1d"])
def test_other_lots_are_refused_by_name(text: str) -> None:
    with pytest.raises(CodeError, match="批号"):
        gs1.lot_no(text)
