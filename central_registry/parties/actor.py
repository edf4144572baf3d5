"""Says who acts: a person of one party, with roles, and how that is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PartyKind(StrEnum):
    """What a party is to the platform."""

    OPERATOR = "operator"
    ASSOCIATION = "association"
    FIRM = "firm"
    LAB = "lab"
    INSPECTOR = "inspector"
    MARKETPLACE = "marketplace"
    SUPPLIER = "supplier"


class Role(StrEnum):
    """What a person is to their party."""

    OFFICER = "officer"
    APPROVER = "approver"
    LAB = "lab"
    INSPECTOR = "inspector"
    VIEWER = "viewer"
    IT = "it"


class PartyStatus(StrEnum):
    """How a party stands; `HONOURED` is 红, `BARRED` is 黑."""

    CANDIDATE = "candidate"
    ACTIVE = "active"
    HONOURED = "honoured"
    WATCHED = "watched"
    SUSPENDED = "suspended"
    BARRED = "barred"


MAY_ASK = frozenset({PartyStatus.ACTIVE, PartyStatus.HONOURED, PartyStatus.WATCHED})
"""A party that stands so may ask for codes and be given them."""

UNASSIGNED = "unassigned"
"""The firm that holds what was here before firms were."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work. `how`: 'password', 'password+totp', 'break-glass'; `four_eyes`: whether their association wants
    maker and approver to differ; `one_hand`: persons whose login may be in the same hand, since one gave the other a
    one-time word lately."""

    person: str
    party: str
    kind: PartyKind
    roles: frozenset[Role]
    how: str
    four_eyes: bool = True
    sandbox: bool = False
    one_hand: frozenset[str] = frozenset()
