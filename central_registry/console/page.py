"""What a row of the two tables of `pages/` is, and what a handler gets: who asks, what for, and what was refused."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from central_registry.console.pieces.form import Form, Options, Typed, entries_of
from central_registry.console.pieces.told import Told
from central_registry.console.pieces.words import Words, of_sentence
from central_registry.db import Pool
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act, may


class Group(Enum):
    """Under which heading of the navigation a page stands; NONE: it is reached from other pages."""

    WORK = Words("待办", "Work")
    GOODS = Words("货品", "Goods")
    CODES = Words("赋码", "Codes")
    OVERSIGHT = Words("监督", "Oversight")
    PARTY = Words("主体", "Parties")
    NONE = Words("", "")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order was not done: of the whole, by field, and what was typed, which stays."""

    path: str
    sentence: str
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Typed = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """One request of somebody who is logged in. `refusal`: the order that it brought was refused, and the page is drawn
    again with it."""

    request: web.Request
    actor: Actor
    token: str = field(repr=False)
    at: datetime
    refusal: Refusal | None = None

    @property
    def pool(self) -> Pool:
        """Connections for people."""
        pool: Pool = self.request.app[PEOPLE]
        return pool

    @property
    def path(self) -> str:
        """The address of this page, without its query."""
        return self.request.path

    @property
    def query(self) -> Mapping[str, str]:
        """What the address asks; nothing, where a refused order is drawn."""
        return self.request.query if self.request.method == "GET" else {}

    def part(self, name: str) -> str:
        """A part of the address, such as `{party}`."""
        return self.request.match_info[name]

    def may(self, act: Act) -> bool:
        """Whether this person may do that: what they may not is not offered."""
        return may(self.actor, act)

    @cached_property
    def form_token(self) -> str:
        """Shows that a form was drawn for this session."""
        return form_token(self.token)

    @cached_property
    def once(self) -> str:
        """A new random id for what a form makes: sent twice, it makes it once."""
        return secrets.token_hex(16)

    def form(
        self,
        action: str,
        model: type[BaseModel],
        submit: Words,
        *,
        options: Options | None = None,
        values: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Form:
        """The form of a model, posted to `action`: begun with `values`, or with what was typed and refused. `more`: as
        `pieces.form.Form` has it."""
        refused = self.refusal if self.refusal and self.refusal.path == action else None
        before = {name: _texts(value) for name, value in (values or {}).items() if value is not None}
        typed = refused.typed if refused else before
        entries = entries_of(model, typed, refused.errors if refused else {}, options)
        said = of_sentence(refused.sentence) if refused and refused.sentence else None
        return Form(action=action, entries=entries, submit=submit, said=said, **more)


def _texts(value: Any) -> tuple[str, ...]:
    many = value if isinstance(value, (list, tuple, set, frozenset)) else (value,)
    return tuple(str(one.value if isinstance(one, Enum) else one) for one in many)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PageHandler = Callable[[Desk], Awaitable[web.Response]]
ActionHandler = Callable[[Desk, Any], Awaitable[Told | web.Response]]
"""Takes the form as its model."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its address, what somebody must be allowed to see it, its name in both languages, who answers. `icon`:
    by its name in `templates/pieces/icon.html`; `kinds`: those it is for (none named: all)."""

    path: str
    act: Act
    zh: str
    en: str
    handler: PageHandler
    group: Group = Group.NONE
    icon: str = "order"
    kinds: frozenset[PartyKind] | None = None

    def is_for(self, actor: Actor) -> bool:
        """Whether this person may see it."""
        return (self.kinds is None or actor.kind in self.kinds) and may(actor, self.act)


@dataclass(frozen=True, slots=True)
class Action:
    """One order: a form of `form` is posted there. `page` is drawn again with what was typed if it is refused; its
    address has the same `{parts}`. `body_most`: bytes, files included."""

    path: str
    act: Act
    form: type[BaseModel]
    handler: ActionHandler
    page: PageHandler
    body_most: int = 64 * 1024


PAGES: web.AppKey[Sequence[Page]] = web.AppKey("console_pages", Sequence[Page])

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # under no-referrer a browser sends a form with `Origin: null`, and then nobody can tell whose page it was on
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


def html(text: str, status: int = 200) -> web.Response:
    """A page as it is sent."""
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def clock(request: web.Request) -> datetime:
    """The registry's time now."""
    return request.app[CLOCK]()


def form_token(token: str) -> str:
    """What a form of this session carries: only a page drawn for it knows that (OWASP: HMAC-based token pattern)."""
    return hmac.new(token.encode(), b"console form", hashlib.sha256).hexdigest()
