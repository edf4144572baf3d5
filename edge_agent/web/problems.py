"""Errors as problem details (RFC 9457): one table from the tree in `errors.py` to a status.

`detail` is the error's own sentence, because it says what to do; `type` leads to the class's description. An error
nobody planned is a 500 that says nothing of the inside; the log has it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aiohttp import web

from edge_agent import errors
from edge_agent.errors import FindingsError
from edge_agent.messages.error import words_of
from label_protocol.errors import AgentError, ConflictError, InputError, LedgerError

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[AgentError], HTTPStatus] = {
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.AccessError: HTTPStatus.FORBIDDEN,
    errors.LogInError: HTTPStatus.UNAUTHORIZED,
    errors.LockedError: HTTPStatus.TOO_MANY_REQUESTS,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    errors.IdempotencyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IssuingError: HTTPStatus.CONFLICT,
    LedgerError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.LedgerBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LedgerFullError: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.CatalogError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.OrderBookError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.PrinterError: HTTPStatus.CONFLICT,
    errors.LinkError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SyncError: HTTPStatus.BAD_GATEWAY,
    errors.UpdateError: HTTPStatus.BAD_GATEWAY,
}
"""The nearest class upwards counts; a test proves that every class of the tree has one."""


class HttpRefusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """A request that HTTP itself refuses, before any service is asked."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def status_of(kind: type[AgentError]) -> HTTPStatus:
    """The status of an error's class."""
    return next(STATUS[one] for one in kind.__mro__ if one in STATUS)


def slug(kind: type[AgentError]) -> str:
    """`QuotaError` → `quota`."""
    return kind.__name__.removesuffix("Error").lower()


KINDS: Mapping[str, type[AgentError]] = {
    slug(kind): kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, AgentError) and kind is not AgentError
}


def of_error(cause: AgentError) -> web.Response:
    """An error of ours."""
    status = status_of(type(cause))
    extra: dict[str, Any] = {"retry_safe": cause.retry_safe, "words_zh": words_of(cause)}
    if isinstance(cause, FindingsError):
        extra["findings"] = [asdict(finding) for finding in cause.findings]
    if isinstance(cause, errors.RenderError) and cause.smallest is not None:
        extra["smallest_template"] = cause.smallest
    if isinstance(cause, errors.FirmNeededError):
        extra["firms"] = [{"firm": firm, "firm_name": name} for firm, name in cause.firms.items()]
    if isinstance(cause, errors.LeadNeededError):
        extra["action"] = cause.action
    answer = problem(status, str(cause), f"/problems/{slug(type(cause))}", **extra)
    if isinstance(cause, errors.LockedError):
        answer.headers["Retry-After"] = str(cause.retry_after_s)
    if isinstance(cause, errors.LogInError):
        answer.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 11.6.1: a 401 names a scheme
    return answer


def problem(status: HTTPStatus, detail: str, type_: str = "about:blank", **extra: Any) -> web.Response:
    """A problem document; `about:blank` means that the status says it all."""
    body = {"type": type_, "title": status.phrase, "status": status.value, "detail": detail, **extra}
    return web.json_response(body, status=status.value, content_type=MEDIA_TYPE)
