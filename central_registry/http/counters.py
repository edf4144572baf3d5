"""Counts what the registry does, for whoever watches it: one set of counters for each application."""

from __future__ import annotations

import collections
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge

_TOLD = ("shown", "refused")
"""What a process of its own tells its parent."""


class Counters:
    """Only counts and names of kinds: no serial, no address, no person."""

    def __init__(self) -> None:
        self.all = CollectorRegistry()
        self._since: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in _TOLD}
        self._batches = Counter("registry_batches", "Batches taken in", registry=self.all)
        self._serials = Counter("registry_serials", "Serials told, by class", ["kind"], registry=self.all)
        self._scans = Counter("registry_scans", "Scan pages shown, by what they say", ["status"], registry=self.all)
        self._refusals = Counter("registry_refusals", "Requests refused, by kind", ["kind"], registry=self.all)
        self.pools = Gauge("registry_pool_connections", "Connections", ["pool", "state"], registry=self.all)
        self.waits_s = Gauge("registry_pool_wait_seconds", "Wait for a connection, now", ["pool"], registry=self.all)
        self.alarms = Gauge("registry_alarms_open", "Alarms nobody closed", ["kind"], registry=self.all)
        self.silent_s = Gauge("registry_agent_silent_seconds", "Since its last word", ["agent"], registry=self.all)

    def taken(self, receipt: Mapping[str, Any]) -> None:
        """A batch was taken in; `receipt` says of how many serials, by class."""
        self._batches.inc()
        for kind, count in receipt["classified"].items():
            self._serials.labels(kind).inc(count)

    def shown(self, status: str, pages: int = 1) -> None:
        """A scan page was answered with."""
        self._scans.labels(status).inc(pages)
        self._since["shown"][status] += pages

    def refused(self, kind: str, answers: int = 1) -> None:
        """A problem document left."""
        self._refusals.labels(kind).inc(answers)
        self._since["refused"][kind] += answers

    def take(self) -> dict[str, dict[str, int]]:
        """What was shown and refused since it was asked last; empty if nothing was."""
        found = {name: dict(counted) for name, counted in self._since.items() if counted}
        self._since = {name: collections.Counter() for name in self._since}
        return found
