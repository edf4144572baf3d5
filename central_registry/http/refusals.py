"""Turns every refusal and every failure of a handler into a problem document, and explains each kind of problem."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from central_registry.http.bodies import answer, json_bytes
from central_registry.problems import ProblemError, explain
from label_protocol import wire
from label_protocol.http_limits import flaw_of_address

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_log = structlog.get_logger("central_registry")


@web.middleware
async def problems(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Every refusal leaves as a problem document; a failure says nothing of its inside."""
    try:
        _check_address(request)
        return await handler(request)
    except ProblemError as problem:
        return _document(problem)
    except web.HTTPException as refusal:
        kind = {404: "not-found", 405: "wrong-method", 413: "too-large"}.get(refusal.status)
        if kind is None:
            raise
        return _document(ProblemError(kind, f"{request.method} {request.path[:100]}: {refusal.reason}"))
    except ConnectionError:  # the other side went away in mid-sentence: nobody is there to read an answer
        return _document(ProblemError("failed", "the connection ended before the request was whole"))
    except asyncio.CancelledError:
        raise
    except TimeoutError:
        _log.warning("request_timed_out", method=request.method, path=request.path)
        return _document(ProblemError("busy", "the registry's database did not answer in time", retry_after_s=10))
    except Exception:
        _log.exception("request_failed", method=request.method, path=request.path)
        return _document(ProblemError("failed", "the registry failed; the request can be sent again"))


def _check_address(request: web.Request) -> None:
    """What is no text is never asked of the database; the scan page reads its own, and has a page for it."""
    if not request.raw_path.startswith("/01/") and (flaw := flaw_of_address(request)):
        raise ProblemError("bad-address", f"address: expected UTF-8 text, got {flaw}")


def _document(problem: ProblemError) -> web.Response:
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    if "retry_after_s" in problem.document:
        headers["Retry-After"] = str(problem.document["retry_after_s"])
    body = json_bytes(problem.document)
    return web.Response(body=body, status=problem.status, content_type=wire.PROBLEM_JSON, headers=headers)


async def get_problem(request: web.Request) -> web.Response:
    """What a problem type means and what to do."""
    return answer(explain(request.match_info["kind"]))
