"""What leads say of a site's own files, and how many have to say it. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.model.actor import Known
from label_protocol.kinds import ReviewVerdict


class ApprovalMode(StrEnum):
    """Whose word a site's own templates and rule overrides wait for: nobody's, one lead's, or that of two."""

    OFF = "off"
    ONE = "one"
    FOUR_EYES = "four_eyes"

    @property
    def needed(self) -> int:
        """How many different people have to approve."""
        return {ApprovalMode.OFF: 0, ApprovalMode.ONE: 1, ApprovalMode.FOUR_EYES: 2}[self]

    def counts(self, known_by: str) -> bool:
        """Whether a word that is known so counts: one person types two names as easily as one, so of two people both
        have to have shown a badge."""
        return self is not ApprovalMode.FOUR_EYES or known_by in (Known.BADGE, Known.BADGE_PIN)


class FormState(StrEnum):
    """How a file stands as it lies now. `HALF`: one of two has approved; `OLDER`: it was approved, and another version
    after it."""

    DRAFT = "draft"
    HALF = "half"
    APPROVED = "approved"
    OLDER = "older"
    REJECTED = "rejected"
    FLAWED = "flawed"


@dataclass(frozen=True, slots=True)
class Reviewable:
    """A file of the site: `kind` is a `ReviewKind`, or one that a newer agent knows; `name` is without its ending,
    `sha256` that of its bytes in 64 hex digits."""

    kind: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Review:
    """One word on one file; fields as in the event. `at` is UTC."""

    of: Reviewable
    verdict: ReviewVerdict
    operator: str
    known_by: str
    allowed_by: str
    reason: str
    at: str

    @property
    def by(self) -> str:
        """Whose word it is: of an operator who was let, the lead's who let them."""
        return self.allowed_by or self.operator
