"""Says which links there are for a code, as a GS1-Conformant Resolver does (release 1.2). Pure.

A level of a code is its GTIN, its lot, its serial. Every link of ours is the page that the registry itself shows of a
level; `docs/resolver.md` holds each SHALL of the standard, and where we differ. A level above a code that is not known
here answers for nothing: a shop that made up a serial must not be led to the page of honest goods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from central_registry.consumer.finding import Finding
from central_registry.consumer.scan_path import ProductLink
from label_protocol.codes.digital_link import DigitalLink

VOCABULARY = "https://ref.gs1.org/voc/"
CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
LINKSET_JSON = "application/linkset+json"
LINKSET, DEFAULT = "linkset", "defaultLink"
_SPELLINGS = (VOCABULARY, "https://gs1.org/voc/", "https://www.gs1.org/voc/", "gs1:")
"""GS1's vocabulary under each of its names; `ref.gs1.org/voc` calls them equivalent."""

_TITLES: Mapping[str, tuple[str, str]] = {
    "pip": ("商品信息", "Product information"),
    "recallStatus": ("是否召回", "Recall status"),
    "certificationInfo": ("质量证书", "Certificate of quality"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A level of a code: `anchor`, the path of its own identifier, and `page`, the path of the page that shows it."""

    anchor: str
    page: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level that is known here."""

    place: Place
    finding: Finding


def wanted(link_type: str | None, accept: str) -> str | None:
    """What a client asks for: `linkset`, a link type's name without its vocabulary, or None: the page.

    >>> wanted("gs1:pip", "*/*"), wanted(None, "application/linkset+json"), wanted(None, "text/html")
    ('pip', 'linkset', None)
    """
    if link_type is None:
        return LINKSET if LINKSET_JSON in accept and "text/html" not in accept else None
    if link_type in (LINKSET, "all"):  # `all` is the word of the standard's first releases
        return LINKSET
    return next((link_type.removeprefix(one) for one in _SPELLINGS if link_type.startswith(one)), link_type)


def places(link: DigitalLink | ProductLink) -> tuple[Place, ...]:
    """The levels of a code, its own first, the GTIN's last. A serial is named by GTIN and serial alone (the standard's
    2.5.9: what belongs to 01 and 21 has no 10), while its page's link keeps the lot that the label shows."""
    goods = f"/01/{link.gtin}"
    above: tuple[Place, ...] = (Place(goods, goods),)
    if link.lot_no is not None:
        lot = f"{goods}/10/{quote(link.lot_no, safe='')}"
        above = (Place(lot, lot), *above)
    if isinstance(link, DigitalLink):
        return (Place(f"{goods}/21/{quote(link.serial, safe='')}", link.path()), *above)
    return above


def types_of(level: Level) -> tuple[str, ...]:
    """The link types that a level has: a certificate only where there is one."""
    certified = ("certificationInfo",) if level.finding.certificate is not None else ()
    return ("pip", "recallStatus", *certified)


def linkset(levels: Sequence[Level], root: str) -> dict[str, Any]:
    """All links of a code and of the levels above it (RFC 9264, section 4.2), under `root`, such as
    `https://id.example.cn`."""
    return {"linkset": [_context(level, root) for level in levels]}


def _context(level: Level, root: str) -> dict[str, Any]:
    page = root + level.place.page
    found: dict[str, Any] = {"anchor": root + level.place.anchor}
    if level.finding.product is not None and level.finding.product["name"]:
        found["description"] = level.finding.product["name"]
    found[VOCABULARY + DEFAULT] = [{"href": page, "title": _title("pip")}]
    for name in types_of(level):
        found[VOCABULARY + name] = [
            {"href": page, "title": _title(name), "type": "text/html", "hreflang": ["zh", "en"]}
        ]
    return found


def _title(name: str) -> str:
    return " · ".join(_TITLES[name])


def page_for(levels: Sequence[Level], name: str) -> str | None:
    """The path of the nearest level's page that has a link of this type; None if there is none."""
    return next((one.place.page for one in levels if name == DEFAULT or name in types_of(one)), None)


def query_passed_on(query: str) -> str:
    """A request's query for the page it is led to, as it was sent but for `linkType`, which has done its work: the page
    has the code's own address, and would ask again."""
    return "&".join(one for one in query.split("&") if one and one.partition("=")[0] != "linkType")


def description(root: str, name: str) -> dict[str, Any]:
    """What stands at `/.well-known/gs1resolver` (clause 3 of the standard)."""
    return {
        "name": name,
        "resolverRoot": root,
        "supportedPrimaryKeys": ["01"],
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": CONTEXT,
    }
