"""Keys by which a party's program asks and tells: given by an association, with an end and a limit, shown once.

A key is `NAME.SECRET`. The name finds its row, the secret is 256 random bits and only its hash is kept. It opens what
its rights name and nothing else; it ends by its day, by an officer, or when its party is suspended or barred.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.lists import Ask, Found, picked
from central_registry.parties.actor import MAY_ASK, Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError

MOST_DAYS = 400
"""A key lives a year and a little: whoever forgets it loses it."""
MOST_PER_MINUTE = 60_000
_ASKERS = (PartyKind.MARKETPLACE.value, PartyKind.INSPECTOR.value, PartyKind.FIRM.value)


class Right(StrEnum):
    """What a key opens: to ask what is known of codes, to capture EPCIS events, to query them."""

    VERIFY = "verify"
    CAPTURE = "capture"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Made:
    """A new key, whole: nobody is ever shown it again."""

    verify_key: str
    key: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was shown and is good; `per_minute` counts codes, or events captured. `kind`: its party's."""

    name: str
    party: str
    per_minute: int
    rights: frozenset[str] = frozenset({Right.VERIFY})
    kind: str = ""


async def make(
    pool: Pool, actor: Actor, party: str, at: datetime, *, days: int, per_minute: int, note: str = "",
    rights: Collection[Right] = (Right.VERIFY,),
) -> Made:  # fmt: skip
    """Give `party`, which the actor's association admitted, a key for so many days and codes a minute.

    Raises:
        ProblemError: 403; 404 for a party that is not theirs; 422 for numbers out of bounds.
    """
    _require_bounds(days, per_minute)
    made = Made(secrets.token_hex(6), secrets.token_urlsafe(32), at + timedelta(days=days))

    async def work(connection: Connection) -> tuple[Made, Entry]:
        row = await sql.admitted_asker(connection, association=actor.party, party=party)
        if row is None or row["kind"] not in _ASKERS:
            raise ProblemError(
                "not-found",
                f"没有这个平台、企业或监管单位 · {party[:40]}: expected a marketplace, firm or inspector that you "
                "admitted, got another; admit it first",
            )
        await sql.add_verify_key(
            connection, verify_key=made.verify_key, association=actor.party, party=party,
            secret_hash=_hash(made.key), note=note, per_minute=per_minute, at=at, ends_at=made.ends_at,
            rights=[right.value for right in rights], person=actor.person,
        )  # fmt: skip
        said = f"{' '.join(rights)}, {days} d, {per_minute}/min {note}".strip()
        return Made(made.verify_key, f"{made.verify_key}.{made.key}", made.ends_at), Entry(
            Act.MANAGE_VERIFY_KEYS, made.verify_key, said, party
        )

    return await acting(pool, actor, Act.MANAGE_VERIFY_KEYS, work, at)


async def end(pool: Pool, actor: Actor, name: str, at: datetime) -> dict[str, Any]:
    """End a key at once; one that ended stays as it was.

    Raises:
        ProblemError: 403; 404 for a key that is not theirs.
    """

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await sql.end_verify_key(connection, verify_key=name, association=actor.party, at=at)
        if row is None:
            raise ProblemError("not-found", f"没有这把密钥 · key {name[:40]!r}: expected one of yours; see the list")
        return dict(row), Entry(Act.MANAGE_VERIFY_KEYS, name, "ended", row["party"])

    return await acting(pool, actor, Act.MANAGE_VERIFY_KEYS, work, at)


async def list_keys(pool: Pool, actor: Actor, ask: Ask) -> Found:
    """The keys that they gave or were given, newest first; never a secret."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = [dict(row) async for row in sql.verify_keys(connection)]
        return [row for row in rows if actor.party in (row["association"], row["party"])]

    return picked(await looking(pool, actor, work), ask, searched=("party_name", "note"), filtered=("party",))


async def known(pool: Pool, shown: str, at: datetime, right: Right = Right.VERIFY) -> Key:
    """The key that a program shows, which has to have that right.

    Raises:
        ProblemError: 401; the sentence does not say which part of it was wrong, but for one that ended; 403, it has
            other rights.
    """
    name, _, secret = shown.partition(".")
    sound = name.isascii() and name.isalnum() and len(name) <= 40
    row = await sql.verify_key(pool, verify_key=name) if sound else None
    if row is None or not hmac.compare_digest(row["secret_hash"], _hash(secret)):
        raise ProblemError("no-key", "密钥不对 · key: expected NAME.SECRET as it was given, got another")
    _require_living(row, at)
    if right not in row["rights"]:
        raise ProblemError(
            "forbidden", f"这把密钥没有这项权限 · key: expected one with the right {right}, got {sorted(row['rights'])}"
        )
    return Key(row["verify_key"], row["party"], row["per_minute"], frozenset(row["rights"]), row["kind"] or "")


def _require_living(row: Mapping[str, Any], at: datetime) -> None:
    if row["ended_at"] is not None or row["ends_at"] <= at:
        raise ProblemError("no-key", "密钥已到期或停用 · key: it ended; ask the association for another")
    if row["status"] not in MAY_ASK:
        raise ProblemError("no-key", "单位已停用 · key: its party is suspended or barred; ask the association")


def _require_bounds(days: int, per_minute: int) -> None:
    if not (1 <= days <= MOST_DAYS and 1 <= per_minute <= MOST_PER_MINUTE):
        raise ProblemError(
            "unprocessable",
            f"有效期 1 至 {MOST_DAYS} 天，每分钟 1 至 {MOST_PER_MINUTE} 个码 · expected 1 to {MOST_DAYS} days and 1 to "
            f"{MOST_PER_MINUTE} codes a minute, got {days} and {per_minute}",
        )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
