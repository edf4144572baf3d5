"""Whether somebody who is known may do something, and what is recorded of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.access.roles import PROGRAM, ROLES, TABLE, Action, Role, Scope, lead_may_allow, may, program_may
from edge_agent.errors import LeadNeededError, RoleError
from edge_agent.messages import access as words
from edge_agent.model.actor import Actor, Known


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody of this site: `id` is a person's or a program's. A person who logged in has a `role`, a program has
    `scopes`; a command that names a person has both, and may only what both let it. `lead`: the id of the lead who has
    just allowed this one act, if any."""

    id: str
    known: Known
    role: Role | None = None
    scopes: frozenset[Scope] | None = None
    lead: str = ""


def decide(who: Identity, action: Action, what: str) -> Actor:
    """Who is recorded as having done it.

    Raises:
        LeadNeededError: a person who is logged in may not, and a lead could allow it on the spot.
        RoleError: whoever asks may not, or a program's token does not cover it.
    """
    if who.scopes is not None and not program_may(who.scopes, action):
        raise RoleError(words.not_this_role(what, TABLE[action].words, PROGRAM))
    if who.role is None or may(who.role, action):
        return Actor(who.id, who.known)
    if who.lead and lead_may_allow(action):
        return Actor(who.id, who.known, who.lead)
    if who.scopes is None and lead_may_allow(action):
        raise LeadNeededError(words.lead_needed(what, TABLE[action].words, ROLES[who.role]), action)
    raise RoleError(words.not_this_role(what, TABLE[action].words, ROLES[who.role]))
