"""Answers consumers: the scan page of a label, and the check code that somebody typed into it."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from aiohttp import web

from central_registry.consumer.check_code import judge_check_code
from central_registry.consumer.scan import look_up
from central_registry.consumer.scan_page import read_typed
from central_registry.http.bodies import read_body
from central_registry.http.context import CHECKS, CLOCK, CONFIG, COUNTERS, LABELS, PAGE
from central_registry.http.resolver import links_of

_CHECK_CODE_BODY = 1000
"""Bytes of a form with one code in it, and room to spare."""

_KEPT_S = 30


async def get_scan(request: web.Request) -> web.Response:
    """Answer with the scan page of a Digital Link path, or of a former platform's link. HEAD and prefetches look
    without being counted. Who asks by `linkType` or `Accept` for a code's links gets those."""
    links = await links_of(request)
    if links is not None:
        return links
    finding = await look_up(
        request.app[LABELS],
        request.rel_url.raw_path,
        query=request.rel_url.raw_query_string,
        count=request.method == "GET" and not _is_prefetch(request),
        often_from=request.app[CONFIG].site.often_scanned_from,
        at=request.app[CLOCK](),
    )
    request.app[COUNTERS].shown(finding.headline)
    answer = request.app[PAGE].answer(finding, request.headers.get("Accept", ""))
    return _kept_shortly(request, answer) if finding.status == "product" else answer


async def post_check_code(request: web.Request) -> web.Response:
    """Judge the check code of the label in the path, typed by whoever holds it. It comes in the body, form or JSON, so
    that it stands in no address, history or log."""
    finding = await judge_check_code(
        request.app[CHECKS],
        request.app[LABELS],
        request.rel_url.raw_path,
        read_typed(await read_body(request, _CHECK_CODE_BODY), request.content_type),
        often_from=request.app[CONFIG].site.often_scanned_from,
        at=request.app[CLOCK](),
    )
    return request.app[PAGE].answer(finding, request.headers.get("Accept", ""))


def _kept_shortly(request: web.Request, answer: web.Response) -> web.Response:
    """What is equal for everybody may be kept by browsers and proxies, so shortly that a recall is seen in a minute,
    and no longer while the registry is not there. Who holds it as it still is is told so (RFC 9110, section 13.1.2)."""
    answer.headers["Cache-Control"] = f"public, max-age={_KEPT_S}, must-revalidate"
    answer.etag = name = hashlib.sha256(answer.body).hexdigest()[:32]  # type: ignore[arg-type]
    if any(held.value in (name, "*") for held in request.if_none_match or ()):
        same = {key: answer.headers[key] for key in ("ETag", "Cache-Control", "Vary")}
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=same)
    return answer


def _is_prefetch(request: web.Request) -> bool:
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return any("prefetch" in purpose or "preview" in purpose for purpose in purposes)
