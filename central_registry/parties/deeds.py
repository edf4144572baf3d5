"""Keeps what commands do that know no people themselves: who did it, whether they might, and that it was refused.

Commands of before there were people do their work in transactions of their own. The row of the audit comes first, in
its own transaction: what was done without a trace is worse than a trace of what failed, which gets a second row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from central_registry.db import Connection, Pool, sql
from central_registry.parties.actor import UNASSIGNED, Actor, PartyKind
from central_registry.parties.acts import TABLE, Act, require_second
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting
from central_registry.problems import ProblemError


@dataclass(frozen=True, slots=True)
class Deed:
    """What a command does: `about` and `detail` for the audit; `key` or `agent`, '' for none, says whose it is."""

    act: Act
    about: str
    detail: str = ""
    key: str = ""
    agent: str = ""


async def begin_deed(pool: Pool, actor: Actor, deed: Deed, at: datetime) -> None:
    """Keep that `actor` does it.

    Raises:
        ProblemError: 403 if they may not, or if two people are needed; 404 for another's lot or agent.
    """

    async def work(connection: Connection) -> tuple[None, Entry]:
        concerns = await _whose(connection, deed)
        await _require_own(connection, actor, concerns)
        four_eyes = _alone(actor, deed.act)
        return None, Entry(deed.act, deed.about, f"命令 command {deed.detail}".strip(), concerns, four_eyes)

    await acting(pool, actor, deed.act, work, at)


async def refuse_deed(pool: Pool, actor: Actor, deed: Deed, refusal: str, at: datetime) -> None:
    """Keep that nothing came of it."""

    async def work(connection: Connection) -> tuple[None, Entry]:
        return None, Entry(f"{deed.act}_refused", deed.about, refusal, await _whose(connection, deed))

    await acting(pool, actor, deed.act, work, at)


def _alone(actor: Actor, act: Act) -> str:
    """A command asks and decides at once: where two are needed it is refused, but in an association of one."""
    try:
        return require_second(actor, act, actor.person)
    except ProblemError as cause:
        raise ProblemError(
            "forbidden",
            f"“{TABLE[act].zh}”要两个人，请在控制台申请，由另一人批准 · {TABLE[act].en}: expected two people, got a "
            "command of one; ask for it on the console, where another person decides",
        ) from cause


async def _whose(connection: Connection, deed: Deed) -> str:
    if deed.key:
        return str(await sql.firm_of_key(connection, quota_key=deed.key) or UNASSIGNED)
    if deed.agent:
        return str(await sql.owner_of_agent(connection, agent=deed.agent) or "")
    return ""


async def _require_own(connection: Connection, actor: Actor, party: str) -> None:
    """What belongs to nobody yet may be taken up by any association."""
    unclaimed = party in ("", UNASSIGNED) and actor.kind is not PartyKind.FIRM
    if unclaimed or party in ("", actor.party):
        return
    if not await sql.is_member(connection, association=actor.party, party=party):
        raise ProblemError("not-found", f"不属于本单位 · {party}: expected yours, got another's; correct the name")
