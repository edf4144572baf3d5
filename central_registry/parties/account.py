"""Lets people care for their own account: password, phone's code, who they are here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties import passwords, totp
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.parties.log_in import set_password, take_try
from central_registry.problems import ProblemError


async def me(pool: Pool, actor: Actor) -> dict[str, Any]:
    """`{person, login, name, contact, party, party_name, kind, roles, how, four_eyes, sandbox, totp}`."""

    async def work(connection: Connection) -> dict[str, Any]:
        row = await sql.person_card(connection, person=actor.person)
        return {
            **dict(row),
            "kind": actor.kind.value,
            "roles": sorted(actor.roles),
            "how": actor.how,
            "four_eyes": actor.four_eyes,
            "sandbox": actor.sandbox,
        }

    return await looking(pool, actor, work, Act.OWN_ACCOUNT)


async def change_password(pool: Pool, actor: Actor, old: str, new: str, token: str, at: datetime) -> None:
    """Change one's own password; every other session than that of `token` ends.

    Raises:
        ProblemError: 401 for a wrong old one (it counts as a try), 422 for a new one that will not do, 429 too soon.
    """
    row = await _proven(pool, actor, old, at)
    passwords.require_good(new, row["login"], old)
    new_hash = await passwords.hashed(new)

    async def work(connection: Connection) -> tuple[None, Entry]:
        await set_password(connection, actor.person, new_hash, token)
        await sql.clear_failures(connection, person=actor.person)
        return None, _entry(actor, "change_password", "自己改密码 own password changed")

    await acting(pool, actor, Act.OWN_ACCOUNT, work, at)


async def _proven(pool: Pool, actor: Actor, password: str, at: datetime) -> Mapping[str, Any]:
    """The row of somebody logged in who shows their password again."""
    card = await me(pool, actor)
    row = await in_transaction(pool, lambda connection: take_try(connection, card["login"], at))
    if row is None or not await passwords.matches(row["password_hash"], password):
        raise ProblemError("log-in", "原密码不对 · old password: expected yours, got another; try again")
    return row


async def begin_totp(pool: Pool, actor: Actor, password: str, at: datetime) -> str:
    """A new secret for the person's phone, as `otpauth://` text; it is shown once, and asked for only after
    `confirm_totp`.

    Raises:
        ProblemError: 401 for a wrong password, 429 too soon.
    """
    row = await _proven(pool, actor, password, at)
    secret = totp.new_secret(secrets.token_bytes)

    async def work(connection: Connection) -> tuple[str, Entry]:
        await sql.keep_new_totp(connection, person=actor.person, secret=secret)
        await sql.clear_failures(connection, person=actor.person)
        registry = await sql.party_name(connection, party=actor.party)
        told = totp.address_of(secret, row["login"], registry)
        return told, _entry(actor, "begin_totp", "开始绑定手机动态码 a phone is being set up")

    return await acting(pool, actor, Act.OWN_ACCOUNT, work, at)


async def confirm_totp(pool: Pool, actor: Actor, code: str, at: datetime) -> None:
    """The phone shows codes of the new secret: from now on log-in asks for them.

    Raises:
        ProblemError: 409 if none was begun, 422 for a code that is not its.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        person = await sql.lock_person(connection, person=actor.person)
        if person["totp_new"] is None:
            raise ProblemError("refused", "还没有开始绑定 · phone: expected one being set up, got none; begin first")
        step = totp.step_of(person["totp_new"], code, at, 0)
        if step is None:
            raise ProblemError(
                "unprocessable",
                "动态码不对 · code: expected one of the phone being set up, got another; check its clock, try the next",
            )
        await sql.take_new_totp(connection, person=actor.person, step=step)
        return None, _entry(actor, "confirm_totp", "已绑定手机动态码 a phone's codes are asked for from now on")

    await acting(pool, actor, Act.OWN_ACCOUNT, work, at)


def _entry(actor: Actor, act: str, detail: str) -> Entry:
    return Entry(act, actor.person, detail, actor.party)
