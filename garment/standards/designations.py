"""This file reads standards as people write them: `GB/T 14272-2021`, `ＧＢ／Ｔ14272—2021`, two in one line."""

from __future__ import annotations

import re

from label_protocol.plain import folded, plain

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_LOOSE = re.compile(r" ?([/-]) ?|(?<=[A-Z]) (?=[0-9])")


def squeezed(text: str) -> str:
    """`text` as `plain` has it, in upper case and with plain dashes."""
    return plain(text).upper().translate(_DASHES)


def pieces(text: str) -> list[str]:
    """The designations in a text, squeezed, one by one; what is none of them is a piece too."""
    words = " ".join(folded(text).upper().translate(_DASHES).split())
    tidy = _LOOSE.sub(r"\1", words)
    return [piece for piece in re.split(r"[ 、,;]+", tidy) if piece]


def edition(text: str, code: str) -> str | None:
    """The year `text` states for `code` (such as `FZ/T 73018`): "" if it states none, None if it names no such code.

    What stands for a dash or for the /T is read over, and what follows a dash is the edition whatever it is: `:2025`,
    ` 2025` and `-20211` are editions that nobody knows, and not the code without one.
    """
    letters, number = squeezed(code.partition(" ")[0]), squeezed(code.partition(" ")[2])
    pattern = re.escape(letters).replace("/T", "(?:/?T)?") + re.escape(number)
    stated = r"(?:[^0-9A-Z]{0,3}((?:19|20)[0-9]{2})(?![0-9])|-+([0-9]+))?"
    found = re.search(rf"(?<![A-Z/]){pattern}{stated}(?![0-9]|\.[0-9])", squeezed(text))
    return None if found is None else found[1] or found[2] or ""


def since(text: str, code: str, year: str) -> bool:
    """Whether `text` names `code` in the edition of `year`, a later one or without a year."""
    named = edition(text, code)
    return named is not None and (not named or named >= year)
