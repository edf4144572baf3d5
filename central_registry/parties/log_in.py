"""Finds out whether somebody is who they say: password, phone's code, and the waits that wrong tries cost.

An unknown login and a wrong password take the same way, the same time and get the same words. A try is counted before
it is judged, and taken back by a good one.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from central_registry.alarms import REGISTRY, AlarmKind, Note, raise_alarm
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties import passwords, sessions, totp
from central_registry.parties.actor import Actor
from central_registry.parties.audit import Entry, write
from central_registry.parties.door import fence, fence_out
from central_registry.parties.doorstep import FORGOTTEN_AFTER, Doorstep, still_waits, too_early, wait_after
from central_registry.problems import ProblemError

_Result = TypeVar("_Result")
_Then = Callable[[Connection, Actor], Awaitable[_Result]]

_STRANGERS = 64
"""Rows among which tries of logins that nobody has are written: few, and seldom the same one at once."""

_ALARMED_FROM = 10
"""Wrong tries in a row that somebody should hear of."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows: `code` of their phone, if they have one set up; `new_password` in place of a one-time word;
    `address` is where they come from, '' for this computer."""

    login: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    new_password: str | None = field(default=None, repr=False)
    address: str = ""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session: `token` opens it until `ends_at`."""

    token: str
    actor: Actor
    ends_at: datetime


async def log_in(pool: Pool, doorstep: Doorstep, shown: Shown, at: datetime) -> LoggedIn:
    """Open a session.

    Raises:
        ProblemError: 401 for anything that is not theirs, or a code that is missing; 409 for a one-time word without a
            new password; 422 for a new password that will not do; 429 too soon after wrong tries; 503 if more come than
            can be judged.
    """

    async def opened(connection: Connection, actor: Actor) -> LoggedIn:
        token = await sessions.open_session(connection, actor.person, actor.how, at)
        await write(connection, actor, Entry("log_in", actor.person, actor.how, actor.party), at)
        return LoggedIn(token, actor, at + sessions.LIFE)

    return await _proven(pool, doorstep, shown, at, opened)


async def identify(pool: Pool, doorstep: Doorstep, shown: Shown, at: datetime) -> Actor:
    """Who shows that, for one command: no session is left behind. Raises ProblemError, as `log_in`."""

    async def named(_: Connection, actor: Actor) -> Actor:
        return actor

    return await _proven(pool, doorstep, shown, at, named)


async def _proven(pool: Pool, doorstep: Doorstep, shown: Shown, at: datetime, then: _Then[_Result]) -> _Result:
    login = shown.login.strip().lower()
    doorstep.take_of_address(shown.address, at)
    passwords.require_room()
    doorstep.take_of_both(login, shown.address, at)
    known = doorstep.knows(login, shown.address, at)
    row = await in_transaction(pool, lambda connection: take_try(connection, login, at, known=known))
    if row is None:
        doorstep.take_of_login(login, at)
    if not await passwords.matches(row["password_hash"] if row else None, shown.password) or row is None:
        raise _wrong()
    new_hash = await _new_hash(shown)
    settle = partial(_settled, row=row, shown=shown, new_hash=new_hash, at=at, then=then)
    done: _Result = await in_transaction(pool, settle)
    doorstep.give_back(login, shown.address, at)
    return done


