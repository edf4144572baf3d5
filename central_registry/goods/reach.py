"""Says for whose goods somebody may work: a firm for its own, an association for the firms it admitted and for what was
here before firms, a lab and an inspector for the firms of their associations. The operator works for nobody."""

from __future__ import annotations

from central_registry.db import Connection, sql
from central_registry.parties.actor import Actor, PartyKind
from central_registry.problems import ProblemError


async def require_seen(connection: Connection, actor: Actor, firm: str) -> None:
    """Raises ProblemError (404): the same words for another's firm and for none at all."""
    if not await sql.reaches_firm(connection, party=actor.party, kind=actor.kind.value, firm=firm, today=False):
        raise unknown("企业 · firm", firm)


async def require_works_for(connection: Connection, actor: Actor, firm: str) -> None:
    """As `require_seen`, for changes: a membership that ended counts no more, and a lab's own party is no firm."""
    own = actor.kind in {PartyKind.LAB, PartyKind.INSPECTOR, PartyKind.ASSOCIATION} and firm == actor.party
    reaches = await sql.reaches_firm(connection, party=actor.party, kind=actor.kind.value, firm=firm, today=True)
    if own or not reaches:
        raise unknown("企业 · firm", firm)


async def association_of(connection: Connection, actor: Actor, firm: str) -> str:
    """Which association decides about a firm's goods: the actor's own, else the one that both belong to for longest.

    Raises:
        ProblemError: 409; the firm belongs to none.
    """
    if actor.kind is PartyKind.ASSOCIATION:
        return actor.party
    found = await sql.association_between(connection, firm=firm, party=actor.party)
    if found is None:
        raise ProblemError(
            "refused", f"企业不属于您的协会 · firm {firm[:40]}: expected one of your association, got none"
        )
    return str(found)


def unknown(what: str, name: str) -> ProblemError:
    """The answer about what is another's, or does not exist."""
    return ProblemError(
        "not-found", f"没有 {what} {name[:60]!r}: expected one of yours, got an unknown one; see the list"
    )
