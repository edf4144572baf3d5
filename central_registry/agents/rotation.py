"""Changes the secret of an agent without a token: after so many days, or when a person says so.

The agent asks with the secret that it has, keeps what it gets on its disk, and then proves it. Until it does, the old
one is good; from then on only the new one is, and proving it again changes nothing. So there is no moment at which a
crash of either side leaves the agent without one.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from central_registry.agents.enrolment import digest_of, may_be_agent, refuse_lost, require_its_own, secret_in
from central_registry.agents.fleet import theirs
from central_registry.alarms import AlarmKind, Note, raise_alarm
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError

ROTATE_AFTER = timedelta(days=90)

_ON_ITS_WAY = timedelta(minutes=2)
"""A question for news is held open for 25 s, and the body of a batch takes a minute at most."""

_NOTED = timedelta(minutes=10)
"""A copy that knocks each second costs no write each second."""


def is_due(agent: Mapping[str, Any], at: datetime) -> bool:
    """Whether an agent in contact should ask for its next secret; not while two machines have the one it has."""
    if agent["cloned_at"] is not None or agent["lost_at"] is not None or agent["enrolled_at"] is None:
        return False
    made_at = agent["secret_at"] or agent["enrolled_at"]
    return agent["rotate_asked_at"] is not None or at - made_at >= ROTATE_AFTER


async def next_secret(pool: Pool, agent: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """`{secret}` for an agent that has shown the one it has; asked again, one that was never shown is another's place.

    Raises:
        ProblemError: 409 for a revoked one, and while two machines show the same secret: a person decides first.
    """
    refuse_lost(agent, "secret")
    if agent["cloned_at"] is not None:
        raise ProblemError(
            "refused",
            f"两台电脑用同一身份，平台裁定后再换密钥 · agent {agent['agent']}: expected one machine, got two of one "
            "identity; a person decides first",
        )
    secret = secrets.token_urlsafe(32)
    digest = digest_of(secret)

    async def work(connection: Connection) -> None:
        await sql.put_next_secret(connection, agent=agent["agent"], secret_hash=digest, at=at)

    await in_transaction(pool, work)
    return {"secret": secret}


async def prove(pool: Pool, agent: str, header: str, at: datetime) -> dict[str, str]:
    """`{agent}` for `Bearer` and the agent's next secret, which is its only one from now on; or the one it has.

    Raises:
        ProblemError: 401 for another; 409 for a revoked agent, whose next secret is none.
    """
    row = await sql.agent(pool, agent=agent) if may_be_agent(agent) else None
    shown = digest_of(secret_in(header))
    if row is not None and hmac.compare_digest(row["next_secret_hash"] or bytes(32), shown):
        refuse_lost(row, "secret")
        await sql.use_next_secret(pool, agent=agent, secret_hash=shown, at=at)
        row = await sql.agent(pool, agent=agent)
    return {"agent": require_its_own(row, header)["agent"]}


async def note_refused(pool: Pool, agent: str, header: str, address: str, at: datetime) -> None:
    """Raise one alarm, and count it up, if what was refused is the secret that `agent` had before: the machine that
    proved the next one had it on its disk, so another disk has it too. An honest agent may show it once, in what was on
    its way while it changed, or after a crash in that moment: before its new one has been at work."""
    if not may_be_agent(agent):
        return
    shown = digest_of(secret_in(header))
    within = {"since": at - _ON_ITS_WAY, "noted_before": at - _NOTED}

    async def work(connection: Connection) -> None:
        row = await sql.note_old_secret(connection, agent=agent, shown=shown, at=at, **within)
        if row is not None:
            detail = (
                f"agent {agent}: its secret of before {row['proven_at']:%Y-%m-%d %H:%M} UTC was shown at "
                f"{at:%Y-%m-%d %H:%M} UTC from {address or 'this computer'}; the machine that has the new one "
                f"(fingerprint {row['fingerprint']}) was heard at {row['heard_at']:%Y-%m-%d %H:%M} UTC from "
                f"{row['address'] or 'nobody knows where'}; the other's fingerprint is not known, since nothing that "
                "it says is read; find the second disk, or give the agent a token"
            )
            about = f"{agent} {shown.hex()[:16]}"
            await raise_alarm(connection, agent, Note(AlarmKind.OLD_SECRET_SHOWN, about, detail), at)

    await in_transaction(pool, work)


async def ask_rotation(pool: Pool, actor: Actor, agent: str, at: datetime) -> dict[str, Any]:
    """Have an agent change its secret at its next contact: `{agent, asked_at}`.

    Raises:
        ProblemError: 403; 404; 409 for one that is revoked, never enrolled, or is two machines: it needs a token.
    """

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        row = await theirs(connection, actor, agent)
        if row["enrolled_at"] is None or row["lost_at"] is not None or row["cloned_at"] is not None:
            raise ProblemError(
                "refused",
                f"这台打印端要用新口令重新登记 · agent {agent}: expected one that is enrolled and goes on, got one "
                "that is new, revoked or two of one identity; give it a token",
            )
        await sql.ask_rotation(connection, agent=agent, at=at)
        done = {"agent": agent, "asked_at": at}
        return done, Entry(Act.ROTATE_AGENT, agent, "new secret at its next contact", row["owner"])

    return await acting(pool, actor, Act.ROTATE_AGENT, work, at)
