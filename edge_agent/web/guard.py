"""What stands before every request: whose page is asking, how much it may send, and what the answer lets a browser do.

The browser is the danger, and the more so once somebody is logged in there: any web page that is opened can send
requests to this machine.
- A page of another site is told by `Origin` and `Sec-Fetch-Site`; its POST is refused. Programs send neither.
- A site that makes its own name resolve to this machine (DNS rebinding) is told by `Host`: an address, `localhost` or a
  name without a dot is ours, any other name must be listed.
Tokens in forms were rejected: they protect no better than these headers, and scripts would need them too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from edge_agent.web.problems import HttpRefusal, of_error, problem
from label_protocol.errors import AgentError
from label_protocol.http_limits import LargeBodyError, LateBodyError, coding_of, flaw_of_address

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

log = structlog.get_logger()


def guard(hosts: Collection[str]) -> Middleware:
    """The outermost middleware; `hosts` are names with dots this agent answers to besides its addresses."""
    listed = frozenset(host.lower() for host in hosts)

    @web.middleware
    async def stand_guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await _answer(request, handler, listed)
        if not response.prepared:  # a stream has set its own
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)  # a page that has forms says so itself
        return response

    return stand_guard


async def _answer(request: web.Request, handler: Handler, listed: Collection[str]) -> web.StreamResponse:
    try:
        _check_host(request, listed)
        _check_origin(request)
        _check_text(request)
        return await handler(request)
    except AgentError as cause:
        return of_error(cause)
    except HttpRefusal as cause:
        return problem(cause.status, str(cause))
    except web.HTTPException as cause:
        return _of_aiohttp(request, cause)
    except (LateBodyError, LargeBodyError, web.RequestPayloadError) as cause:
        return problem(*_of_body(cause))
    except ConnectionError:  # the other side went away in mid-sentence: nobody is there to read an answer
        return problem(HTTPStatus.BAD_REQUEST, "expected a whole request, got a connection that ended")
    except Exception as cause:
        log.exception("request failed", method=request.method, path=request.path, error=type(cause).__name__)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "程序内部错误，请查看日志 · an internal error; see the log")


def _of_aiohttp(request: web.Request, cause: web.HTTPException) -> web.Response:
    detail = f"{request.method} {request.path}: {cause.reason}; see /openapi.json"
    answer = problem(HTTPStatus(cause.status), detail)
    if isinstance(cause, web.HTTPMethodNotAllowed):
        answer.headers["Allow"] = cause.headers["Allow"]
    return answer


def _of_body(cause: Exception) -> tuple[HTTPStatus, str]:
    if isinstance(cause, LargeBodyError):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "expected a smaller body; send less"
    if isinstance(cause, LateBodyError):
        return HTTPStatus.REQUEST_TIMEOUT, "expected the whole body in time, got a part of it; send it again"
    return HTTPStatus.BAD_REQUEST, "expected a body as its headers frame it, got another; send it again"


def _check_text(request: web.Request) -> None:
    """Nothing here needs a packed body, and none is unpacked. What is no text never reaches ledger, log or answer."""
    if flaw := flaw_of_address(request):
        raise HttpRefusal(HTTPStatus.BAD_REQUEST, f"address: expected UTF-8 text, got {flaw}; correct it")
    if coding := coding_of(request):
        detail = f"expected a body that is not packed, got Content-Encoding {coding[:40]!r}; send it as it is"
        raise HttpRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)


def _check_host(request: web.Request, listed: Collection[str]) -> None:
    host = request.host.lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name in listed or ("." not in name and ":" not in name and name) or _is_address(name):
        return
    raise HttpRefusal(
        HTTPStatus.MISDIRECTED_REQUEST, f"expected a request to this machine's address or name, got host {name[:60]!r}"
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _check_origin(request: web.Request) -> None:
    if request.method in SAFE_METHODS:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    same = origin is None or origin.partition("://")[2].lower() == request.host.lower()
    if not same or site not in ("same-origin", "none"):
        raise HttpRefusal(
            HTTPStatus.FORBIDDEN,
            "expected an order from this agent's own page or from a program, got one of another site",
        )
