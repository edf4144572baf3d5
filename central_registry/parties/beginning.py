"""Begins a registry that has people: its operator, its first association, its range of issuers; once.

Whoever holds the DSN may do this and may break the glass, and nothing else of what people do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from central_registry.alarms import REGISTRY, AlarmKind, Note, raise_alarm
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties import passwords, sessions
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.admission import NewParty, put_party, require_uscc
from central_registry.parties.audit import Entry, write
from central_registry.parties.door import fence
from central_registry.parties.log_in import set_password
from central_registry.parties.people import ROLES_OF, NewPerson, Word, line, put_person
from central_registry.problems import ProblemError, RefusedError
from label_protocol.codes.issuer_range import IssuerRange

_BEGUN = "platform"
_ISSUERS = "issuers"

GLASS_LIFE = timedelta(hours=1)
"""Of the session that break-glass opens."""

OPERATOR = "OPERATOR"
"""The party of an operator that is no company of its own: the association runs the registry itself."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """`operator` without a USCC: the association runs the registry itself. `passwords`: of the operator's officer and
    of the association's; None: they choose them at their first log-in."""

    issuers: IssuerRange
    operator: NewParty
    association: NewParty
    passwords: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The two parties, and what their first officers get."""

    operator: str
    association: str
    words: tuple[Word, Word]


async def begin(pool: Pool, wanted: Beginning, at: datetime) -> Begun:
    """Make the operator, the first association and an officer of each. Agents to come get issuers of the range; those
    that are here keep theirs.

    Raises:
        RefusedError: it was done before.
        ProblemError: 422; a USCC, a name or a login that will not do.
    """

    async def work(connection: Connection) -> Begun:
        await _require_new(connection)
        operator = require_uscc(wanted.operator.uscc) if wanted.operator.uscc else OPERATOR
        association = require_uscc(wanted.association.uscc)
        _require_two(operator, association)
        actor = _by_dsn(operator)
        await fence(connection, actor)
        words = [
            await _made(connection, party, new, password, actor, at)
            for party, new, password in zip(
                (operator, association),
                (wanted.operator, wanted.association),
                wanted.passwords or (None, None),
                strict=True,
            )
        ]
        await sql.put_meta(connection, key=_BEGUN, value=at.isoformat())
        await sql.put_meta(connection, key=_ISSUERS, value=str(wanted.issuers))
        detail = f"operator {operator}, association {association}, issuers {wanted.issuers}"
        await write(connection, actor, Entry("init", operator, detail, operator), at)
        return Begun(operator, association, (words[0], words[1]))

    return await in_transaction(pool, work)


async def has_people(pool: Pool | Connection) -> bool:
    """Whether `begin` was done: from then on whoever changes something says who they are."""
    return await sql.meta(pool, key=_BEGUN) is not None


async def break_glass(pool: Pool, reason: str, login: str, at: datetime) -> tuple[str, datetime]:
    """A session of one hour in the name of an officer (the operator's, if `login` is ''): its token, and its end. It
    stands in the audit, in each row of what is done with it, and is an alarm.

    Raises:
        RefusedError: nobody is here yet, or that login is no officer's.
        ProblemError: 422 without a reason.
    """
    said = line("理由 reason", reason)

    async def work(connection: Connection) -> tuple[str, datetime]:
        row = await sql.officer_for_glass(connection, login=login.strip().lower())
        if row is None:
            raise RefusedError(
                f"没有这个管理员 · login {login[:60]!r}: expected that of an officer (none: the operator's), got "
                "nobody; see people list, or do central-registry init first"
            )
        named = await sql.person_actor(connection, person=row["person"], hand_since=at - sessions.ONE_HAND)
        actor = sessions.actor_from(named, "break-glass")
        await fence(connection, actor)
        token = await sessions.open_session(connection, actor.person, actor.how, at, GLASS_LIFE)
        await write(connection, actor, Entry("break_glass", actor.person, said, actor.party), at)
        note = Note(AlarmKind.GLASS_BROKEN, f"{actor.person} {at.isoformat()}", f"{row['login']}: {said}")
        await raise_alarm(connection, REGISTRY, note, at)
        return token, at + GLASS_LIFE

    return await in_transaction(pool, work)


async def _made(
    connection: Connection, party: str, new: NewParty, password: str | None, actor: Actor, at: datetime
) -> Word:
    await put_party(connection, party, new, actor, at)
    officer = NewPerson(new.officer_login, new.officer_name, ROLES_OF[new.kind], new.officer_contact)
    word = await put_person(connection, party, new.kind, officer, actor.person, at)
    if password is not None:
        passwords.require_good(password, word.login, "")
        await set_password(connection, word.person, await passwords.hashed(password))
    return word


async def _require_new(connection: Connection) -> None:
    if not await sql.put_meta_first(connection, key=_BEGUN, value=""):
        raise RefusedError(
            "已经初始化过 · init: expected a registry without people, got one that has them; add people and parties "
            "with central-registry people and parties, or on the console"
        )


def _require_two(operator: str, association: str) -> None:
    if operator == association:
        raise ProblemError(
            "unprocessable",
            "运营方和协会不能是同一代码；协会自己运营时不写 --operator-uscc · operator: expected another USCC than the "
            "association's, got the same; leave it out where the association runs the registry itself",
        )


def _by_dsn(operator: str) -> Actor:
    """Whoever holds the DSN, before there is anybody."""
    return Actor("init", operator, PartyKind.OPERATOR, frozenset(), "dsn")
