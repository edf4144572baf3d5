"""What people type that stays for ever: who decided, and why. Bounded, and clean of what nobody can see. Pure.

The ledger is appended only, so what gets in stays in, is told to the registry and is read by auditors: a code that
turns the text round, a line break, half a character or a megabyte has no business there. The same functions stand at
every door (HTTP bodies, commands, catalogue) and in the ledger itself, which is the last guard. Events that are in a
ledger already are never judged by them: a rebuild takes what was taken then.
"""

from __future__ import annotations

import re
import unicodedata

from label_protocol import plain
from label_protocol.errors import InputError

MAX_PERSON = 64
"""A badge has four to twelve characters, the longest registered Chinese name some twenty."""
MAX_REASON = 200
MAX_SCAN = 1_000
"""A Digital Link has some 80 characters."""
MAX_KEY = 200

_LINK_ALONE = re.compile(r"\S*://\S*")


def person(text: str, what: str) -> str:
    """Who acts, in NFC without blanks at its ends. Raises InputError: empty, too long, unseen characters, a link."""
    text = _clean(text, what, MAX_PERSON)
    if "://" in unicodedata.normalize("NFKC", text):  # a scanner that met the wrong field
        raise InputError(
            f"{what}: 操作员不能是链接，请扫工号牌或输入工号 · expected an operator's code, got a link; "
            "scan the badge or type the code"
        )
    return text


def anybody(text: str, what: str) -> str:
    """As `person`; empty stays empty: the agent itself, or a site that asks for no names."""
    return person(text, what) if text.strip() else ""


def reason(text: str, what: str) -> str:
    """Why, as `person`; a link may stand in it. Raises InputError also for a link alone."""
    text = _clean(text, what, MAX_REASON)
    if _LINK_ALONE.fullmatch(unicodedata.normalize("NFKC", text)):  # a scanner slow as a hand met the open question
        raise InputError(
            f"{what}: 原因不能只是一个链接，请写明为什么 · expected a reason in words, got a link alone; say why"
        )
    return text


def scanned(text: str, what: str) -> str:
    """What a scanner read, as `person`, and longer."""
    return _clean(text.strip(), what, MAX_SCAN)  # a scanner ends with a line break


def key(text: str, what: str) -> str:
    """An idempotency key: printable ASCII. Raises InputError."""
    if not (1 <= len(text) <= MAX_KEY and text.isascii() and text.isprintable()):
        raise InputError(
            f"{what}: expected an idempotency key of 1 to {MAX_KEY} printable characters, got {text[:40]!r}; "
            "send a new random key per order"
        )
    return text


def _clean(text: str, what: str, most: int) -> str:
    if len(text) > most:  # before anything that looks at each character
        raise InputError(
            f"{what}: 太长，最多 {most} 个字 · expected at most {most} characters, got {len(text)}; say it shorter"
        )
    unseen = next((one for one in text if _unseen(one)), None)
    if unseen is not None:
        raise InputError(
            f"{what}: 有看不见的字符，请重新输入 · expected text that can be seen, got U+{ord(unseen):04X}; "
            "type it again"
        )
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > most or not text:  # a few characters grow when they are composed
        raise InputError(
            f"{what}: 请填写，最多 {most} 个字 · expected 1 to {most} characters, got {len(text)}; say who and why"
        )
    return text


def _unseen(one: str) -> bool:
    """Rare Chinese characters stand in planes 2 and 3, and each release of Unicode adds some that this Python does not
    know yet: people bear them in their names."""
    return plain.unseen(one) and not 0x2_0000 <= ord(one) < 0x3_FFFE
