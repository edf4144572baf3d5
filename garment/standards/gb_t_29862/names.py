"""These rules judge fibre names: which are the standard's, which are spellings to correct, and which would be a lie.

The tables stand in `rules.toml` with their sources. Two fibres joined by `/` and ending in 复合纤维, 改性 or 微量
before a name, and a describing word in brackets behind it (5.5), are forms that the standard has; they are judged by
the names inside. Whatever else stands between two fibres makes them two: each needs a percent of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from garment.composition import more_than_a_name
from garment.standards.rules import Breach, RulePack
from label_protocol.plain import folded, letters, plain

_FORM = re.compile(r"(?:含?微量|改性)?(?P<name>.+?)(?:\((?P<word>[^()]+)\))?")
_JOINED = re.compile(r"(?:[^\w()\[\]{}【】〔〕「」]|_|[和与及])+")
"""Signs and words that join two names; brackets join nothing."""
_BLANKS = re.compile(r"\s+")
_BRACKETS = re.compile(r"\([^()]*\)")


def name_breaches(pack: RulePack, path: str, given: str) -> Iterator[Breach]:
    """What F3 says of one fibre's name, at most one thing; `path` is the fibre's."""
    text = plain(given)
    right = {wrong: right for right, wrongs in pack.tables["spellings"].items() for wrong in wrongs}
    if any(word in letters(given) for word in pack.value("F3.sheep_cashmere")):
        yield Breach("F3.sheep_cashmere", f"{path}.name", given, "绵羊毛")
    elif more_than_a_name(given) or _several(pack, given):
        yield Breach("F3.one_name", f"{path}.name", given, "羊毛 | 棉 | 锦纶6")
    elif text in pack.tables["short"]:
        yield Breach("F3.cashmere", f"{path}.name", given, "山羊绒")
    elif text in right:
        yield Breach("F3.spelling", f"{path}.name", given, right[text])
    elif (described := _described(pack, text)) is not None:
        yield Breach("F3.describing", f"{path}.name", given, described)
    elif not _known(pack, text):
        yield Breach("F3.name", f"{path}.name", given, pack.tables["where"])


def base(given: str) -> str:
    """A fibre's name without the describing word behind it: 棉 of 棉(丝光); the form in which names are compared."""
    text = plain(given)
    found = _FORM.fullmatch(text)
    return found["name"] if found and found["word"] else text


def _several(pack: RulePack, given: str) -> bool:
    """Whether a text holds two fibres: `棉+麻`, `棉 聚酯纤维`, `羊毛(羊绒)`, but not `羊　毛` or `聚酯纤维(涤纶)`."""
    names, text = _fibres(pack), plain(given)
    outside = _BRACKETS.sub("+", folded(given)).strip("+ ")
    signs, blanks = _pieces(_JOINED, plain(outside)), _pieces(_BLANKS, outside)
    return (
        _renamed(pack, text)
        or (len(signs) > 1 and not names.isdisjoint(signs) and not _known(pack, text))
        or (len(blanks) > 1 and names.issuperset(blanks) and text.casefold() not in names)
    )


def _renamed(pack: RulePack, text: str) -> bool:
    """Whether brackets behind a name hold another fibre, and not another name of the same one."""
    words = {word for inside in _BRACKETS.findall(text) for word in _pieces(_JOINED, inside[1:-1])} & _fibres(pack)
    return any(text.partition("(")[0].casefold() not in _called_alike(pack, word) for word in words)


def _pieces(parting: re.Pattern[str], text: str) -> list[str]:
    return [plain(piece).casefold() for piece in parting.split(text) if plain(piece)]


def _fibres(pack: RulePack) -> frozenset[str]:
    """All that is known to be a fibre: names, spellings of them, and words that stand for a kind of fibre."""
    wrong = [one for wrongs in pack.tables["spellings"].values() for one in wrongs]
    kinds = pack.tables["kinds_of_fibre"]
    return _accepted(pack) | _spelt_once((*wrong, *kinds, *pack.tables["short"], *pack.value("F3.sheep_cashmere")))


def _called_alike(pack: RulePack, word: str) -> frozenset[str]:
    """The names of which `word` is another name, so that it may stand behind them in brackets."""
    pairs = [_spelt_once(tuple(pair)) for pair in pack.tables["one_fibre"]]
    return frozenset(name for pair in pairs if word in pair for name in pair)


def _accepted(pack: RulePack) -> frozenset[str]:
    return _spelt_once((*(name for table in pack.tables["names"] for name in table["names"]), *pack.value("F3.name")))


@lru_cache(maxsize=8)
def _spelt_once(names: tuple[str, ...]) -> frozenset[str]:
    """Asked for every fibre, and the same for as long as the site's overrides are."""
    return frozenset(plain(name).casefold() for name in names)


def _described(pack: RulePack, text: str) -> str | None:
    """How a name with a describing word before it is written: 棉(丝光) of 丝光棉; None for what is no such name."""
    if _known(pack, text):
        return None
    for word in pack.value("F3.describing"):
        name = text.removeprefix(plain(word))
        if name != text and name.casefold() in _accepted(pack):
            return f"{name}({word})"
    return None


def _known(pack: RulePack, text: str) -> bool:
    accepted, text = _accepted(pack), text.casefold()
    if text in accepted:
        return True
    parts = text.removesuffix("复合纤维").split("/") if text.endswith("复合纤维") else [text]
    bare = [found["name"] for part in parts if (found := _FORM.fullmatch(part))]
    return len(bare) == len(parts) and all(one in accepted or f"{one}纤维" in accepted for one in bare)
