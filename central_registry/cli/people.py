"""`central-registry people …`: the people of one's own party."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import typer

from central_registry import db
from central_registry.cli.beginning import word_line
from central_registry.cli.common import AsOption, CodeOption, ConfigOption, DsnOption, JsonOption, Who, run_as, show
from central_registry.lists import MOST_ROWS, Ask
from central_registry.parties import people
from central_registry.parties.actor import Actor, Role

people_app = typer.Typer(help="人员 · The people of one's own party", no_args_is_help=True)

RolesOption = Annotated[
    list[Role],
    typer.Option("--role", metavar="ROLE", help=f"角色，可多次 · roles: {', '.join(Role)}; again for more"),
]


@people_app.command("add")
def people_add(
    login: str,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="姓名 · the name")],
    role: RolesOption,
    contact: Annotated[str, typer.Option("--contact", metavar="TEXT", help="电话或邮箱 · telephone or mail")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """新增人员，得到一次性口令 · Add somebody; shows their one-time word.

    Example: central-registry people add wang --name 示例甲 --role viewer --as zhang
    """
    new = people.NewPerson(login, name, frozenset(role), contact)
    word = run_as(dsn, config, Who(as_login, code), lambda pool, actor: people.add_person(pool, actor, new, db.now()))
    show(asdict(word), as_json, word_line(word))


@people_app.command("list")
def people_list(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出人员 · Those who are here and those who left.

    Example: central-registry people list --as zhang
    """
    found = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: people.list_people(pool, actor, Ask(rows=MOST_ROWS))
    )
    lines = [
        f"{row['login']:20} {row['name'] or '—'}  {', '.join(row['roles'])}  {row['party_name']}"
        f"{'' if row['here'] else '  已离职 left'}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines))


@people_app.command("roles")
def people_roles(
    login: str,
    role: RolesOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """调整角色 · Give somebody these roles in place of those they have.

    Example: central-registry people roles wang --role approver --role it --as zhang
    """
    work = partial(people.set_roles, roles=frozenset(role))
    _of_login(login, Who(as_login, code), dsn, config, work)
    show({"login": login, "roles": sorted(role)}, as_json, f"角色已改 roles of {login}: {', '.join(sorted(role))}")


@people_app.command("reset")
def people_reset(
    login: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """重置登录：密码、手机、会话作废 · A new one-time word; password, phone and sessions end.

    Example: central-registry people reset wang --as zhang
    """
    word = _of_login(login, Who(as_login, code), dsn, config, people.reset)
    show(asdict(word), as_json, word_line(word))


@people_app.command("leave")
def people_leave(
    login: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """离职：会话立即结束，登录名不再给别人 · Somebody has left; nobody ever gets that login.

    Example: central-registry people leave wang --as zhang
    """
    _of_login(login, Who(as_login, code), dsn, config, people.leave)
    show({"login": login, "left": True}, as_json, f"已登记离职 left: {login}")


@people_app.command("erase")
def people_erase(
    login: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """清除离职人员的姓名、电话，无法恢复 · Empty name and contact of somebody who has left; there is no way back.

    Example: central-registry people erase wang --as zhang
    """
    _of_login(login, Who(as_login, code), dsn, config, people.erase)
    show({"login": login, "erased": True}, as_json, f"姓名已清除 name emptied: {login}")


def _of_login(login: str, who: Who, dsn: Any, config: Any, work: Callable[..., Awaitable[Any]]) -> Any:
    """Do `work(pool, actor, person, at=…)` for the person of that login."""

    async def found(pool: db.Pool, actor: Actor) -> Any:
        person = await people.person_of_login(pool, actor, login)
        return await work(pool, actor, person, at=db.now())

    return run_as(dsn, config, who, found)
