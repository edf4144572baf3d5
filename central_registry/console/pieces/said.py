"""Puts the registry's own words that stand in a kept sentence into those of people. Pure."""

from __future__ import annotations

import re

from central_registry.console.pieces.goods_terms import CERTIFICATES
from central_registry.console.pieces.terms import STATUS

_STATES = {name: one.words.zh for name, one in CERTIFICATES.items() if name != "none"}
_STATE = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(_STATES)})(?![A-Za-z])")


def in_words(sentence: str) -> str:
    """`第 1 版 approved` is `第 1 版 有效`, and a party's status alone is its word."""
    if sentence in STATUS:
        return STATUS[sentence].words.zh
    return _STATE.sub(lambda found: _STATES[found[0]], sentence)
