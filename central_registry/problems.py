"""Says no over HTTP (RFC 9457). Each kind is explained at `/problems/{kind}`, so a problem's type is a page."""

from __future__ import annotations

from typing import Any

from label_protocol import wire
from label_protocol.errors import AgentError

KINDS: dict[str, tuple[int, str, str]] = {
    "bad-json": (400, "body is not JSON", "send UTF-8 JSON as RFC 7493: no key twice, no floats, no big integers"),
    "bad-address": (400, "address is not text", "escape what is no plain ASCII as UTF-8; leave control characters out"),
    "bad-link": (400, "no link of a label", "ask for /01/ and a GTIN, then 22, 10, 21 and their values"),
    "no-link": (404, "no link of that type", "ask with linkType=linkset which there are"),
    "not-epcis": (400, "no EPCIS 2.0 document", "correct what `errors` name; nothing of the document was kept"),
    "query-parameter": (400, "no such query", "correct what `detail` names; see docs/exchange.md for the parameters"),
    "not-acceptable": (406, "not in that form", "ask for EPCIS 2.0 in JSON, with codes as they were captured"),
    "media-type": (415, "body is not JSON", "send it as `Content-Type: application/json`"),
    "unauthorised": (401, "unknown agent or secret", "enrol the agent with a new one-time token"),
    "log-in": (401, "unknown login or wrong password", "check both; an officer of your party gives a new password"),
    "code-needed": (401, "a code is asked for", "send the six digits that your phone shows beside the password"),
    "new-password": (409, "a one-time word opens nothing", "send `new_password` with it"),
    "locked": (429, "too many wrong tries", "wait `Retry-After` seconds"),
    "enough": (429, "more than is taken in a day", "come back tomorrow"),
    "no-key": (401, "no key to ask with", "send `Authorization: Bearer NAME.SECRET`; an association gives keys"),
    "over-limit": (429, "more codes than this key may ask in a minute", "wait `Retry-After` seconds"),
    "forbidden": (403, "this person may not do that", "ask somebody whose role allows it"),
    "not-found": (404, "nothing here", "check the address"),
    "wrong-method": (405, "wrong method", "see the wire format"),
    "late": (408, "body came too slowly", "send it again, in smaller parts"),
    "packed": (415, "body is packed in a way nobody unpacks here", "send it as it is; events may come as gzip"),
    "gap": (409, "events are missing in between", "send again from the event after `head`, if its hash is yours"),
    "fork": (409, "histories differ", "stop issuing, fetch what you lack, go on in a new incarnation after `head`"),
    "cloned": (
        409,
        "two live machines with one identity",
        "issue nothing here, go on telling from `kept`, and ask the platform (`standing`: who goes on)",
    ),
    "bodies-wanted": (
        409,
        "what stands behind hashes is not known here",
        "post `wanted` to …/bodies, then send the same batch again",
    ),
    "too-large": (413, "too much at once", "send half as many events"),
    "unprocessable": (422, "not what was expected", "correct what `detail` names; the same body will be refused again"),
    "refused": (409, "cannot be done now", "see `detail`"),
    "busy": (
        503,
        "more than can be done at once",
        "send the same again after `Retry-After` seconds, plus some by chance",
    ),
    "failed": (500, "the registry failed", "try again later; nothing of the request was kept"),
}


class ProblemError(AgentError):
    """An answer that says no; `document` is what goes over the wire. Its `retry_after_s`, if it has one, is the header
    `Retry-After` too."""

    def __init__(self, kind: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        status, title, _ = KINDS[kind]
        self.status = status
        self.document = wire.problem(kind, status, title, detail, **more)


class RefusedError(AgentError):
    """A command of the registry's own operator that cannot be carried out now."""


def explain(kind: str) -> dict[str, Any]:
    """What `/problems/{kind}` says. Raises ProblemError for a kind that is not ours."""
    if kind not in KINDS:
        raise ProblemError("not-found", f"problem type {kind[:40]!r}: expected one of {', '.join(KINDS)}")
    status, title, advice = KINDS[kind]
    return {"type": wire.PROBLEM_BASE + kind, "status": status, "title": title, "advice": advice}
