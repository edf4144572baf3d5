"""What leads said of the site's own templates and rows of the rules. Kept in the order in which it was said."""

from __future__ import annotations

from edge_agent.ledger.queries import Reading
from edge_agent.model import names
from edge_agent.model.review import Review, Reviewable
from label_protocol.events import EventType, Reviewed
from label_protocol.kinds import ReviewVerdict


class Reviews(Reading):
    """Who approved what, and who did not."""

    def reviews(self) -> tuple[Review, ...]:
        """All of them, the oldest first."""
        return tuple(
            Review(Reviewable(kind, name, sha256), ReviewVerdict(verdict), *who_and_why)
            for kind, name, sha256, verdict, *who_and_why in self._all("reviews")
        )

    def review(self, one: Reviewable, verdict: ReviewVerdict, operator: str, reason: str) -> None:
        """Records a person's word on a file. Raises InputError: no name, or a rejection without a reason."""
        operator = names.person(operator, "review: operator")
        if reason or verdict is ReviewVerdict.REJECTED:
            reason = names.reason(reason, "review: reason")
        names.reason(one.name, "review: name of the file")
        with self._commit(EventType.REVIEWED) as log:
            log.append(
                Reviewed(
                    type=EventType.REVIEWED,
                    kind=one.kind,
                    name=one.name,
                    sha256=one.sha256,
                    verdict=verdict.value,
                    reason=reason,
                    operator=operator,
                )
            )
