"""Says what a code of a former platform is found by: the host of its link, and what stands behind it. Pure.

A scanner gives the text as printed; a redirect of the former host gives what its server was asked for. Both are the
same code, so scheme, case of the host, port and way of escaping count for nothing (RFC 3986, 6.2.2), all else does.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote

from label_protocol.codes.serial import fold
from label_protocol.errors import CodeError

LONGEST = 500
"""Characters; an index row of PostgreSQL holds 2 700 bytes."""

_LINK = re.compile(r"https?://(?P<host>[A-Za-z0-9.-]{1,253})(?::\d{1,5})?(?P<rest>(?:[/?][^#]*)?)(?:#.*)?", re.I | re.S)

_SERIALS = re.compile(r"(?=/21/([^/?#]+))")
"""Whatever stands where a serial might; a lot may be called 21, too."""


class Place(NamedTuple):
    """Where a code is kept: `rest` is a link's path and query, and the whole of any other text, whose `host` is ''."""

    rest: str
    host: str


def place_of(code: str) -> Place:
    """Where a code's text is kept. Raises CodeError: nothing, too long, or with signs that no label bears."""
    text = code.strip()
    found = _LINK.fullmatch(text)
    place = Place(_unescaped(text), "") if found is None else place_in(found["host"], found["rest"])
    if not 0 < len(text) <= LONGEST or len(place.rest) > LONGEST or not place.rest.isprintable():
        raise CodeError(
            f"标签上的码不对 · code: expected the text of a label, 1 to {LONGEST} characters on one line, got "
            f"{text[:60]!r}; copy it as a scanner reads it"
        )
    return place


def place_in(host: str, rest: str) -> Place:
    """Where a link's code is kept, by its host and what stands behind it."""
    return Place(_unescaped(rest if rest.startswith("/") else f"/{rest}"), host.lower())


def own_serial(code: str) -> str:
    """The serial in a code that is found where a scan of one of this registry's own labels is looked for, whatever else
    is wrong with the code as a link of ours; '' if there is none. Raises CodeError, as `place_of`."""
    rest = place_of(code).rest
    named = _SERIALS.findall(rest) if rest.startswith("/01/") else [rest]
    return next(filter(None, map(_folded, named)), "")


def _folded(text: str) -> str:
    try:
        return fold(text)
    except CodeError:
        return ""


def _unescaped(text: str) -> str:
    """What is no UTF-8 becomes a sign that is printed on no label."""
    return unicodedata.normalize("NFC", unquote(text) if "%" in text else text)