async def take_try(
    connection: Connection, login: str, at: datetime, *, known: bool = False
) -> Mapping[str, Any] | None:
    """Count a try of that login, before anybody knows whether it is a good one; its person's row, None: nobody's. One
    from where that login is `known` does not wait for what was tried elsewhere. What was tried an hour ago costs no
    more waits, as of a login that nobody has, and either is written down: neither memory nor time tells them apart.

    Raises:
        ProblemError: 429; it comes too soon after wrong ones.
    """
    await fence_out(connection)
    row: Mapping[str, Any] | None = await sql.lock_person_of_login(connection, login=login.strip().lower())
    if row is None or row["left_at"] is not None:
        await sql.count_stranger(connection, n=secrets.randbelow(_STRANGERS))
        return None
    left = still_waits(row["locked_until"], at)
    if left and not known:
        raise too_early(left)
    forgotten = row["failures"] if _is_old(row["locked_until"], at) else row["failures_forgotten"]
    failures = row["failures"] + 1
    await sql.count_failure(
        connection,
        person=row["person"],
        failures=failures,
        forgotten=forgotten,
        locked_until=at + wait_after(failures - forgotten),
    )
    if failures >= _ALARMED_FROM:
        note = Note(AlarmKind.LOG_IN_GUESSED, row["person"], f"{failures} wrong tries in a row")
        await raise_alarm(connection, REGISTRY, note, at)
    return row


def _is_old(until: datetime | None, at: datetime) -> bool:
    """`until`: the end of the last wrong try's wait, which is when it was tried where it cost none."""
    return until is not None and at - until > FORGOTTEN_AFTER


async def _settled(
    connection: Connection,
    row: Mapping[str, Any],
    shown: Shown,
    new_hash: str | None,
    at: datetime,
    then: _Then[_Result],
) -> _Result:
    """All that a right password still has to pass, of the row as it is now, in one transaction with what follows."""
    await fence_out(connection)
    person = await sql.lock_person(connection, person=row["person"])
    if person["password_hash"] != row["password_hash"] or person["left_at"] is not None:
        raise _wrong()
    how = await spend_code(connection, person, shown.code, at)
    _require_no_word(person, shown, at)
    if new_hash is not None:
        await set_password(connection, person["person"], new_hash)
    await sql.clear_failures(connection, person=person["person"])
    named = await sql.person_actor(connection, person=person["person"], hand_since=at - sessions.ONE_HAND)
    actor = sessions.actor_from(named, how)
    await fence(connection, actor)
    return await then(connection, actor)


async def spend_code(connection: Connection, person: Mapping[str, Any], code: str, at: datetime) -> str:
    """How the person is known then; a phone's code is good once.

    Raises:
        ProblemError: 401; they have a phone set up, and this is no fresh code of it.
    """
    if person["totp_secret"] is None:
        return "password"
    if not code:
        raise ProblemError(
            "code-needed", "请输入手机上的动态码 · code: expected the six digits of your phone, got none"
        )
    step = totp.step_of(person["totp_secret"], code, at, person["totp_last"])
    if step is None:
        raise ProblemError(
            "log-in",
            "动态码不对，或已用过，请等下一个 · code: expected a fresh one of your phone, got another or a used one; "
            "wait for the next, and check the phone's clock",
        )
    await sql.spend_code(connection, person=person["person"], step=step)
    return "password+totp"


def _require_no_word(person: Mapping[str, Any], shown: Shown, at: datetime) -> None:
    if not person["must_change"]:
        return
    if person["word_until"] is not None and at > person["word_until"]:
        raise ProblemError(
            "log-in",
            f"一次性口令已过期，请本单位管理员重新生成 · one-time word: expected one that is good, got one until "
            f"{person['word_until']:%Y-%m-%d %H:%M} UTC; ask an officer for another",
        )
    if shown.new_password is None:
        raise ProblemError(
            "new-password",
            "请设置自己的新密码 · log-in: expected a new password beside a one-time word, got none; choose one",
        )


async def _new_hash(shown: Shown) -> str | None:
    if shown.new_password is None:
        return None
    passwords.require_good(shown.new_password, shown.login.strip(), shown.password)
    return await passwords.hashed(shown.new_password)


async def set_password(connection: Connection, person: str, new_hash: str, token: str = "") -> None:
    """Change it and end every session but that of `token`."""
    await sql.set_password(connection, person=person, password_hash=new_hash)
    await sessions.close_others(connection, person, token)


def _wrong() -> ProblemError:
    return ProblemError(
        "log-in",
        "登录名或密码不对 · log-in: expected a login and its password, got others; check both, or ask an officer of "
        "your party for a new password",
    )
