"""What a site's own files may be used, by what leads said of them. Pure.

A file is known by its name and the SHA-256 of its bytes: one that was changed is another, and a draft again. Of the
versions of one name the last that was approved is in force. An earlier one is approved no more, also if somebody puts
it back: jobs that were opened with it keep it (`from_snapshot.py`), new ones need a word of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from edge_agent.model.review import ApprovalMode, Review
from label_protocol.details import Approval
from label_protocol.kinds import ReviewKind, ReviewVerdict

RULES = "rules"
"""The name of the site's rows of the rules: there is one such file."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A version that was approved, and everybody whose word it took, in the order in which they gave it."""

    sha256: str
    by: tuple[Review, ...]

    def recorded(self) -> Approval:
        """As a snapshot keeps it."""
        return {
            "sha256": self.sha256,
            "by": [{"who": one.by, "known_by": one.known_by, "at": one.at} for one in self.by],
        }


@dataclass(slots=True)
class Standing:
    """How the versions of one name stand, each by its SHA-256: `approved` in the order of their approvals, `words` of
    those that wait for more, `rejected` with the last word."""

    approved: dict[str, Approved] = field(default_factory=dict)
    words: dict[str, tuple[Review, ...]] = field(default_factory=dict)
    rejected: dict[str, Review] = field(default_factory=dict)

    @property
    def in_force(self) -> Approved | None:
        """The version that new labels are made with; None: none was approved, or each was rejected since."""
        return next(reversed(self.approved.values()), None)

    def add(self, one: Review, mode: ApprovalMode) -> None:
        """One more word; a person's second word on the same version adds nothing to the first."""
        sha256 = one.of.sha256
        if one.verdict is ReviewVerdict.REJECTED:
            self.approved.pop(sha256, None)
            self.words.pop(sha256, None)
            self.rejected[sha256] = one
            return
        words = self.words.get(sha256, ())
        if not mode.counts(one.known_by) or one.by in [word.by for word in words]:
            return
        self.rejected.pop(sha256, None)
        self.words[sha256] = (*words, one)
        if len(self.words[sha256]) >= mode.needed:
            self.approved.pop(sha256, None)  # it was in force before another was: now it is the last
            self.approved[sha256] = Approved(sha256, self.words.pop(sha256))


Name = tuple[str, str]
"""Kind and name."""


def standings(reviews: Iterable[Review], mode: ApprovalMode) -> dict[Name, Standing]:
    """How everything stands that anybody said a word of, by kind and name; `reviews` in the order of their events."""
    found: dict[Name, Standing] = {}
    for one in reviews:
        found.setdefault((one.of.kind, one.of.name), Standing()).add(one, mode)
    return found


@dataclass(frozen=True, slots=True)
class InForce:
    """What labels may be made with at a site where leads approve: templates by name, and the rows of the rules."""

    templates: Mapping[str, Approved] = field(default_factory=dict)
    overrides: Approved | None = None

    def of_template(self, name: str, sha256: str) -> Approved | None:
        """The approval of this very version; None: it is a draft, or an older one."""
        found = self.templates.get(plain_name(name))
        return found if found is not None and found.sha256 == sha256 else None


def of_draft(name: str) -> str:
    """The refusal of a template that nobody approved."""
    return (
        f"模板 {name} 还是草稿（改过，或还没批准），不能打：请班长在“设置”的“审批”里批准 · template {name}: expected "
        "the version that a lead approved, got a draft; approve it on the page Settings, Approvals, or by: "
        f"edge-agent template approve {name} --log-in"
    )


def in_force(reviews: Sequence[Review], mode: ApprovalMode) -> InForce:
    """What is approved by all that was said so far."""
    found = {name: one.in_force for name, one in standings(reviews, mode).items()}
    approved = {name: one for name, one in found.items() if one is not None}
    return InForce(
        {name: one for (kind, name), one in approved.items() if kind == ReviewKind.TEMPLATE},
        approved.get((ReviewKind.OVERRIDES, RULES)),
    )


def plain_name(stem: str) -> str:
    """A file's name as events hold it; some systems take it apart (NFD)."""
    return normalize("NFC", stem)
