"""Says for whom somebody may work: an association for the firms it admitted, a firm for itself."""

from __future__ import annotations

from central_registry.db import Connection, sql
from central_registry.parties.actor import Actor, PartyKind
from central_registry.problems import ProblemError


async def vouches(connection: Connection, actor: Actor, firm: str) -> bool:
    """Whether this person's association admitted that firm."""
    found = [row["association"] async for row in sql.associations_of(connection, party=firm)]
    return actor.kind is PartyKind.ASSOCIATION and actor.party in found


async def require_vouched(connection: Connection, actor: Actor, firm: str) -> None:
    """Raises ProblemError (404): the same words for another association's firm and for none at all."""
    if not await vouches(connection, actor, firm):
        raise unseen("企业 · firm", firm)


async def require_works_for(connection: Connection, actor: Actor, firm: str) -> None:
    """Raises ProblemError (404) unless it is this person's own firm, or one that their association admitted."""
    if not (actor.kind is PartyKind.FIRM and actor.party == firm):
        await require_vouched(connection, actor, firm)


async def associations_seen(connection: Connection, actor: Actor) -> list[str]:
    """Whose rows an inspector sees: of the associations it belongs to."""
    if actor.kind is not PartyKind.INSPECTOR:
        return []
    return [row["association"] async for row in sql.associations_of(connection, party=actor.party)]


def unseen(what: str, name: str) -> ProblemError:
    """The answer about what is another's, or does not exist."""
    return ProblemError("not-found", f"{what} {name[:60]}: expected one of yours, got an unknown one; see the list")
