"""Serials: 3 issuer characters, 13 random characters, 1 check character; 17 in all, within the 20 of AI (21).

The alphabet is Crockford base 32 (digits and capitals without I, L, O, U), so a serial stays in the alphanumeric mode
of QR and inside the characters GB/T 33993 allows. 65 random bits leave the odds of one collision among a thousand
million serials of one issuer near 1 in 74; the ledger's unique constraint catches that one. Counters were rejected:
they show a maker's output and repeat after a restored backup.

The check character is ISO/IEC 7064 MOD 37-2: it finds every single wrong character and every swap of neighbours.
"""

from __future__ import annotations

from collections.abc import Callable

from label_protocol.errors import CodeError

Entropy = Callable[[int], bytes]
"""Returns that many random bytes, as `os.urandom`."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ISSUER_LENGTH = 3
RANDOM_LENGTH = 13
BODY_LENGTH = ISSUER_LENGTH + RANDOM_LENGTH
LENGTH = BODY_LENGTH + 1

_CHECKS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_AVOIDED_CHECKS = frozenset("*ILOU")
_RANDOM_BITS = 5 * RANDOM_LENGTH
_RANDOM_BYTES = (_RANDOM_BITS + 7) // 8
_MAX_DRAWS = 100
"""5 of 37 draws are thrown away; a hundred in a row (about 1 in 10^87) means that the random source is stuck."""

_FOLDED = str.maketrans("ILO", "110")
_LOOKS = ("I", "L", "O")
_DROPPED = str.maketrans("", "", " -\t\r\n")


def check_character(body: str) -> str:
    """The ISO/IEC 7064 MOD 37-2 check character of `body` (0-9, A-Z), one of 0-9, A-Z, `*`.

    >>> check_character("G123489654321")
    'Y'

    Raises:
        CodeError: a character outside 0-9, A-Z.
    """
    remainder = 0
    for character in body:
        remainder = (remainder + _value(character)) * 2 % 37
    return _CHECKS[(1 - remainder) % 37]


def new_serial(issuer: str, entropy: Entropy) -> str:
    """A new serial of `issuer` (3 characters of `ALPHABET`) from 65 random bits.

    Draws whose check would be `*`, I, L, O or U are thrown away: a reader never meets a letter that looks like a digit.

    Raises:
        CodeError: an issuer that is not one, or a random source that is short or stuck.
    """
    _check_issuer(issuer)
    for _ in range(_MAX_DRAWS):
        body = issuer + _random_part(entropy)
        check = check_character(body)
        if check not in _AVOIDED_CHECKS:
            return body + check
    raise CodeError(
        f"serial: expected a random source that varies, got {_MAX_DRAWS} useless draws in a row; "
        "check the system's random source"
    )


def validate(text: str) -> str:
    """`text` itself, if it is a serial in canonical form; any check character but `*` is accepted.

    Raises:
        CodeError: names length, first foreign character, or check character expected and got.
    """
    if len(text) != LENGTH:
        raise CodeError(f"serial: expected {LENGTH} characters, got {len(text)} in {text[:40]!r}; scan the label again")
    _check_alphabet(text[:BODY_LENGTH], "serial")
    expected = check_character(text[:BODY_LENGTH])
    if text[-1] != expected or expected == "*":
        raise CodeError(
            f"serial {text}: expected another check character, got {text[-1]!r}; type it again or scan the label"
        )
    return text


def fold(text: str) -> str:
    """The serial an operator typed, in canonical form.

    Blanks and dashes are dropped and lower case becomes upper; I and L become 1, O becomes 0 in the first 16
    characters. The check character may really be one of them (we draw none such), so it is folded only where the
    serial does not hold as it was typed.

    Raises:
        CodeError: as `validate`.
    """
    if not text.isascii():  # before upper(): it would turn some foreign letters into ASCII ones
        raise CodeError(
            f"serial: expected ASCII letters and digits, got {text[:40]!r}; "
            "switch the input method off and type it again"
        )
    typed = text.translate(_DROPPED).upper()
    body, check = typed[:BODY_LENGTH].translate(_FOLDED), typed[BODY_LENGTH:]
    if check in _LOOKS and check_character(body) == check.translate(_FOLDED):
        return body + check.translate(_FOLDED)
    return validate(body + check)


def issuer_typed(text: str) -> str:
    """The issuer that begins what may be no serial as a whole, folded as `fold` does; "" if none does."""
    body = text.translate(_DROPPED).upper().translate(_FOLDED)[:ISSUER_LENGTH] if text.isascii() else ""
    return body if len(body) == ISSUER_LENGTH and set(body) <= set(ALPHABET) else ""


def grouped(serial: str) -> str:
    """The serial as it is printed for the eye, in groups of 3, 5, 5 and 4; `fold` takes it back."""
    return " ".join((serial[:3], serial[3:8], serial[8:13], serial[13:]))


def _value(character: str) -> int:
    position = _CHECKS.find(character, 0, 36)
    if position < 0:
        raise CodeError(f"MOD 37-2: expected 0-9 or A-Z, got {character!r}; remove it")
    return position


def _random_part(entropy: Entropy) -> str:
    raw = entropy(_RANDOM_BYTES)
    if len(raw) != _RANDOM_BYTES:
        raise CodeError(
            f"serial: expected {_RANDOM_BYTES} random bytes, got {len(raw)}; check the system's random source"
        )
    number = int.from_bytes(raw, "big") >> (8 * _RANDOM_BYTES - _RANDOM_BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(_RANDOM_BITS - 5, -1, -5))


def _check_issuer(issuer: str) -> None:
    if len(issuer) != ISSUER_LENGTH:
        raise CodeError(f"issuer: expected {ISSUER_LENGTH} characters, got {issuer[:40]!r}; enrol the agent again")
    _check_alphabet(issuer, "issuer")


def _check_alphabet(text: str, what: str) -> None:
    foreign = next((character for character in text if character not in ALPHABET), None)
    if foreign is not None:
        raise CodeError(f"{what}: expected characters of {ALPHABET}, got {foreign!r} in {text[:40]!r}; type it again")
