"""This file reads 号型 as they stand on a label: `175/92A`, `170/88A 170/74A`, `180/100A (XL)`, `120/60`.

Form and letters: GB/T 1335 as quoted in S57. S, M, L stand beside a 号型 as an extra, never instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from label_protocol.plain import folded

_GARMENT = r"(?:上装|下装|上衣|裤)"
_ONE = re.compile(rf"{_GARMENT}?:?([0-9]{{2,3}})/([0-9]{{2,3}})([YABC]?)")
_EXTRA = re.compile(rf"\([^()]{{1,12}}\)|[0-9X]{{0,3}}[SML]|{_GARMENT}:?")
_BARE = re.compile(r"([0-9]{2,3})\s*(?:CM)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Size:
    """号 (body height) and 型 (chest or waist) in centimetres; `body` is the 体型 letter or nothing."""

    height_cm: int
    girth_cm: int
    body: str


def sizes(text: str) -> tuple[Size, ...]:
    """Every 号型 of a size text; () if it is not written as 号型."""
    words = folded(text).replace("(", " (").split()
    found = [(_ONE.fullmatch(word), word) for part in words for word in re.split(r"[、,;]", part) if word]
    if any(match is None and not _EXTRA.fullmatch(word) for match, word in found):
        return ()
    return tuple(Size(int(match[1]), int(match[2]), match[3]) for match, _ in found if match is not None)


def height_cm(text: str, *, bare: bool) -> int | None:
    """The body height a size is for; with `bare` a lone number (`110`, `110cm`) too, as for children."""
    if found := sizes(text):
        return found[0].height_cm
    alone = _BARE.fullmatch(folded(text).strip()) if bare else None
    return None if alone is None else int(alone[1])
