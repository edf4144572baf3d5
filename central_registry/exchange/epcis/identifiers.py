"""One form for each GS1 key of an event, whatever it was written in: the constrained canonical GS1 Digital Link URI.

EPC URIs, EPC class URIs, EPC patterns (EPC Tag Data Standard 2.0, chapter 6) and Digital Links of any host become
`https://id.gs1.org/AI/value…`, at the finest level and without a query. This is the form in which CBV 2.0 hashes them,
and the one in which two parties mean the same thing. What is no GS1 key is no business of this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from label_protocol.codes.gs1 import GTIN_LENGTHS, check_digit

HOST = "https://id.gs1.org"

_ESCAPED = {sign: f"%{ord(sign):02X}" for sign in "!()*+,:"}
"""What stands bare in an EPC URI and not in a Digital Link (GS1 Digital Link URI Syntax 1.2, table of escapes)."""

_SERIAL = r"((?:%[0-9A-Fa-f]{2}|[!')(*+,.0-9:;=A-Za-z_-])+)"
_PART = r"((?:%[0-9A-Fa-f]{2}|[0-9A-Za-z-])+)"


def _rows() -> Iterator[tuple[re.Pattern[str], int, str]]:
    """Pattern of an EPC URI, digits that company prefix and reference have together, and what becomes of it: `key` is
    both with their check digit, `a`, `b`, `c` … the parts as they stand."""
    for scheme, digits, made in (
        (rf"id:sgtin:(\d+)\.(\d+)\.{_SERIAL}", 13, "/01/{key}/21/{c}"),
        (r"id:sscc:(\d+)\.(\d+)", 17, "/00/{key}"),
        (r"id:sgln:(\d+)\.(\d*)\.0", 12, "/414/{key}"),
        (rf"id:sgln:(\d+)\.(\d*)\.{_SERIAL}", 12, "/414/{key}/254/{c}"),
        (rf"id:grai:(\d+)\.(\d*)\.{_SERIAL}", 12, "/8003/0{key}{c}"),
        (r"id:gsrn:(\d+)\.(\d+)", 17, "/8018/{key}"),
        (r"id:gsrnp:(\d+)\.(\d+)", 17, "/8017/{key}"),
        (rf"id:gdti:(\d+)\.(\d*)\.{_SERIAL}", 12, "/253/{key}{c}"),
        (r"id:sgcn:(\d+)\.(\d*)\.(\d+)", 12, "/255/{key}{c}"),
        (r"id:gsin:(\d+)\.(\d+)", 16, "/402/{key}"),
        (rf"id:itip:(\d+)\.(\d+)\.(\d\d)\.(\d\d)\.{_SERIAL}", 13, "/8006/{key}{c}{d}/21/{e}"),
        (rf"id:upui:(\d+)\.(\d+)\.{_SERIAL}", 13, "/01/{key}/235/{c}"),
        (r"id:pgln:(\d+)\.(\d*)", 12, "/417/{key}"),
        (rf"class:lgtin:(\d+)\.(\d+)\.{_SERIAL}", 13, "/01/{key}/10/{c}"),
        (r"idpat:sgtin:(\d+)\.(\d+)\.\*", 13, "/01/{key}"),
        (r"idpat:grai:(\d+)\.(\d*)\.\*", 12, "/8003/0{key}"),
        (r"idpat:gdti:(\d+)\.(\d*)\.\*", 12, "/253/{key}"),
        (r"idpat:sgcn:(\d+)\.(\d*)\.\*", 12, "/255/{key}"),
        (r"idpat:itip:(\d+)\.(\d+)\.(\d\d)\.(\d\d)\.\*", 13, "/8006/{key}{c}{d}"),
        (r"idpat:upui:(\d+)\.(\d+)\.\*", 13, "/01/{key}"),
        (rf"id:giai:(\d+)\.{_SERIAL}", 0, "/8004/{a}{b}"),
        (rf"id:ginc:(\d+)\.{_SERIAL}", 0, "/401/{a}{b}"),
        (rf"id:cpi:(\d+)\.{_PART}\.(\d+)", 0, "/8010/{a}{b}/8011/{c}"),
        (rf"idpat:cpi:(\d+)\.{_PART}\.\*", 0, "/8010/{a}{b}"),
    ):
        yield re.compile("urn:epc:" + scheme, re.ASCII), digits, made


_EPC = tuple(_rows())
_MOST_STEPS = 40
"""Of a link's path: a key is looked for from each of them on."""

