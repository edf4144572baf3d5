"""One's own account: who I am here, my password, my phone, light or dark, log out."""

from __future__ import annotations

from typing import Any, Literal, Self

from aiohttp import web
from pydantic import BaseModel, Field, model_validator

from central_registry.console.door import LOOK, over_tls, remember
from central_registry.console.frame import show
from central_registry.console.page import Action, Desk, Page
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.terms import roles_of
from central_registry.console.pieces.told import Told, good, place
from central_registry.console.pieces.words import Words
from central_registry.parties.account import begin_totp, change_password, confirm_totp, me
from central_registry.parties.acts import Act
from central_registry.parties.sessions import close_session

_A_YEAR_S = 365 * 24 * 3600
_HERE, _PASSWORD, _PHONE, _CODE = (
    "/console/account",
    "/console/account/password",
    "/console/account/phone",
    "/console/account/phone/code",
)


def _secret(title: str, autocomplete: str, description: str | None = None) -> Any:
    shown: dict[str, Any] = {"kind": "password", "autocomplete": autocomplete}
    return Field(title=title, description=description, max_length=1_000, json_schema_extra=shown)


class NewPassword(BaseModel):
    """One's own; typed twice, since nobody can read it."""

    old: str = _secret("现在的密码 · password now", "current-password")
    new: str = _secret("新密码 · new password", "new-password", "至少 10 个字符 · ten characters or more")
    again: str = _secret("再输一次 · the same again", "new-password")

    @model_validator(mode="after")
    def _twice(self) -> Self:
        if self.new != self.again:
            raise ValueError("两次输入的新密码不一样 · expected the same twice, got two")
        return self


class Password(BaseModel):
    """Shown again before a phone is set up."""

    password: str = _secret("密码 · password", "current-password")


class Code(BaseModel):
    """What the phone shows."""

    code: str = Field(
        title="手机上的 6 位动态码 · six digits of the phone",
        max_length=20,
        json_schema_extra={"kind": "digits", "autocomplete": "one-time-code"},
    )


class LogOut(BaseModel):
    """Nothing is asked."""


class ChooseLook(BaseModel):
    """Light, dark, or as the system has it; `back`: the page to go on with."""

    look: Literal["auto", "light", "dark"]
    back: str = ""


async def account(desk: Desk) -> web.Response:
    """Who I am here."""
    card = await me(desk.pool, desk.actor)
    with_phone = bool(card["totp"])
    begin = Words("换一部手机", "Set up another phone") if with_phone else Words("绑定手机", "Set up a phone")
    return await show(
        desk,
        "pages/account.html",
        facts=_facts(card, with_phone=with_phone),
        password=desk.form(_PASSWORD, NewPassword, Words("改密码", "Change"), title=Words("改密码", "Password")),
        phone=desk.form(_PHONE, Password, begin, title=Words("手机动态码", "Codes of your phone")),
    )


def _facts(card: dict[str, object], *, with_phone: bool) -> list[Fact]:
    phone = (
        State(Look.GOOD, Words("已绑定", "set up")) if with_phone else State(Look.ATTENTION, Words("未绑定", "none"))
    )
    roles = card["roles"]
    return [
        Fact("姓名", "name", str(card["name"])),
        Fact("登录名", "login", str(card["login"])),
        Fact("单位", "party", str(card["party_name"])),
        Fact("角色", "roles", roles_of(list(roles) if isinstance(roles, list) else [])),
        Fact("手机动态码", "phone", None, state=phone),
    ]


async def new_password(desk: Desk, form: NewPassword) -> Told:
    """Change it; all other sessions end."""
    await change_password(desk.pool, desk.actor, form.old, form.new, desk.token, desk.at)
    return good("密码已改，其他地方的登录都已退出", "changed; every other session of yours ended", _HERE)


async def set_up_phone(desk: Desk, form: Password) -> web.Response:
    """The secret as a picture for the phone, shown this once."""
    text = await begin_totp(desk.pool, desk.actor, form.password, desk.at)
    return await show(
        desk,
        "pages/account_phone.html",
        picture=qr_picture(text),
        secret=text.partition("secret=")[2].partition("&")[0],
        form=_code_form(desk),
    )


def qr_picture(text: str) -> str:
    """A QR code of it as an address that an `<img>` shows."""
    import segno  # what takes in events and answers scans runs without it

    return str(segno.make(text, error="m").svg_data_uri(scale=5, border=2))


def _code_form(desk: Desk) -> object:
    return desk.form(_CODE, Code, Words("确认", "Confirm"), title=Words("第 2 步：输入动态码", "2. Type its code"))


async def phone_again(desk: Desk) -> web.Response:
    """The same without the picture: it was shown once."""
    return await show(desk, "pages/account_phone.html", picture="", secret="", form=_code_form(desk))


async def phone_code(desk: Desk, form: Code) -> Told:
    """From now on log-in asks for it."""
    await confirm_totp(desk.pool, desk.actor, form.code, desk.at)
    return good("手机已绑定，以后登录要输动态码", "your phone is set up; log-in asks for its code from now on", _HERE)


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


PAGES = (Page(_HERE, Act.OWN_ACCOUNT, "我的账号", "My account", account, icon="who"),)
ACTIONS = (
    Action(_PASSWORD, Act.OWN_ACCOUNT, NewPassword, new_password, account),
    Action(_PHONE, Act.OWN_ACCOUNT, Password, set_up_phone, account),
    Action(_CODE, Act.OWN_ACCOUNT, Code, phone_code, phone_again),
    Action("/console/logout", Act.OWN_ACCOUNT, LogOut, log_out, account),
    Action("/console/look", Act.OWN_ACCOUNT, ChooseLook, choose_look, account),
)
