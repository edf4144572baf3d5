"""The people of a party: who they are, what they are, a new password, gone. Words shown once are shown here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.form import Form, Options
from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.role_terms import what_each_may
from central_registry.console.pieces.state import Look, State
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.terms import ROLES, roles_of
from central_registry.console.pieces.times import in_full
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.lists import MOST_ROWS, Ask
from central_registry.parties import people as service
from central_registry.parties.actor import PartyKind, Role
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError

HERE = "/console/people"
_NEW, _ONE = HERE + "/new", HERE + "/{person}"
_HERE_NOW = State(Look.GOOD, Words("在职", "here"))
_TO_COME = State(Look.ATTENTION, Words("未首次登录", "not yet logged in"))
_GONE = State(Look.REST, Words("已离开", "left"))


def state_of(row: Mapping[str, Any]) -> State:
    """How somebody stands."""
    return _GONE if row["left_at"] else _TO_COME if row["must_change"] else _HERE_NOW


LISTING = Listing(
    caption=Words("人员", "People"),
    columns=(
        Column(
            "name", "姓名", "name", lambda row: Cell(row["name"] or "（已清除）", small=row["contact"]), sortable=True
        ),
        Column("login", "登录名", "login", sortable=True),
        Column("roles", "角色", "roles", lambda row: Cell(roles_of(row["roles"]))),
        Column("here", "状态", "state", lambda row: Cell(None, state=state_of(row))),
        Column("totp", "动态码", "phone", lambda row: Cell("已绑定" if row["totp"] else "未绑定"), sortable=True),
        Column("seen_at", "最近登录", "last seen", sortable=True),
        Column("party_name", "单位", "party", sortable=True),
    ),
    chips=(Chips("here", "状态", "state", (("true", _HERE_NOW.words), ("false", _GONE.words))),),
    search=Words("姓名、登录名", "name, login"),
    empty=Words("还没有人员", "nobody yet"),
    file="people",
    href=lambda row: f"{HERE}/{row['person']}",
)


class NewPerson(BaseModel):
    """Somebody who is to come."""

    name: str = Field(title="姓名 · name", max_length=100)
    login: str = Field(
        title="登录名 · login",
        description="3 到 60 位小写字母、数字或 . _ @ -；用过的不再给别人 · never given to another",
        max_length=60,
    )
    roles: list[Role] = Field(title="角色 · roles", min_length=1)
    contact: str = Field("", title="电话或邮箱 · telephone or mail", max_length=100)


class Roles(BaseModel):
    """What somebody is from now on."""

    roles: list[Role] = Field(title="角色 · roles", min_length=1)


class Sure(BaseModel):
    """Nothing is asked but whether it is meant."""


def roles_for(kind: PartyKind) -> Options:
    """What somebody can be in a party of that kind."""
    return {"roles": [(role, words) for role, words in ROLES.items() if role in service.ROLES_OF[kind]]}


async def people(desk: Desk) -> web.Response:
    """All that this party sees."""
    return await show_list(
        desk, LISTING, lambda ask: service.list_people(desk.pool, desk.actor, ask), "pages/people.html"
    )


async def new_person(desk: Desk) -> web.Response:
    """The form for somebody new."""
    form = desk.form(_NEW, NewPerson, Words("添加", "Add"), options=roles_for(desk.actor.kind))
    return await show(desk, "pages/person_new.html", form=form, roles=_roles(desk))


def _roles(desk: Desk) -> list[tuple[Words, str]]:
    return what_each_may(desk.actor.kind, service.ROLES_OF[desk.actor.kind])


async def add(desk: Desk, form: NewPerson) -> web.Response:
    """Add them; their one-time word is shown this once."""
    wanted = service.NewPerson(form.login, form.name, frozenset(form.roles), form.contact)
    return await show_word(desk, await service.add_person(desk.pool, desk.actor, wanted, desk.at), HERE)


async def show_word(desk: Desk, word: service.Word, back: str) -> web.Response:
    """What somebody gets to log in for the first time, shown once."""
    facts = [Fact("登录名", "login", word.login), Fact("有效至", "good until", in_full(word.until))]
    return await show(desk, "pages/word.html", word=word.word, facts=facts, back_to=back)


async def person(desk: Desk) -> web.Response:
    """One of them, and what may be done."""
    row = await _row(desk)
    mine = desk.may(Act.MANAGE_PEOPLE) and row["party"] == desk.actor.party
    return await show(
        desk,
        "pages/person.html",
        row=row,
        facts=_facts(row),
        state=state_of(row),
        forms=_forms(desk, row) if mine else (),
        roles=_roles(desk) if mine and not row["left_at"] else (),
    )


async def _row(desk: Desk) -> Mapping[str, Any]:
    found = await service.list_people(desk.pool, desk.actor, Ask(rows=MOST_ROWS))
    row = next((row for row in found.rows if row["person"] == desk.part("person")), None)
    if row is None:
        raise ProblemError("not-found", "没有这个人 · person: expected one that you see, got none")
    return row


def _facts(row: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact("登录名", "login", row["login"]),
        Fact("单位", "party", row["party_name"]),
        Fact("角色", "roles", roles_of(row["roles"])),
        Fact("联系方式", "contact", row["contact"] or None),
        Fact("手机动态码", "phone", "已绑定" if row["totp"] else "未绑定"),
        Fact("最近登录", "last seen", in_full(row["seen_at"]) or None),
        Fact("添加于", "added", in_full(row["made_at"])),
        *([Fact("离开于", "left", in_full(row["left_at"]))] if row["left_at"] else []),
    ]


def _forms(desk: Desk, row: Mapping[str, Any]) -> list[Form]:
    path, name = f"{HERE}/{row['person']}", row["name"]
    if row["left_at"]:
        words = (
            Words("清除姓名", "Erase the name"),
            Words(f"{row['login']} 的姓名和电话清空，不能找回；操作记录里只剩编号", "for good"),
        )
        return [_danger(desk, f"{path}/erase", path, *words)] if name else []
    roles = desk.form(
        f"{path}/roles",
        Roles,
        Words("保存角色", "Save"),
        title=Words("角色", "Roles"),
        values={"roles": row["roles"]},
        options=roles_for(desk.actor.kind),
    )
    if row["person"] == desk.actor.person:
        return [roles]
    reset = (
        Words("重置密码", "Reset"),
        Words(f"{name} 的密码和手机绑定作废，所有登录退出，改用一次性口令", "password and phone are void"),
    )
    leave = (
        Words("登记离开", "Has left"),
        Words(f"{name} 从此不能登录，登录名不再给别人；做过的事留在记录里", "no log-in from now on"),
    )
    return [roles, _danger(desk, f"{path}/reset", path, *reset), _danger(desk, f"{path}/leave", path, *leave)]


def _danger(desk: Desk, action: str, back: str, words: Words, consequence: Words) -> Form:
    return desk.form(action, Sure, words, title=words, consequence=consequence, danger=True, back=back)


async def set_roles(desk: Desk, form: Roles) -> Told:
    """Give them other roles."""
    await service.set_roles(desk.pool, desk.actor, desk.part("person"), frozenset(form.roles), desk.at)
    return good(f"角色已改为：{roles_of(list(form.roles))}", "roles changed", f"{HERE}/{desk.part('person')}")


async def reset(desk: Desk, _: Sure) -> web.Response:
    """A one-time word in place of their password and phone."""
    name = desk.part("person")
    return await show_word(desk, await service.reset(desk.pool, desk.actor, name, desk.at), f"{HERE}/{name}")


async def leave(desk: Desk, _: Sure) -> Told:
    """They have left."""
    await service.leave(desk.pool, desk.actor, desk.part("person"), desk.at)
    return good("已登记离开", "has left", HERE)


async def erase(desk: Desk, _: Sure) -> Told:
    """Empty their name."""
    await service.erase(desk.pool, desk.actor, desk.part("person"), desk.at)
    return good("姓名已清除", "the name is erased", HERE)


PAGES = (
    Page(HERE, Act.MANAGE_PEOPLE, "人员", "People", people, Group.PARTY, "people"),
    Page(_NEW, Act.MANAGE_PEOPLE, "添加人员", "Add somebody", new_person),
    Page(_ONE, Act.MANAGE_PEOPLE, "人员", "Person", person),
)
ACTIONS = (
    Action(_NEW, Act.MANAGE_PEOPLE, NewPerson, add, new_person),
    Action(f"{_ONE}/roles", Act.MANAGE_PEOPLE, Roles, set_roles, person),
    Action(f"{_ONE}/reset", Act.MANAGE_PEOPLE, Sure, reset, person),
    Action(f"{_ONE}/leave", Act.MANAGE_PEOPLE, Sure, leave, person),
    Action(f"{_ONE}/erase", Act.MANAGE_PEOPLE, Sure, erase, person),
)
