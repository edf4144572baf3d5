"""The check code: the primitive against RFC 4231, the form against codes that OpenSSL computed, and typing."""

from __future__ import annotations

import contextlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from label_protocol.codes import check_code as codes
from label_protocol.codes.serial import ALPHABET
from label_protocol.errors import CodeError, ConflictError

MASTER = bytes(range(32))
KEY_ID = "0a1b2c3d"
KEY = bytes.fromhex("304e933fe978ab16593c3b83119d04401a497346f6c024039849c6ee452dd268")
"""printf 'label-check-key/1|7K3|0a1b2c3d' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00010203…1e1f -r"""

OPENSSL = {
    "7K3SM3JSP5YDYFP52": "6NB5H28C",
    "7K3YPRPA8JAB2VS3Q": "57PGB6S6",
    "7K3EEMVXX4SQFTDSW": "976D785D",
}
"""printf 'label-check-code/1|SERIAL' | openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY -binary | head -c 5 |
basenc --base32hex | tr 0-9A-V 0123456789ABCDEFGHJKMNPQRSTVWXYZ   (OpenSSL 3.0, GNU coreutils 9)"""

RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
]


@pytest.mark.parametrize(("key", "data", "mac"), RFC_4231)
def test_the_primitive_is_hmac_sha_256(key: bytes, data: bytes, mac: str) -> None:
    """RFC 4231 sections 4.2, 4.3, 4.4 and 4.7, on the function that the codes are made with."""
    assert hmac.digest(key, data, "sha256").hex() == mac


def test_the_issuers_key_is_the_one_openssl_derives() -> None:
    assert codes.issuer_key(MASTER, KEY_ID, "7K3") == KEY


@pytest.mark.parametrize(("serial", "code"), OPENSSL.items())
def test_the_codes_are_those_openssl_computes(serial: str, code: str) -> None:
    assert codes.check_code(KEY, serial) == code
    assert codes.matches(KEY, serial, code)


def test_the_example_of_the_docs_is_one_of_them() -> None:
    text = (Path(__file__).parents[2] / "docs" / "check-code.md").read_text("utf-8")
    serial, code = next(iter(OPENSSL.items()))
    for word in (KEY_ID, KEY.hex(), serial, codes.grouped(code), ALPHABET, codes._CODE_DOMAIN.decode()):
        assert word in text, word


def test_keys_differ_by_issuer_by_name_and_by_master() -> None:
    keys = {
        codes.issuer_key(master, key_id, issuer)
        for master in (MASTER, bytes(32))
        for key_id in (KEY_ID, "0a1b2c3e")
        for issuer in ("7K3", "7K4")
    }
    assert len(keys) == 8
    (serial,) = list(OPENSSL)[:1]
    assert len({codes.check_code(key, serial) for key in keys}) == 8


def test_a_key_is_never_the_code_of_anything() -> None:
    """One secret, two uses: what is under the MAC begins differently, so neither can be had by asking for the other."""
    assert codes._CODE_DOMAIN != codes._KEY_DOMAIN
    assert not codes._CODE_DOMAIN.startswith(codes._KEY_DOMAIN)
    assert not codes._KEY_DOMAIN.startswith(codes._CODE_DOMAIN)
    plain = hmac.digest(KEY, b"7K3SM3JSP5YDYFP52", "sha256")[:5]
    number = int.from_bytes(plain, "big")
    bare = "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    assert codes.check_code(KEY, "7K3SM3JSP5YDYFP52") != bare


@settings(deadline=None)
@given(st.text(ALPHABET, min_size=8, max_size=8))
def test_what_is_printed_is_taken_back_however_it_is_typed(code: str) -> None:
    shown = codes.grouped(code)
    assert (len(shown), shown[4]) == (9, "-")
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in shown)
    look_alike = code.replace("0", "o").replace("1", "l")
    for typed in (
        shown,
        shown.lower(),
        code,
        f"  {shown}\n",
        " ".join(code),
        full_width,
        look_alike,
        shown.replace("-", "—"),
    ):
        assert codes.fold(typed) == code


@pytest.mark.parametrize(
    "typed",
    ["", "7K3M-9QX", "7K3M-9QX22", "7K3M-9QXU", "7K3M-9QX*", "防伪码七七七七七", "ı1111111", "²²²²²²²²", "7" * 5000],
)
def test_what_is_no_code_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(CodeError) as caught:
        codes.fold(typed)
    assert "expected 8 letters and digits" in str(caught.value)
    assert not typed or typed not in str(caught.value)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_typing_is_a_code_or_refused(typed: str) -> None:
    with contextlib.suppress(CodeError):
        assert set(codes.fold(typed)) <= set(ALPHABET)


def test_one_wrong_character_is_no_match() -> None:
    serial, code = next(iter(OPENSSL.items()))
    for place in range(8):
        wrong = code[:place] + ("0" if code[place] != "0" else "1") + code[place + 1 :]
        assert not codes.matches(KEY, serial, wrong)


def test_what_is_no_serial_no_key_and_no_issuer_is_refused() -> None:
    serial = next(iter(OPENSSL))
    with pytest.raises(CodeError, match="serial"):
        codes.check_code(KEY, "7K3")
    for key in (b"", KEY[:31], KEY + b"\0"):
        with pytest.raises(CodeError, match="key of 32 bytes"):
            codes.check_code(key, serial)
        with pytest.raises(CodeError, match="key of 32 bytes"):
            codes.issuer_key(key, KEY_ID, "7K3")
    for issuer in ("", "7K", "7K33", "7|3", "7K*"):
        with pytest.raises(CodeError, match="issuer"):
            codes.issuer_key(MASTER, KEY_ID, issuer)


def test_keys_give_codes_by_name_and_are_never_shown() -> None:
    keys = codes.CheckKeys("7K3", KEY_ID, {KEY_ID: KEY})
    serial, code = next(iter(OPENSSL.items()))
    assert keys.codes(KEY_ID)(serial) == code
    with pytest.raises(ConflictError, match="expected the key ffff0000, got none on this computer"):
        keys.codes("ffff0000")
    assert KEY.hex() not in repr(keys) and str(KEY) not in repr(keys)
