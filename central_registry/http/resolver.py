"""Answers programs that ask a code for its links, beside the page that a phone gets at the same address: GS1-Conformant
Resolver (docs/resolver.md). Nothing of it counts as a look at a label."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from central_registry.consumer.scan import look_up
from central_registry.consumer.scan_path import NoLinkError, read_path
from central_registry.exchange.linksets import (
    CONTEXT,
    LINKSET,
    LINKSET_JSON,
    Level,
    description,
    linkset,
    page_for,
    places,
    query_passed_on,
    types_of,
    wanted,
)
from central_registry.http.bodies import json_bytes
from central_registry.http.context import CLOCK, CONFIG, LABELS
from central_registry.problems import ProblemError

DESCRIPTION = "/.well-known/gs1resolver"
_CODES = "/01/"
_READING = ("GET", "HEAD", "OPTIONS")
_IN_HEADER = "/%:@!$&'()*+,;=~-._"


async def links_of(request: web.Request) -> web.Response | None:
    """The answer to who asks a code for its links; None to who wants the page. Raises ProblemError (404): it has none
    of that type."""
    asked = None
    if request.rel_url.raw_path.startswith(_CODES):
        asked = wanted(request.query.get("linkType"), request.headers.get("Accept", ""))
    if asked is None:
        return None
    levels = await _levels(request)
    if asked == LINKSET:
        return _linkset(request, levels)
    page = page_for(levels, asked)
    if page is None:
        there = ", ".join(f"gs1:{name}" for name in types_of(levels[0]))
        raise ProblemError("no-link", f"没有这一类链接 · linkType: expected one of {there}, got {asked[:60]!r}")
    query = query_passed_on(request.rel_url.raw_query_string)
    headers = {"Location": f"{page}?{query}" if query else page, "Cache-Control": "no-store", "Vary": "Accept"}
    return web.Response(status=HTTPStatus.TEMPORARY_REDIRECT, headers=headers)


async def get_description(request: web.Request) -> web.Response:
    """What this resolver knows, for programs that look for one (GS1-Conformant Resolver, clause 3)."""
    said = description(_root(request), request.app[CONFIG].site.name)
    return web.Response(body=json_bytes(said), content_type="application/json")


async def options_of_code(_: web.Request) -> web.Response:
    """Which methods a code's address takes, and that scripts of any page may read what it says."""
    return web.Response(status=HTTPStatus.NO_CONTENT, headers={"Allow": "GET, HEAD, OPTIONS, POST"})


async def open_to_scripts(request: web.Request, response: web.StreamResponse) -> None:
    """Let scripts of any page read what anybody reads, refusals too (CORS), and say where a code's links are. Not of a
    check code that was typed: strangers' browsers would try codes for whoever has their attention."""
    path = request.rel_url.raw_path
    if request.method not in _READING or not (path.startswith(_CODES) or path == DESCRIPTION):
        return
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Link, Location, ETag"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = ", ".join(_READING)
        response.headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, If-None-Match"
    if path.startswith(_CODES) and response.status < HTTPStatus.BAD_REQUEST and "Link" not in response.headers:
        target = quote(path, safe=_IN_HEADER)
        response.headers["Link"] = f'<{target}?linkType=linkset>; rel="linkset"; type="{LINKSET_JSON}"'


async def _levels(request: web.Request) -> list[Level]:
    """The levels of the code that are known here, its own first."""
    try:
        places_ = places(read_path(request.rel_url.raw_path))
    except NoLinkError as cause:
        raise ProblemError("bad-link", f"不是标签上的链接 · {cause}") from cause
    found = []
    for place in places_:
        finding = await look_up(
            request.app[LABELS],
            place.page,
            count=False,
            often_from=request.app[CONFIG].site.often_scanned_from,
            at=request.app[CLOCK](),
        )
        if finding.http_status == HTTPStatus.OK:
            found.append(Level(place, finding))
        elif not found:
            raise ProblemError("not-found", f"平台没有这个码 · {place.page[:200]}: nothing is known of it here")
    return found


def _linkset(request: web.Request, levels: list[Level]) -> web.Response:
    headers = {
        "Link": f'<{CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"',
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    return web.Response(body=json_bytes(linkset(levels, _root(request))), content_type=LINKSET_JSON, headers=headers)


def _root(request: web.Request) -> str:
    """Under which links stand: the labels' host, where the configuration names it, else as it was asked."""
    host = request.app[CONFIG].site.link_host
    return f"https://{host}" if host else f"{request.scheme}://{quote(request.host, safe=':.-[]')}"
