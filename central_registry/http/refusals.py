"""Turns every refusal and every failure of a handler into a problem document, and explains each kind of problem."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from central_registry.db import FencedError, UniqueViolationError
from central_registry.http.bodies import answer, json_bytes
from central_registry.http.context import COUNTERS
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
    except web.HTTPException as refusal:
        if refusal.status not in _KIND_OF:
            raise
        problem = ProblemError(_KIND_OF[refusal.status], f"{request.method} {request.path[:100]}: {refusal.reason}")
    except ProblemError as refusal:
        problem = refusal
    except asyncio.CancelledError:
        raise
    except Exception as cause:
        problem = _failed(request, cause)
    _tell(request, problem)
    return _document(problem)


_KIND_OF = {404: "not-found", 405: "wrong-method", 413: "too-large"}


def _failed(request: web.Request, cause: Exception) -> ProblemError:
    """What nobody refused in words of ours."""
    where = {"method": request.method, "path": request.path}
    if isinstance(cause, ConnectionError):  # the other side went away in mid-sentence: nobody is there to read it
        return ProblemError("failed", "the connection ended before the request was whole")
    if isinstance(cause, TimeoutError):
        _log.warning("request_timed_out", **where)
        return ProblemError("busy", "the registry's database did not answer in time", retry_after_s=10)
    if isinstance(cause, FencedError):
        _log.warning("row_fenced", why=str(cause), **where)
        return ProblemError("forbidden", "这不是您单位的数据 · row: expected one of your party's, got another's")
    if isinstance(cause, UniqueViolationError):
        return ProblemError(
            "refused", "这个编号已经有了 · number: expected a new one, got one that is taken; choose another"
        )
    _log.error("request_failed", exc_info=cause, **where)
    return ProblemError("failed", "the registry failed; the request can be sent again")


def _tell(request: web.Request, problem: ProblemError) -> None:
    """An agent's refusals are a story somebody will want to read; that a stranger's address is none of ours is not."""
    kind = problem.document["type"].rpartition("/")[2]
    request.app[COUNTERS].refused(kind)
    if agent := request.match_info.get("agent"):
        _log.warning("agent_refused", agent=agent[:40], method=request.method, kind=kind, why=str(problem)[:300])


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
