"""Answers consumers: the scan page of a label, and the check code that somebody typed into it."""

from __future__ import annotations

from aiohttp import web

from central_registry.consumer.check_code import judge_check_code
from central_registry.consumer.scan import look_up
from central_registry.consumer.scan_page import read_typed
from central_registry.http.bodies import read_body
from central_registry.http.context import CHECKS, CLOCK, CONFIG, COUNTERS, LABELS, PAGE

_CHECK_CODE_BODY = 1000
"""Bytes of a form with one code in it, and room to spare."""


async def get_scan(request: web.Request) -> web.Response:
    """Answer with the scan page of a Digital Link path, or of a former platform's link. HEAD and prefetches look
    without being counted."""
    finding = await look_up(
        request.app[LABELS],
        request.rel_url.raw_path,
        query=request.rel_url.raw_query_string,
        count=request.method == "GET" and not _is_prefetch(request),
        often_from=request.app[CONFIG].site.often_scanned_from,
        at=request.app[CLOCK](),
    )
    request.app[COUNTERS].shown(finding.headline)
    return request.app[PAGE].answer(finding, request.headers.get("Accept", ""))


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


def _is_prefetch(request: web.Request) -> bool:
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return any("prefetch" in purpose or "preview" in purpose for purpose in purposes)
