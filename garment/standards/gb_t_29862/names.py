"""These rules judge fibre names: which are the standard's, which are spellings to correct, and which would be a lie.

The tables stand in `rules.toml` with their sources. Two fibres joined by `/` and ending in 复合纤维, and 改性 or 微量
before a name, are forms that the standard has; they are judged by the names inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from garment.composition import more_than_a_name
from garment.standards.rules import Breach, RulePack
from label_protocol.plain import folded, letters, plain

_FORM = re.compile(r"(?:含?微量|改性)?(?P<name>.+?)(?:\([^()]*\))?")


def name_breaches(pack: RulePack, path: str, given: str) -> Iterator[Breach]:
    """What F3 says of one fibre's name, at most one thing; `path` is the fibre's."""
    text = plain(given)
    right = {wrong: right for right, wrongs in pack.tables["spellings"].items() for wrong in wrongs}
    if more_than_a_name(given) or _several(pack, given):
        yield Breach("F3.one_name", f"{path}.name", given, "羊毛 | 棉 | 锦纶6")
    elif any(word in letters(given) for word in pack.value("F3.sheep_cashmere")):
        yield Breach("F3.sheep_cashmere", f"{path}.name", given, "绵羊毛")
    elif text in pack.tables["short"]:
        yield Breach("F3.cashmere", f"{path}.name", given, "山羊绒")
    elif text in right:
        yield Breach("F3.spelling", f"{path}.name", given, right[text])
    elif not _known(pack, text):
        yield Breach("F3.name", f"{path}.name", given, pack.tables["where"])


def _several(pack: RulePack, given: str) -> bool:
    """Whether blanks part a text into names that are each a fibre: `棉 聚酯纤维`, but not `羊　毛`."""
    pieces, names = folded(given).split(), _accepted(pack)
    return len(pieces) > 1 and all(piece.casefold() in names for piece in pieces)


def _accepted(pack: RulePack) -> frozenset[str]:
    return _spelt_once((*(name for table in pack.tables["names"] for name in table["names"]), *pack.value("F3.name")))


@lru_cache(maxsize=8)
def _spelt_once(names: tuple[str, ...]) -> frozenset[str]:
    """Asked for every fibre, and the same for as long as the site's overrides are."""
    return frozenset(plain(name).casefold() for name in names)


def _known(pack: RulePack, text: str) -> bool:
    accepted, text = _accepted(pack), text.casefold()
    if text in accepted:
        return True
    parts = text.removesuffix("复合纤维").split("/") if text.endswith("复合纤维") else [text]
    bare = [found["name"] for part in parts if (found := _FORM.fullmatch(part))]
    return len(bare) == len(parts) and all(one in accepted or f"{one}纤维" in accepted for one in bare)
