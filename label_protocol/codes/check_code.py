"""The check code beside the QR code (防伪码): eight characters that only a holder of the key can say of a serial.

The form of Pinghu's own 防伪码 is not public, so this one is ours (docs/check-code.md). It is the HMAC-SHA-256 of the
serial, its first 40 bits in the alphabet of the serials, shown as XXXX-XXXX. It stops whoever makes up serials or reads
them off a list; it does not stop a copy of the whole label, which copies both codes. A signature that a phone could
check alone was rejected: nobody types 64 bytes.

Sources: RFC 2104 and RFC 4231 (HMAC-SHA-256). RFC 2104 section 5 truncates to the leftmost bits and advises 80 at
least; 40 are enough here because every guess is put to the registry, which takes ten wrong ones an hour.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from label_protocol.codes.serial import ALPHABET, ISSUER_LENGTH, validate
from label_protocol.errors import CodeError, ConflictError

CheckCodes = Callable[[str], str]
"""The code of a serial; raises CodeError for a serial that is none."""

LENGTH = 8
KEY_BYTES = 32
SPECIMEN = "specimen"
"""Stands for a key's name in what is only looked at: nothing that names it is ever printed."""

_CODE_DOMAIN = b"label-check-code/1|"
_KEY_DOMAIN = b"label-check-key/1|"
"""What each MAC begins with, so that no key derived here is the code of something, nor a seal of the registry's."""

_BYTES = LENGTH * 5 // 8
_FULL_WIDTH = {0xFF00 + low: 0x20 + low for low in range(1, 0x5F)}
_TYPED = _FULL_WIDTH | dict.fromkeys(map(ord, " -\t\r\n\u3000\u2010\u2013\u2014\uff0d"))
_FOLDED = str.maketrans("ILO", "110")


@dataclass(frozen=True, slots=True)
class CheckKeys:
    """The keys of one issuer by their names; `current` names the one that new jobs take. Never shown, not even by
    `repr`."""

    issuer: str
    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def codes(self, key_id: str) -> CheckCodes:
        """What gives the codes under a key.

        Raises:
            ConflictError: this computer does not have it.
        """
        key = self.keys.get(key_id)
        if key is None:
            raise no_key(key_id)
        return lambda serial: check_code(key, serial)


def no_key(key_id: str) -> ConflictError:
    """The sentence for a label whose key is not here."""
    return ConflictError(
        f"本机没有防伪码密钥 {key_id[:20]}，不能打印；请联网同步（sync now）后再试，仍不行请取消任务重新下单 · "
        f"check code: expected the key {key_id[:20]}, got none on this computer; sync with the registry and resume, "
        "else cancel the job and order it again"
    )


def check_code(key: bytes, serial: str) -> str:
    """The code of `serial` under an issuer's key of 32 bytes: 8 characters.

    Raises:
        CodeError: a serial that is none, or a key of another length.
    """
    digest = hmac.digest(_checked(key), _CODE_DOMAIN + validate(serial).encode("ascii"), "sha256")
    number = int.from_bytes(digest[:_BYTES], "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def issuer_key(master: bytes, key_id: str, issuer: str) -> bytes:
    """The key that one issuer gets of a master secret: whoever steals it can make codes of that issuer only.

    Raises:
        CodeError: a master of another length than 32 bytes, or an issuer that is none.
    """
    if len(issuer) != ISSUER_LENGTH or not set(issuer) <= set(ALPHABET):
        raise CodeError(f"issuer: expected {ISSUER_LENGTH} characters of {ALPHABET}, got {issuer[:40]!r}; correct it")
    return hmac.digest(_checked(master), _KEY_DOMAIN + f"{issuer}|{key_id}".encode(), "sha256")


def matches(key: bytes, serial: str, typed: str) -> bool:
    """Whether `typed`, as `fold` gives it, is the serial's code; takes the same time for a near and a far miss."""
    return hmac.compare_digest(check_code(key, serial).encode(), typed.encode())


def grouped(code: str) -> str:
    """The code as it is printed: XXXX-XXXX; `fold` takes it back."""
    return f"{code[:4]}-{code[4:]}"


def fold(text: str) -> str:
    """The code somebody typed, in canonical form.

    Full-width signs, as a Chinese keyboard types them, become ASCII; blanks and dashes are dropped, lower case becomes
    upper, I and L become 1, O becomes 0.

    Raises:
        CodeError: not 8 characters of the alphabet. What was typed is not repeated: it may be a code.
    """
    typed = text[:100].translate(_TYPED)
    code = typed.upper().translate(_FOLDED) if typed.isascii() else ""
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise CodeError(f"check code: expected {LENGTH} letters and digits, got something else; type it again")
    return code


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise CodeError(f"check code: expected a key of {KEY_BYTES} bytes, got {len(key)}; fetch the keys again")
    return key
