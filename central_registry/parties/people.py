"""Keeps the people of a party: added with a one-time word, given other roles, reset, gone; their names can be emptied.

Only an officer of the same party does that. A login is one person's for ever; events and audit know people by a random
id, so that a name that is emptied leaves no hole in them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.alarms import AlarmKind, Note, of_party, raise_alarm
from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found, picked
from central_registry.parties import passwords, sessions
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,59}")
_LINE_MOST = 100

ROLES_OF: Mapping[PartyKind, frozenset[Role]] = {
    PartyKind.OPERATOR: frozenset({Role.OFFICER, Role.VIEWER, Role.IT}),
    PartyKind.ASSOCIATION: frozenset({Role.OFFICER, Role.APPROVER, Role.VIEWER, Role.IT}),
    PartyKind.FIRM: frozenset({Role.OFFICER, Role.APPROVER, Role.VIEWER, Role.IT}),
    PartyKind.LAB: frozenset({Role.OFFICER, Role.LAB, Role.VIEWER}),
    PartyKind.INSPECTOR: frozenset({Role.OFFICER, Role.INSPECTOR, Role.VIEWER}),
    PartyKind.MARKETPLACE: frozenset({Role.OFFICER, Role.VIEWER, Role.IT}),
    PartyKind.SUPPLIER: frozenset({Role.OFFICER, Role.VIEWER}),
}
"""What somebody can be in a party of a kind: an inspector of a firm would be nobody's idea of one."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is to come: `contact` is a telephone or mail address, '' if none."""

    login: str
    name: str
    roles: frozenset[Role]
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody gets to log in for the first time: shown once, good until `until`."""

    person: str
    login: str
    word: str
    until: datetime


async def add_person(pool: Pool, actor: Actor, new: NewPerson, at: datetime) -> Word:
    """Add somebody to the actor's own party.

    Raises:
        ProblemError: 403; 409 for a login that is or was somebody's; 422 for what no person can have.
    """

    async def work(connection: Connection) -> tuple[Word, Entry]:
        await sql.lock_party(connection, party=actor.party)
        word = await put_person(connection, actor.party, actor.kind, new, actor.person, at)
        await keep_four_eyes(connection, actor, at)
        return word, Entry("add_person", word.person, _roles_text(new.roles), actor.party)

    return await acting(pool, actor, Act.MANAGE_PEOPLE, work, at)


async def put_person(
    connection: Connection, party: str, kind: PartyKind, new: NewPerson, made_by: str, at: datetime
) -> Word:
    """The rows of a new person of `party`, with a one-time word.

    Raises:
        ProblemError: 409 for a login that is or was somebody's; 422 for what no person can have.
    """
    login, name = _login(new.login), line("姓名 name", new.name)
    _require_roles(kind, new.roles)
    word, person = passwords.one_time_word(), "p" + secrets.token_hex(8)
    if not await sql.take_login(connection, login=login, person=person):
        raise ProblemError(
            "refused",
            f"登录名已被使用（用过的不再给别人） · login {login}: expected a new one, got a taken one; choose another",
        )
    until = at + passwords.WORD_LIFE
    await sql.add_person(
        connection,
        person=person,
        party=party,
        roles=sorted(new.roles),
        login=login,
        password_hash=await passwords.hashed(word),
        word_until=until,
        at=at,
        made_by=made_by,
    )
    await sql.put_person_name(connection, person=person, name=name, contact=new.contact[:_LINE_MOST].strip())
    return Word(person, login, word, until)


async def set_roles(pool: Pool, actor: Actor, person: str, roles: frozenset[Role], at: datetime) -> None:
    """Give somebody other roles; their sessions go on with them.

    Raises:
        ProblemError: 403; 404 for nobody of this party; 409 if the party would have no officer; 422 for other roles.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        before = await _deciders(connection, actor)
        await _own(connection, actor, person)
        _require_roles(actor.kind, roles)
        await sql.set_roles(connection, person=person, roles=sorted(roles))
        await _require_officer(connection, actor.party)
        await keep_four_eyes(connection, actor, at)
        await _tell_removed(connection, actor, person, before, at)
        return None, Entry("set_roles", person, _roles_text(roles), actor.party)

    await acting(pool, actor, Act.MANAGE_PEOPLE, work, at)


async def reset(pool: Pool, actor: Actor, person: str, at: datetime) -> Word:
    """Take somebody's password and phone away and give a one-time word; all their sessions end.

    Raises:
        ProblemError: 403; 404 for nobody of this party; 409 for oneself, who changes the password instead.
    """
    word = passwords.one_time_word()

    async def work(connection: Connection) -> tuple[Word, Entry]:
        row = await _own(connection, actor, person)
        if person == actor.person and actor.how != "break-glass":
            raise ProblemError(
                "refused", "自己的密码请用“改密码” · reset: expected somebody else, got yourself; change your password"
            )
        until, word_hash = at + passwords.WORD_LIFE, await passwords.hashed(word)
        await sql.reset_person(
            connection, person=person, password_hash=word_hash, word_until=until, by=actor.person, at=at
        )
        await sessions.close_others(connection, person)
        return Word(person, row["login"], word, until), Entry("reset_person", person, "", actor.party)

    return await acting(pool, actor, Act.MANAGE_PEOPLE, work, at)


