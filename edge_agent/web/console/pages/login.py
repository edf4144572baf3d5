"""Log in by badge, and by PIN where one is asked; out; and a lead's word on the spot for one thing more. A badge is
never part of an address."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aiohttp import web

from edge_agent.access.roles import ROLES, Action
from edge_agent.errors import LeadNeededError, LogInError, PinNeededError
from edge_agent.messages.text import Words
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.orders import BACK, nothing_changed
from edge_agent.web.console.pieces.state import Look
from edge_agent.web.console.pieces.told import Told, good, of_sentence, place
from edge_agent.web.context import asking, service

OWN = ("back", "badge", "pin", "action", "answer")
"""Fields of the question itself, which are no part of what was ordered."""


async def by_badge(request: web.Request, form: Form, badge: str, pin: str | None = None) -> Told | web.Response:
    """Begins a session, or asks for the PIN. Raises LogInError: the badge is nobody's; LockedError."""
    people = service(request).people
    try:
        secret = await people.log_in(asking(request), badge, pin)
    except PinNeededError:
        return await _ask_pin(request, form, badge)
    except LogInError as cause:
        if pin is None:
            raise
        return await _ask_pin(request, form, badge, of_sentence(str(cause)))
    person = (await people.desk(asking(request).with_session(secret))).person
    name, role = (person.name, ROLES[person.role]) if person else ("", Words("", ""))
    return Told(Look.GOOD, Words(f"你好，{name}", f"Hello {name}"), scan="", why=role, session=secret)


async def enter(request: web.Request, form: Form) -> Told | web.Response:
    """The badge with its PIN. Raises as `by_badge`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    return await by_badge(request, form, form.get("badge", ""), form.get("pin", ""))


async def leave(request: web.Request, _: Form) -> Told:
    """Ends the session here."""
    service(request).people.log_out(asking(request))
    told = good("已退出，下一位请刷工牌", "Logged out; next one, scan your badge")
    return Told(told.look, told.words, session="")


async def _ask_pin(request: web.Request, form: Form, badge: str, error: Words | None = None) -> web.Response:
    return await _asked(request, HTTPStatus.UNAUTHORIZED, form, badge=badge, error=error)


async def _asked(request: web.Request, status: HTTPStatus, form: Form, **facts: Any) -> web.Response:
    told = {"badge": "", "lead": None, "then": {}, "back": place(form.get("back", ""))} | facts
    return await show(request, "pages/pin.html", status=status, **told)


async def ask_lead(request: web.Request, form: Form, cause: LeadNeededError) -> web.Response:
    """Asks for a lead's badge and PIN, with all that was ordered: once a lead allows it, it goes on by itself."""
    return await _ask_lead(request, {**form, "then": request.path}, cause.action, of_sentence(str(cause)))


async def _ask_lead(request: web.Request, form: Form, action: str, error: Words) -> web.Response:
    then = {name: value for name, value in form.items() if name not in OWN}
    return await _asked(request, HTTPStatus.FORBIDDEN, form, error=error, lead=action, then=then)


async def allow(request: web.Request, form: Form) -> Told | web.Response:
    """A lead lets whoever is here do one thing once; the browser then sends again what was ordered before, whole.
    Raises LockedError, RoleError."""
    if form.get("answer") == BACK:
        return nothing_changed()
    action = form.get("action", "")
    if action not in list(Action):
        return nothing_changed()
    try:
        badge, pin = form.get("badge", ""), form.get("pin") or None
        lead = await service(request).people.allow(asking(request), badge, pin, Action(action))
    except LogInError as cause:
        return await _ask_lead(request, form, action, of_sentence(str(cause)))
    then = form.get("then", "")
    if then and place(then) == then:
        return web.Response(status=HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": then})
    return good(f"{lead.name} 同意了：一分钟内再按一次", f"{lead.name} allows it: press again within a minute")
