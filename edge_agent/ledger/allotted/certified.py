"""Compares what labels say with the certificate of their lot, inside the transaction that orders or draws them.

The rules have said so before (C1), with the certificate of that moment; what is asked here is that of the feed's last
word. A pair of snapshot and certificate that agreed is not compared again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from edge_agent.errors import CertificateError
from edge_agent.ledger.allotted.agent_time import AgentTime
from edge_agent.ledger.allotted.terms import Terms
from edge_agent.ledger.values import Certificate
from edge_agent.messages import certificate as words
from garment.certificate import differences, fact_words
from label_protocol.chain import parse


class Certified(Terms, AgentTime):
    """The guards that ask for it."""

    def _require_certified(self, quota_key: str, snapshot_hash: str, snapshot: Mapping[str, Any] | None = None) -> None:
        """Raises CertificateError: withdrawn, not in force on this day, or not what the labels say."""
        found = self.certificate(quota_key)
        if found is None:
            return
        _require_in_force(found, self.agent_time())
        pair = (snapshot_hash, found.sha256)
        if pair in self._agreed:
            return
        facts = snapshot if snapshot is not None else parse(self._one("snapshot", snapshot_hash)[0])
        if differing := differences(facts, found.facts):
            fact, label, certified = differing[0]
            raise CertificateError(words.differs(fact_words(fact), label, certified, len(differing), found.version))
        self._agreed.add(pair)


def _require_in_force(certificate: Certificate, at: str) -> None:
    """On the calendar of this place, as rules are."""
    if certificate.withdrawn:
        raise CertificateError(words.withdrawn(certificate.version, certificate.reason))
    day = datetime.fromisoformat(at).astimezone().date().isoformat()
    if day < certificate.valid_from or (certificate.valid_to is not None and certificate.valid_to < day):
        raise CertificateError(words.not_in_force(day, certificate.valid_from, certificate.valid_to))