async def leave(pool: Pool, actor: Actor, person: str, at: datetime) -> None:
    """Somebody has left: their sessions end, nobody ever gets their login, what they did stays theirs.

    Raises:
        ProblemError: 403; 404 for nobody of this party; 409 if the party would have no officer.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        before = await _deciders(connection, actor)
        await _own(connection, actor, person)
        await sql.person_left(connection, person=person, at=at)
        await _require_officer(connection, actor.party)
        await _tell_removed(connection, actor, person, before, at)
        await sessions.close_others(connection, person)
        return None, Entry("person_left", person, "", actor.party)

    await acting(pool, actor, Act.MANAGE_PEOPLE, work, at)


async def erase(pool: Pool, actor: Actor, person: str, at: datetime) -> None:
    """Empty the name and contact of somebody who has left; the id, which means nothing, stays in events and audit.

    Raises:
        ProblemError: 403; 404 for nobody of this party; 409 for somebody who still works here.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        row = await _own(connection, actor, person, gone_too=True)
        if row["left_at"] is None:
            raise ProblemError(
                "refused", f"还在职，不能清除姓名 · person {person}: expected one who has left, got one at work"
            )
        await sql.put_person_name(connection, person=person, name="", contact="")
        return None, Entry("erase_name", person, "", actor.party)

    await acting(pool, actor, Act.MANAGE_PEOPLE, work, at)


async def list_people(pool: Pool, actor: Actor, wanted: Ask) -> Found:
    """The people of the actor's party (the operator's: of all): `{person, party, party_name, login, name, contact,
    roles, totp, must_change, made_at, left_at, seen_at, here}`. Filters: `party`, `here` ('true', 'false')."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        everybody = actor.kind is PartyKind.OPERATOR
        return [dict(row) async for row in sql.people_of(connection, party=actor.party, everybody=everybody)]

    rows = await looking(pool, actor, work)
    return picked(rows, wanted, searched=("login", "name", "party_name"), filtered=("party", "here"))


async def person_of_login(pool: Pool, actor: Actor, login: str) -> str:
    """The id of the person of the actor's party who has, or had, that login. Raises ProblemError (404)."""
    found = await list_people(pool, actor, Ask(filters={"party": actor.party}, rows=100_000))
    for row in found.rows:
        if row["login"] == login.strip().lower():
            return str(row["person"])
    raise ProblemError(
        "not-found", f"本单位没有这个登录名 · login {login[:60]!r}: expected one of your party, got none"
    )


async def keep_four_eyes(connection: Connection, actor: Actor, at: datetime) -> None:
    """An association that has come to two people who decide has four eyes again."""
    if await sql.count_deciders(connection, party=actor.party) > 1:
        await sql.end_four_eyes_off(connection, party=actor.party, at=at, person=actor.person)


async def _deciders(connection: Connection, actor: Actor) -> int:
    """How many decide in the actor's party, counted by nobody else until this transaction ends."""
    await sql.lock_party(connection, party=actor.party)
    return int(await sql.count_deciders(connection, party=actor.party))


async def _tell_removed(connection: Connection, actor: Actor, person: str, before: int, at: datetime) -> None:
    """Tell that the second one who decides in an association is no more: now one could do without four eyes."""
    if actor.kind is PartyKind.ASSOCIATION and before > 1 >= await sql.count_deciders(connection, party=actor.party):
        note = Note(
            AlarmKind.DECIDER_REMOVED, f"{actor.party} {person} {at.isoformat()}", f"{person} by {actor.person}"
        )
        await raise_alarm(connection, of_party(actor.party), note, at)


async def _own(connection: Connection, actor: Actor, person: str, *, gone_too: bool = False) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = await sql.lock_person(connection, person=person)
    if row is None or row["party"] != actor.party or (row["left_at"] is not None and not gone_too):
        raise ProblemError(
            "not-found", f"本单位没有这个人 · person {person[:40]!r}: expected one of your party, got none"
        )
    return row


async def _require_officer(connection: Connection, party: str) -> None:
    if not await sql.count_officers(connection, party=party):
        raise ProblemError(
            "refused",
            "这样本单位就没有管理员了，请先让别人当管理员 · officer: expected one to be left, got none; make another "
            "one first",
        )


def _require_roles(kind: PartyKind, roles: frozenset[Role]) -> None:
    if not roles or roles - ROLES_OF[kind]:
        raise ProblemError(
            "unprocessable",
            f"角色不适用 · roles: expected some of {', '.join(sorted(ROLES_OF[kind]))} for a {kind}, got "
            f"{_roles_text(roles) or 'none'}; choose others",
        )


def _login(text: str) -> str:
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise ProblemError(
            "unprocessable",
            f"登录名要 3 到 60 位小写字母、数字或 . _ @ - · login: expected 3 to 60 of a-z 0-9 . _ @ -, got "
            f"{text[:60]!r}; choose another",
        )
    return login


def line(what: str, text: str) -> str:
    """A line of text that has to say something, without blanks around it. Raises ProblemError (422)."""
    found = " ".join(text.split())
    if not 0 < len(found) <= _LINE_MOST:
        raise ProblemError(
            "unprocessable", f"{what}: expected 1 to {_LINE_MOST} characters, got {len(found)}; correct it"
        )
    return found


def _roles_text(roles: frozenset[Role] | Sequence[Role]) -> str:
    return ", ".join(sorted(roles))
