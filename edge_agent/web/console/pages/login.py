"""Log in by badge, and by PIN where one is asked; out; and a lead's word on the spot for one thing more. A badge is
never part of an address."""

from __future__ import annotations

from http import HTTPStatus

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
    back = place(form.get("back", ""))
    return await show(
        request, "pages/pin.html", status=HTTPStatus.UNAUTHORIZED, badge=badge, back=back, error=error, lead=None
    )


async def ask_lead(request: web.Request, form: Form, cause: LeadNeededError) -> web.Response:
    """Asks for a lead's badge and PIN: what was ordered may then be ordered once more."""
    return await _ask_lead(request, form, cause.action, of_sentence(str(cause)))


async def _ask_lead(request: web.Request, form: Form, action: str, error: Words) -> web.Response:
    back = place(form.get("back", ""))
    return await show(
        request, "pages/pin.html", status=HTTPStatus.FORBIDDEN, badge="", back=back, error=error, lead=action
    )


async def allow(request: web.Request, form: Form) -> Told | web.Response:
    """A lead lets whoever is here do one thing once. Raises LockedError, RoleError."""
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
    return good(f"{lead.name} 同意了：一分钟内再按一次", f"{lead.name} allows it: press again within a minute")
