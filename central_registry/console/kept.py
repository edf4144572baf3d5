"""Keeps what somebody typed when their session ended under it, until the same person has logged in again.

The order is not done. What was typed goes back to the browser within the log-in, sealed with the secret of the session
that ended: nothing is kept here, so any worker can read it and a stranger can fill nothing. After the log-in a button
brings the form back as it was, to be looked at and sent again. Passwords, codes and files are never among it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from pydantic import BaseModel

from central_registry.console.bodies import Body, read_form
from central_registry.console.door import check_origin, check_token, token_of
from central_registry.console.page import Action, clock
from central_registry.console.pieces.form import Typed, entries_of
from central_registry.problems import ProblemError

BRING_BACK = "bring_back"
"""What the button's `answer` says: draw the form with what was typed, do nothing."""

_WITHIN = timedelta(hours=1)
_READ_MOST, _KEPT_MOST = 64 * 1024, 32_000
_SECRET = frozenset({"password", "digits", "file"})


@dataclass(frozen=True, slots=True)
class Kept:
    """`path`: where the form goes; `typed`: its fields by name."""

    path: str
    typed: Typed


def person_mark(person: str, token: str) -> str:
    """Stands in each form: whose it is, so that nobody else is shown what was typed."""
    return f"{person}.{_seal('console person ' + person, token)}"


def person_of(mark: str) -> str:
    """Whom a mark names; it need not be true."""
    return mark.partition(".")[0]


def open_fields(model: type[BaseModel], typed: Typed) -> dict[str, Sequence[str]]:
    """What was typed into a form but for what is secret."""
    names = {one.name for one in entries_of(model, typed, {}) if one.kind not in _SECRET}
    return {name: values for name, values in typed.items() if name in names}


async def keep(request: web.Request, action: Action) -> str:
    """What was typed, sealed; "" where nothing of it can be kept: a form of nobody's session, or too large a one."""
    token = token_of(request)
    try:
        check_origin(request)
        body = await read_form(request, min(action.body_most, _READ_MOST))
        check_token(body.one("form_token"), token)
    except ProblemError:
        return ""
    person = person_of(body.one("whose"))
    if not token or not _same(body.one("whose"), person_mark(person, token)):
        return ""
    return _sealed(request, person, open_fields(action.form, body.typed), token)


def _sealed(request: web.Request, person: str, typed: Mapping[str, Sequence[str]], token: str) -> str:
    document = {"path": request.path, "person": person, "at": clock(request).isoformat(), "typed": typed}
    text = base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
    return f"{text}.{_seal('console kept ' + text, token)}" if typed and len(text) <= _KEPT_MOST else ""


def bring(request: web.Request, body: Body, person: str) -> Kept | None:
    """What the log-in brought along, if it is this person's, of this browser's last session, and of this hour."""
    text, _, seal = body.one("kept").rpartition(".")
    token = token_of(request)
    if not text or not token or not _same(seal, _seal("console kept " + text, token)):
        return None
    found = json.loads(base64.urlsafe_b64decode(text))
    if found["person"] != person or clock(request) - datetime.fromisoformat(found["at"]) > _WITHIN:
        return None
    return Kept(found["path"], found["typed"])


def _seal(text: str, token: str) -> str:
    return hmac.new(token.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
