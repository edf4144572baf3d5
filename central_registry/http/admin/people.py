"""Answers people about themselves and, if they are officers, about the people of their party."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.addresses import address_of
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of, read_model, token_of
from central_registry.http.bodies import answer, read_json
from central_registry.http.context import CLOCK, DOORSTEP, PEOPLE
from central_registry.parties import account, people
from central_registry.parties.actor import Actor, Role
from central_registry.parties.acts import Act
from central_registry.parties.log_in import Shown, log_in
from central_registry.parties.sessions import close_session

_LOG_IN_BODY = 4_000
"""Bytes; nobody has shown who they are before it is read."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LogIn(_Body):
    """`code`: of the phone, if one is set up; `new_password`: in place of a one-time word."""

    login: str = Field(max_length=100)
    password: str = Field(max_length=1_000)
    code: str = Field(default="", max_length=20)
    new_password: str | None = Field(default=None, max_length=1_000)


async def post_login(request: web.Request) -> web.Response:
    """`LogIn` → `{token, ends_at, person, party, kind, roles, how}`; the token goes into `Authorization: Bearer …`."""
    body: Any = read_model(LogIn, await read_json(request, _LOG_IN_BODY))
    shown = Shown(body.login, body.password, body.code, body.new_password, address_of(request))
    found = await log_in(request.app[PEOPLE], request.app[DOORSTEP], shown, request.app[CLOCK]())
    told = answer({"token": found.token, "ends_at": found.ends_at.isoformat(), **_told(found.actor)})
    told.headers["Cache-Control"] = "no-store"
    return told


def _told(actor: Actor) -> dict[str, Any]:
    return {
        "person": actor.person,
        "party": actor.party,
        "kind": actor.kind.value,
        "roles": sorted(actor.roles),
        "how": actor.how,
    }


class NewPassword(_Body):
    """One's own."""

    old: str = Field(max_length=1_000)
    new: str = Field(max_length=1_000)


class Password(_Body):
    """Shown again by somebody who is logged in."""

    password: str = Field(max_length=1_000)


class Code(_Body):
    """Six digits of a phone."""

    code: str = Field(max_length=20)


async def _delete_session(request: web.Request, _: Actor, __: None) -> dict[str, Any]:
    await close_session(request.app[PEOPLE], token_of(request))
    return {"ended": True}


async def _get_me(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await account.me(request.app[PEOPLE], actor)


async def _post_password(request: web.Request, actor: Actor, body: NewPassword) -> dict[str, Any]:
    at = request.app[CLOCK]()
    await account.change_password(request.app[PEOPLE], actor, body.old, body.new, token_of(request), at)
    return {"changed": True}


async def _post_totp(request: web.Request, actor: Actor, body: Password) -> dict[str, Any]:
    return {"otpauth": await account.begin_totp(request.app[PEOPLE], actor, body.password, request.app[CLOCK]())}


async def _put_totp(request: web.Request, actor: Actor, body: Code) -> dict[str, Any]:
    await account.confirm_totp(request.app[PEOPLE], actor, body.code, request.app[CLOCK]())
    return {"totp": True}


class PersonToAdd(_Body):
    """Somebody of the asker's own party; they get a one-time word."""

    login: str = Field(max_length=100)
    name: str = Field(max_length=200)
    roles: list[Role] = Field(max_length=10)
    contact: str = Field(default="", max_length=200)


class Roles(_Body):
    """All the roles somebody is to have."""

    roles: list[Role] = Field(max_length=10)


async def _get_people(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await people.list_people(request.app[PEOPLE], actor, ask_of(request.query)))


async def _post_person(request: web.Request, actor: Actor, body: PersonToAdd) -> dict[str, Any]:
    new = people.NewPerson(body.login, body.name, frozenset(body.roles), body.contact)
    return asdict(await people.add_person(request.app[PEOPLE], actor, new, request.app[CLOCK]()))


async def _put_roles(request: web.Request, actor: Actor, body: Roles) -> dict[str, Any]:
    person = request.match_info["person"]
    await people.set_roles(request.app[PEOPLE], actor, person, frozenset(body.roles), request.app[CLOCK]())
    return {"roles": sorted(body.roles)}


async def _post_reset(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    word = await people.reset(request.app[PEOPLE], actor, request.match_info["person"], request.app[CLOCK]())
    return asdict(word)


async def _post_leave(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    await people.leave(request.app[PEOPLE], actor, request.match_info["person"], request.app[CLOCK]())
    return {"left": True}


async def _delete_name(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    await people.erase(request.app[PEOPLE], actor, request.match_info["person"], request.app[CLOCK]())
    return {"erased": True}


_ONE = "/v1/admin/people/{person}"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("DELETE", "/v1/admin/session", Act.OWN_ACCOUNT, "退出登录", "log out", _delete_session),
    Endpoint("GET", "/v1/admin/me", Act.OWN_ACCOUNT, "我是谁", "who I am here", _get_me),
    Endpoint(
        "POST",
        "/v1/admin/me/password",
        Act.OWN_ACCOUNT,
        "改自己的密码",
        "change my password",
        _post_password,
        NewPassword,
    ),
    Endpoint("POST", "/v1/admin/me/totp", Act.OWN_ACCOUNT, "绑定手机动态码", "set up a phone", _post_totp, Password),
    Endpoint("PUT", "/v1/admin/me/totp", Act.OWN_ACCOUNT, "确认手机动态码", "confirm the phone", _put_totp, Code),
    Endpoint("GET", "/v1/admin/people", Act.LOOK, "人员列表", "list people", _get_people),
    Endpoint("POST", "/v1/admin/people", Act.MANAGE_PEOPLE, "新增人员", "add somebody", _post_person, PersonToAdd),
    Endpoint("PUT", f"{_ONE}/roles", Act.MANAGE_PEOPLE, "调整角色", "give other roles", _put_roles, Roles),
    Endpoint("POST", f"{_ONE}/reset", Act.MANAGE_PEOPLE, "重置登录", "give a new one-time word", _post_reset),
    Endpoint("POST", f"{_ONE}/leave", Act.MANAGE_PEOPLE, "离职", "somebody has left", _post_leave),
    Endpoint("DELETE", f"{_ONE}/name", Act.MANAGE_PEOPLE, "清除姓名", "empty a name", _delete_name),
)