_INDICATOR_FIRST = ("sgtin", "sscc", "itip", "upui", "lgtin")
"""Schemes whose reference begins with a digit that stands before the company prefix in the key."""

_SHORT_NAMES: Mapping[str, str] = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip

_KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "01": (r"\d{8}|\d{12}|\d{13}|\d{14}", ("21", "235", "10")),
    "8006": (r"\d{18}", ("21", "10")),
    "8010": (r"[^/]{1,90}", ("8011",)),
    "414": (r"\d{13}", ("254",)),
    "417": (r"\d{13}", ()),
    "8017": (r"\d{18}", ()),
    "8018": (r"\d{18}", ()),
    "255": (r"\d{13,25}", ()),
    "00": (r"\d{18}", ()),
    "253": (r"\d{13}[^/]{0,51}", ()),
    "401": (r"[^/]{1,90}", ()),
    "402": (r"\d{17}", ()),
    "8003": (r"\d{14}[^/]{0,48}", ()),
    "8004": (r"[^/]{1,90}", ()),
}
"""Primary keys: the form of a value, and which qualifier identifies most finely, finest first. Others say no more of
what a thing is (a variant of a product has the serials of its GTIN)."""

_QUALIFIERS = frozenset(("21", "235", "10", "22", "254", "8011", "8020", "7040"))


def canonical(text: str) -> str | None:
    """The one form of a GS1 key; None for a text that holds none.

    >>> canonical("urn:epc:id:sgtin:4012345.011111.9876")
    'https://id.gs1.org/01/04012345111118/21/9876'
    >>> canonical("https://example.com/shop/gtin/4012345111118/10/L1/21/9876?linkType=gs1:pip")
    'https://id.gs1.org/01/04012345111118/21/9876'
    """
    if text.startswith("urn:epc:"):
        return _of_epc(text)
    return _of_link(text) if text[:8].lower().startswith(("http://", "https://")) else None


def _of_epc(text: str) -> str | None:
    for pattern, digits, made in _EPC:
        match = pattern.fullmatch(text)
        if match is not None and (not digits or len(match[1] + match[2]) == digits):
            parts = dict(zip("abcde", map(_escaped, match.groups()), strict=False))
            return HOST + made.format(**parts, key=_key(text.split(":")[3], match) if digits else "")
    return None


def _key(scheme: str, match: re.Match[str]) -> str:
    first = match[2][:1] if scheme in _INDICATOR_FIRST else ""
    body = first + match[1] + match[2][len(first) :]
    return body + check_digit(body)


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(sign, sign) for sign in text)


def _of_link(text: str) -> str | None:
    try:
        path = urlsplit(text).path
    except ValueError:
        return None
    if path.count("/") > _MOST_STEPS:
        return None
    steps = [_SHORT_NAMES.get(step, step) for step in path.rstrip("/").split("/")]
    for place, step in enumerate(steps[:-1]):
        if step in _KEYS and (len(steps) - place) % 2 == 0:
            found = _link(step, steps[place + 1], steps[place + 2 :])
            if found is not None:
                return found
    return None


def _link(ai: str, value: str, rest: list[str]) -> str | None:
    form, finest = _KEYS[ai]
    if re.fullmatch(form, value, re.ASCII) is None or not all(name in _QUALIFIERS for name in rest[::2]):
        return None
    qualifiers = dict(zip(rest[::2], rest[1::2], strict=True))
    base = f"{HOST}/{ai}/{value.zfill(14) if ai == '01' and len(value) in GTIN_LENGTHS else value}"
    chosen = next((name for name in finest if qualifiers.get(name)), None)
    return base if chosen is None else f"{base}/{chosen}/{_same_escapes(qualifiers[chosen])}"


def _same_escapes(value: str) -> str:
    return re.sub(r"%[0-9a-f]{2}", lambda escape: escape[0].upper(), value, flags=re.IGNORECASE)
