"""Says what each role of a party may do, from the table of acts: nobody is given more than was read. Pure."""

from __future__ import annotations

from central_registry.console.pieces.terms import ROLES
from central_registry.console.pieces.words import Words
from central_registry.parties.actor import PartyKind, Role
from central_registry.parties.acts import TABLE

_EVERY = frozenset(Role)


def what_each_may(kind: PartyKind, roles: frozenset[Role]) -> list[tuple[Words, str]]:
    """Each of these roles with its acts, but for those that everybody has."""
    return [(ROLES[role], _may(kind, role)) for role in Role if role in roles]


def _may(kind: PartyKind, role: Role) -> str:
    own = (rule.zh for rule in TABLE.values() if kind in rule.kinds and role in rule.roles and rule.roles != _EVERY)
    return "、".join(own) or "只看，不能改"
