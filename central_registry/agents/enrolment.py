"""Makes agents, enrols them with a one-time token, and knows them by a Bearer secret afterwards.

Token and secret are 256 random bits each and stored as SHA-256. A slow password hash was rejected: it protects what can
be guessed, and would cost 50 ms on every request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from central_registry.agents import epoch
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.grouped import Grouped
from central_registry.parties.actor import UNASSIGNED, PartyKind, PartyStatus
from central_registry.problems import ProblemError, RefusedError
from label_protocol.codes.issuer_range import ALL, IssuerRange

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
TOKEN_LIFE = timedelta(hours=72)
"""From a Friday to a Monday. A token that lies in a mailbox for longer is found by somebody else."""

EXAMPLE_ISSUER = "000"
"""Stands in previews for an issuer; never given out."""


async def add_agent(pool: Pool, name: str, at: datetime) -> str:
    """Make the agent `name`, or give an existing one a new token (its old secret ends when the token is spent).

    Returns the one-time token; it is not kept in clear and cannot be shown again.

    Raises:
        RefusedError: a name that does not fit an address.
    """
    return await in_transaction(pool, lambda connection: give_token(connection, name, at))


async def give_token(
    connection: Connection, name: str, at: datetime, owner: str = UNASSIGNED, association: str = ""
) -> str:
    """As `add_agent`, in a transaction of the caller's; a new agent is its `owner`'s. Raises RefusedError."""
    if not may_be_agent(name):
        raise RefusedError(
            f"agent {name[:60]!r}: expected 1 to 40 letters, digits, '.', '_' or '-'; choose another name"
        )
    token = secrets.token_urlsafe(32)
    if await sql.agent(connection, agent=name) is not None:
        await sql.renew_token(connection, agent=name, token_hash=digest_of(token), at=at)
        return token
    issuer = await _free_issuer(connection)
    of = {"agent": name, "issuer": issuer}
    await sql.add_issuer(connection, **of)
    await sql.add_agent(connection, **of, token_hash=digest_of(token), at=at, owner=owner, association=association)
    return token


async def _free_issuer(connection: Connection) -> str:
    """Choose one of this registry's range at random, so that issuers do not tell how many agents there are; the primary
    key keeps them apart. A registry that was given no range has all of them."""
    given = await sql.meta(connection, key="issuers")
    ours = ALL if given is None else IssuerRange.parse(str(given))
    taken = {row["issuer"] async for row in sql.all_issuers(connection)}
    taken |= set(await sql.former_issuers(connection))  # a label that hangs in a shop already has a serial of that one
    free = [issuer for issuer in ours if issuer not in taken and issuer != EXAMPLE_ISSUER]
    if not free:
        raise RefusedError(
            f"发码段已用完 · issuers: expected a free one of {ours} ({ours.size}), got none; ask for another range"
        )
    return secrets.choice(free)


async def enrol(pool: Pool, asked: Any, at: datetime) -> dict[str, str]:
    """Spend a token: `{agent, issuer, secret, epoch}`.

    Raises:
        ProblemError: 422 for what is not `{token, name, fingerprint}`, 401 for an unknown, spent or old token.
    """
    fields = asked if isinstance(asked, dict) else {}
    token, name, fingerprint = (fields.get(key) for key in ("token", "name", "fingerprint"))
    texts = [
        text for text in (token, name, fingerprint) if isinstance(text, str) and "\0" not in text and len(text) <= 200
    ]
    if len(texts) != 3:
        raise ProblemError("unprocessable", "enrolment: expected the texts token, name and fingerprint")
    secret = secrets.token_urlsafe(32)
    spent = await in_transaction(pool, lambda connection: _spend(connection, texts, secret, at))
    if spent is None:
        raise ProblemError(
            "unauthorised", "enrolment: expected a fresh token, got an unknown or spent one; ask for another"
        )
    return {**spent, "secret": secret}


async def _spend(connection: Connection, asked: Sequence[str], secret: str, at: datetime) -> dict[str, str] | None:
    token, name, fingerprint = asked
    row = await sql.agent_by_token(connection, token_hash=digest_of(token))
    if row is None:
        return None
    _require_fresh(row["agent"], row["token_made_at"], at)
    name_of_epoch = await epoch.current(connection)
    await sql.enrol_agent(
        connection,
        agent=row["agent"],
        secret_hash=digest_of(secret),
        name=name,
        fingerprint=fingerprint,
        at=at,
        epoch=name_of_epoch,
    )
    return {"agent": row["agent"], "issuer": row["issuer"], "epoch": name_of_epoch}


def _require_fresh(agent: str, made_at: datetime, at: datetime) -> None:
    if at - made_at > TOKEN_LIFE:
        hours = TOKEN_LIFE // timedelta(hours=1)
        raise ProblemError(
            "unauthorised",
            f"一次性口令已过期，请平台重新生成 · enrolment: expected a token of the last {hours} h, got one of "
            f"{made_at:%Y-%m-%d %H:%M} UTC; ask for another (central-registry agents add {agent})",
        )


class Secrets:
    """Knows the agents of a registry by the secrets they show; those that come at once are looked up together."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._grouped: Grouped[str, Mapping[str, Any] | None] = Grouped(self._named)

    async def authorise(self, agent: str, header: str) -> Mapping[str, Any]:
        """The agent's row, if `header` is `Bearer` and its secret.

        Raises:
            ProblemError: 401; the same words for an unknown agent and a wrong secret.
        """
        return require_its_own(await self._grouped.ask(agent) if may_be_agent(agent) else None, header)

    async def _named(self, names: Sequence[str]) -> list[Mapping[str, Any] | None]:
        found = {row["agent"]: row async for row in sql.agents_named(self._pool, agents=sorted(set(names)))}
        return [found.get(name) for name in names]


