"""Reads what the path of a request asks for: a label, a product, or nothing of ours. Pure.

A code's own link may be read by any scanner and go through any messenger, so what RFC 3986 calls the same is the same
here: one slash at the end comes off first (GS1-Conformant Resolver 1.2), escapes are undone in names and values alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from label_protocol.codes import gs1
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.codes.serial import fold
from label_protocol.errors import CodeError

_QUALIFIERS = ("22", "10", "21")
_LONGEST = 2_000
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProductLink:
    """A link that names a GTIN, and perhaps a lot, and no serial."""

    gtin: str
    lot_no: str | None = None


class NoLinkError(CodeError):
    """A path that is no link of ours. `beyond`: a code's link that goes on after the code. `serial`: what stands where
    a serial would, and is none; "" if nothing does."""

    def __init__(self, path: str, *, beyond: bool = False, serial: str = "") -> None:
        what = "nothing after the code" if beyond else "/01/ and a GTIN, then 22, 10, 21 and their values"
        super().__init__(f"scan page: expected {what}, got {path[:120]!r}; scan the QR code of the label")
        self.beyond = beyond
        self.serial = serial


def read_path(path: str) -> DigitalLink | ProductLink:
    """The link behind a request's path (percent-encoded as sent, without its query).

    The serial is folded as a typed one is, since a person may have copied it by eye.

    Raises:
        NoLinkError: none of ours.
    """
    parts = _segments(path.removesuffix("/"))
    if len(parts) < 3 or parts[:2] != ["", "01"]:
        raise NoLinkError(path)
    try:
        gtin = gs1.gtin14(parts[2])
        values = _qualifiers(parts[3:], path)
        if "21" in values:
            return DigitalLink(gtin, _serial(values["21"], path), values.get("10"), values.get("22"))
        return ProductLink(gtin, values.get("10"))
    except NoLinkError:
        raise
    except CodeError as cause:
        raise NoLinkError(path) from cause


def _serial(text: str, path: str) -> str:
    try:
        return fold(text)
    except CodeError as cause:
        raise NoLinkError(path, serial=text) from cause


def _segments(path: str) -> list[str]:
    """Unescaped. What is no UTF-8 becomes a character that no element takes."""
    found = path.split("/") if len(path) <= _LONGEST else [""]
    if not all(map(_SEGMENT.fullmatch, found)):
        raise NoLinkError(path)
    return [unquote(part) for part in found]


def _qualifiers(parts: Sequence[str], path: str) -> dict[str, str]:
    """Names and values in their order, each at most once; more than these stands beyond the code."""
    names, values = parts[::2], parts[1::2]
    if list(names) != [name for name in _QUALIFIERS if name in names] or len(names) != len(values) or "" in values:
        raise NoLinkError(path, beyond=True)
    return {name: gs1.element(name, value) for name, value in zip(names, values, strict=True)}
