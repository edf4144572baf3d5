"""Who this agent is, and what the registry fed it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from edge_agent.ledger.allotted.items import checked
from edge_agent.ledger.holds import append_release
from edge_agent.ledger.queries import Reading
from edge_agent.ledger.sql import Q
from edge_agent.ledger.values import DistributionCursor, Identity, SealedReceipt
from edge_agent.model import names
from label_protocol.chain import canonical
from label_protocol.digests import digest_of, digested
from label_protocol.errors import RecordError
from label_protocol.events import Enrolled, EventType, FeedReceived
from label_protocol.kinds import HoldKind

ISSUER_CHARACTERS = 3


class Enrolment(Reading):
    """Only the registry's feed allots."""

    def enrol(self, agent: str, issuer: str, epoch: str, registry: str) -> Identity:
        """Takes the identity an enrolment gave; another agent or issuer than before begins a new incarnation.

        An enrolment is the registry's word about this very computer, given for a token of its own: it ends the hold of
        a clone, and nothing else here does.

        Raises:
            RecordError: an issuer that is not three characters of ASCII letters and digits.
        """
        if len(issuer) != ISSUER_CHARACTERS or not (issuer.isascii() and issuer.isalnum()):
            raise RecordError(f"enrolment: expected an issuer of 3 letters or digits, got {issuer!r}; enrol again")
        new = Identity(names.reason(agent, "enrolment: agent"), issuer, epoch, registry)
        old = self.identity()
        cloned = any(kind == HoldKind.CLONED for kind, *_ in self._all("holds"))
        if new == old and not cloned:
            return new
        with self._commit(EventType.ENROLLED) as log:
            if old and (old.agent, old.issuer) != (new.agent, new.issuer):
                log.begin("reenrolled", self._fingerprint, self.head())
            log.append(
                Enrolled(type=EventType.ENROLLED, agent=new.agent, issuer=issuer, epoch=epoch, registry=registry)
            )
            if cloned:
                append_release(log, HoldKind.CLONED, "registry", "", "enrolled anew")
        return new

    def receive_distribution(
        self, cursor: str, epoch: str, items: Sequence[Mapping[str, Any]], *, digests: bool = False
    ) -> None:
        """Records what the registry fed; unknown kinds are kept and do nothing. The same cursor again is no event.
        `digests`: it takes lots, styles and certificates by their hash, and their bodies stand beside the event.

        Raises:
            RecordError: a known kind whose fields are not what `docs/ledger-format.md` says, or a float in it.
        """
        if not items and self.distribution_cursor() == DistributionCursor(cursor, epoch):
            return
        taken = [checked(item) for item in items]
        told = [digested(item) for item in taken] if digests else taken
        with self._commit(EventType.FEED_RECEIVED) as log:
            for item, one in zip(taken, told, strict=True):
                if name := digest_of(one):
                    self._db.execute(Q["add_fed_body"], (name, canonical(item)))
            log.append(FeedReceived(type=EventType.FEED_RECEIVED, cursor=cursor, epoch=epoch, items=told))

    def fed_bodies(self, names: Collection[str]) -> dict[str, bytes]:
        """The bodies of these hashes that are here, as canonical bytes."""
        rows = ((name, self._one("fed_body", name)) for name in names)
        return {name: bytes(row[0]) for name, row in rows if row is not None}

    def set_acked(self, incarnation: str, seq: int, receipt: SealedReceipt | None = None) -> None:
        """Remembers how far the registry acknowledged; not an event, and may go back with a restored registry. A sealed
        receipt never goes back: the highest one is what shows that the registry lost events."""
        with self._commit("acked"):
            self._db.execute(Q["set_acked"], (incarnation, seq))
            if receipt is not None:
                facts = (receipt.incarnation, receipt.seq, receipt.hash, receipt.seal)
                self._db.execute(Q["keep_receipt"], facts)
