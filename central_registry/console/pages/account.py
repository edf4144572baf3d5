"""One's own account: who I am here, light or dark, log out."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import BaseModel

from central_registry.console.door import LOOK, over_tls, remember
from central_registry.console.frame import show
from central_registry.console.page import Action, Desk, Page
from central_registry.console.pieces.told import place
from central_registry.parties.acts import Act
from central_registry.parties.sessions import close_session

_A_YEAR_S = 365 * 24 * 3600


class LogOut(BaseModel):
    """Nothing is asked."""


class ChooseLook(BaseModel):
    """Light, dark, or as the system has it; `back`: the page to go on with."""

    look: Literal["auto", "light", "dark"]
    back: str = ""


async def account(desk: Desk) -> web.Response:
    """Who I am here."""
    return await show(desk, "pages/account.html")


async def log_out(desk: Desk, _: LogOut) -> web.Response:
    """End the session."""
    await close_session(desk.pool, desk.token)
    answer = web.Response(status=303, headers={"Location": "/console/login?left=1"})
    remember(desk.request, answer, "")
    return answer


async def choose_look(desk: Desk, form: ChooseLook) -> web.Response:
    """Kept by this browser."""
    answer = web.Response(status=303, headers={"Location": place(form.back)})
    answer.set_cookie(
        LOOK, form.look, path="/", max_age=_A_YEAR_S, httponly=True, samesite="Strict", secure=over_tls(desk.request)
    )
    return answer


PAGES = (Page("/console/account", Act.OWN_ACCOUNT, "我的账号", "My account", account, icon="who"),)
ACTIONS = (
    Action("/console/logout", Act.OWN_ACCOUNT, LogOut, log_out, account),
    Action("/console/look", Act.OWN_ACCOUNT, ChooseLook, choose_look, account),
)
