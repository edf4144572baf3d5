"""GS1 Digital Link URIs of our labels: `https://HOST/01/gtin/22/variant/10/lot/21/serial`.

The host may be in upper case, which keeps all behind the scheme in the alphanumeric mode of QR. The scheme is in lower
case: RFC 3986 section 3.1 and 3.2.2 make both case-insensitive, but Android matches schemes by case, and to several
phones `HTTPS://` is text. Labels were once printed with it, and are read like any other. Values keep their case. Every
character of a value but the unreserved ones of RFC 3986 is percent-encoded; GS1 asks this for a part of them only, but
a reader decodes all alike.

Reading is strict: a link that is not what we print is refused, not guessed at. Other GS1 forms (leading path
segments, query attributes, short names of AIs) are legal elsewhere and never on our labels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from label_protocol.codes import gs1
from label_protocol.errors import CodeError

_HOST = re.compile(
    r"(?=.{1,253}(:|$))[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?", re.ASCII
)
_LINK = re.compile(r"(?P<scheme>[A-Za-z]+)://(?P<host>[^/?#]*)(?P<path>[^?#]*)(?P<rest>.*)", re.ASCII | re.DOTALL)
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})", re.ASCII)
_ORDER = tuple(rule.ai for rule in gs1.ELEMENTS)
_LONGEST = 2_000
"""Far above four elements of 20 characters, each escaped; keeps a scanner's garbage out of the patterns."""


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """GTIN (8, 12, 13 or 14 digits; kept as 14), serial, and optionally lot and variant; values unescaped.

    Raises:
        CodeError: a value its element refuses, or one that a URI path would swallow (`.` and `..`).
    """

    gtin: str
    serial: str
    lot_no: str | None = None
    variant: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "gtin", gs1.gtin14(self.gtin))
        for ai, value in self._qualifiers():
            gs1.element(ai, value)
            if value in (".", ".."):
                raise CodeError(f"AI {ai}: expected a value that a URI path keeps, got {value!r}; use another code")

    def path(self) -> str:
        """The path of the registry's scan page: `/01/…/22/…/10/…/21/…`, absent elements left out.

        >>> DigitalLink("6901234567892", "S1", lot_no="A/1").path()
        '/01/06901234567892/10/A%2F1/21/S1'
        """
        return f"/01/{self.gtin}" + "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in self._qualifiers())

    def uri(self, host: str, upper: bool = True, *, scheme: Literal["https", "HTTPS"] = "https") -> str:
        """The link to print; `host` is a host name with an optional port, in upper case unless told otherwise.

        >>> DigitalLink("6901234567892", "S1").uri("id.example.cn")
        'https://ID.EXAMPLE.CN/01/06901234567892/21/S1'

        Raises:
            CodeError: a host that is not one.
        """
        checked = _checked_host(host)
        return f"{scheme}://{checked.upper() if upper else checked}{self.path()}"

    def _qualifiers(self) -> list[tuple[str, str]]:
        values = (("22", self.variant), ("10", self.lot_no), ("21", self.serial))
        return [(ai, value) for ai, value in values if value is not None]


def parse_link(text: str, *, host: str | None = None) -> DigitalLink:
    """The elements of a scanned link; `host`, if given, must be the link's own, in either case.

    Raises:
        CodeError: one sentence that says which part of the link was expected and what was got.
    """
    match = _LINK.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or match["scheme"].lower() != "https":
        raise _refusal(text, "https://host/01/… from the label's QR code")
    _check_origin(text, match["host"], host)
    _check_rest(text, match["rest"])
    values = _elements(text, match["path"])
    if "01" not in values or "21" not in values:
        raise _refusal(text, "both AI 01 and AI 21 in the path")
    if len(values["01"]) != 14:
        raise _refusal(text, "a GTIN of 14 digits after /01/")
    return DigitalLink(values["01"], values["21"], values.get("10"), values.get("22"))


def _elements(text: str, path: str) -> dict[str, str]:
    parts = path.split("/")
    if parts[0] or len(parts) % 2 == 0:
        raise _refusal(text, "pairs of /AI/value in the path")
    found = parts[1::2]
    if found != [ai for ai in _ORDER if ai in found]:
        raise _refusal(text, "AIs 01, 22, 10, 21 in this order, each at most once")
    return {ai: _unescaped(text, value) for ai, value in zip(found, parts[2::2], strict=True)}


def _unescaped(text: str, segment: str) -> str:
    if _SEGMENT.fullmatch(segment) is None:
        raise _refusal(text, f"a percent-encoded value instead of {segment[:40]!r}")
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), segment)


def _check_origin(text: str, got: str, expected: str | None) -> None:
    name = _checked_host(got)
    if expected is not None and name != _checked_host(expected):
        raise _refusal(text, f"the host {expected}")


def _check_rest(text: str, rest: str) -> None:
    if re.search(r"[?&;]21=", rest, re.ASCII):
        raise _refusal(text, "the serial in the path (AI 21 is no query attribute)")
    if rest:
        raise _refusal(text, "nothing after the path")


def _checked_host(host: str) -> str:
    if host.isascii() and _HOST.fullmatch(host.lower()):
        return host.lower()
    raise CodeError(
        f"Digital Link: expected a host name like id.example.cn, got {host[:60]!r}; correct the site's link host"
    )


def _refusal(text: str, expected: str) -> CodeError:
    return CodeError(f"Digital Link: expected {expected}, got {text[:120]!r}; scan the QR code of the label again")