def may_be_agent(name: str) -> bool:
    """Whether an agent can be called so."""
    return _NAME.fullmatch(name) is not None


def require_its_own(row: Mapping[str, Any] | None, header: str) -> Mapping[str, Any]:
    """The row of the agent that was named, if there is one and `header` shows its secret. Raises ProblemError (401)."""
    kept = (row["secret_hash"] if row is not None else None) or bytes(32)
    if not hmac.compare_digest(kept, digest_of(secret_in(header))) or row is None:
        raise ProblemError("unauthorised", "agent and secret: expected those of an enrolment, got others; enrol again")
    return row


def secret_in(header: str) -> str:
    """The secret that `Authorization` shows; empty if it is no `Bearer`."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


REVOKED = {
    "": ("这个打印端已声明丢失，平台不再下发；找回来了就请平台发新口令，重新登记", "declared lost"),
    "lost": ("这个打印端已声明丢失，平台不再下发；找回来了就请平台发新口令，重新登记", "declared lost"),
    "copied": ("这个打印端的密钥已泄露，平台不再下发；请平台发新口令，重新登记", "its secret was copied"),
    "barred": ("这个打印端已被协会停用，平台不再下发；请联系协会", "stopped by its association"),
}
"""What a revoked agent reads, by why it was: nothing more, and what it may do."""


def refuse_lost(agent: Mapping[str, Any], what: str) -> None:
    """Whoever has a revoked agent's secret may tell, and gets nothing. Raises ProblemError (409)."""
    if agent["lost_at"] is not None:
        zh, en = REVOKED[agent["revoked_why"]]
        raise ProblemError("refused", f"{zh} · agent {agent['agent']}: {en}, so it gets no {what}; enrol it again")


def refuse_barred(agent: Mapping[str, Any]) -> None:
    """The agents of a barred firm get nothing either, and need not enrol again once the bar is lifted; `owner_status`
    is how that firm stands. Raises ProblemError (409)."""
    if agent["owner"] != UNASSIGNED and agent["owner_status"] == PartyStatus.BARRED:
        raise ProblemError(
            "refused",
            f"企业已列入黑名单，平台不再下发；已打印的仍可上报 · agent {agent['agent']}: its firm is barred, so "
            "it gets no feed; ask the association",
        )


def require_not_barred(agent: Mapping[str, Any], kind: PartyKind) -> None:
    """What its association stopped, a firm neither brings back nor stops for a lesser reason, which would bring it back
    after all. Raises ProblemError (409)."""
    if agent["revoked_why"] == "barred" and kind is not PartyKind.ASSOCIATION:
        raise ProblemError(
            "refused", f"协会已停用，请联系协会 · agent {agent['agent']}: stopped by its association; ask it"
        )


async def lose_agent(pool: Pool, name: str, at: datetime) -> None:
    """Declare an agent lost: nobody waits for it, nothing is allotted to it. Raises RefusedError if it is unknown."""
    await require_agent(pool, name)
    await in_transaction(pool, lambda connection: epoch.declare_lost(connection, name, at))


async def require_agent(pool: Pool, name: str) -> Mapping[str, Any]:
    """The agent's row. Raises RefusedError if there is none."""
    row: Mapping[str, Any] | None = await sql.agent(pool, agent=name)
    if row is None:
        raise RefusedError(f"agent {name!r}: expected one of this registry, got an unknown name; see agents list")
    return row


async def list_agents(pool: Pool) -> list[dict[str, Any]]:
    """All agents with issuer, state (`new`, `enrolled`, `lost`, `cloned`), last seq and whether they are waited for."""
    async with pool.acquire() as connection:
        waited = set(await epoch.missing(connection))
        return [_listed(row, waited) async for row in sql.agents(connection)]


def _listed(row: Mapping[str, Any], waited: set[str]) -> dict[str, Any]:
    state = "lost" if row["lost_at"] else "cloned" if row["cloned_at"] else "enrolled" if row["enrolled_at"] else "new"
    seen = row["seen_at"]
    return {
        "agent": row["agent"],
        "issuer": row["issuer"],
        "state": state,
        "name": row["name"],
        "incarnation": row["incarnation"],
        "seq": row["seq"],
        "seen_at": seen.isoformat(timespec="seconds") if seen else None,
        "waited_for": row["agent"] in waited,
    }


def digest_of(text: str) -> bytes:
    """What is kept of a token or a secret."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
