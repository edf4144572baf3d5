"""What stands now: asked of the agent's service as the page asks it, so that a message says no more than the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from edge_agent.ledger import Ledger
from edge_agent.messages import alert
from edge_agent.messages.job import SCAN_WINDOW
from edge_agent.messages.text import Words
from edge_agent.model.job import Job
from edge_agent.ops.alerts.cause import Cause
from edge_agent.ops.doctor.site import FREE_MB_LEAST
from edge_agent.service.agent_service import AgentService
from edge_agent.service.printers import Printer, Printers
from label_protocol.kinds import HoldKind

HEARD = ("starting", "online")
"""States of the sync in which the registry is told; in every other it is lost."""


class Backups(Protocol):
    """What is asked of who makes backup sets: `trouble`, why the last was not made; `free_mb` of their disk."""

    trouble: str
    free_mb: int | None


@dataclass(frozen=True, slots=True)
class Looks:
    """What is looked at. `backups`: who makes the sets, None where none are made."""

    service: AgentService
    backups: Backups | None

    async def causes(self) -> tuple[Cause, ...]:
        """All that stands now but certificates, which are asked for elsewhere and seldom. Raises LedgerError."""
        printers, ledger = await self.service.printers.all(), self.service.parts.ledger
        waiting = await ledger.do(Ledger.next_jobs, _targets(printers))
        names = {one.printer_id: one.name for one in printers.printers}
        return (
            *_printers(printers, waiting),
            *await self._doubts(names),
            *[cause for job in _by_quota(waiting).values() for cause in await self._quota(job)],
            *await self._disks(),
            *await self._holds(),
            *self._registry(),
            *[Cause("lease_ending", one.quota_key, one.words) for one in await self.service.site.leases()],
            *_backup(self.backups.trouble if self.backups else ""),
        )

    async def _doubts(self, names: Mapping[str, str]) -> list[Cause]:
        """Not those of a printer that proves nothing by itself: each of its windows waits for a scan, and that is its
        day's work."""
        doubts = await self.service.labels.doubts()
        jobs = {one: await self.service.jobs.find(one) for one in {window.job_id for window, _ in doubts}}
        labels: Counter[str] = Counter()
        for window, doubted in doubts:
            if jobs[window.job_id].reason != str(SCAN_WINDOW):
                labels[window.printer] += len(doubted)
        return [Cause("doubt", one, alert.in_doubt(names.get(one, one), number)) for one, number in labels.items()]

    async def _quota(self, jobs: list[Job]) -> list[Cause]:
        key, left = jobs[0].quota_key, sum(job.left for job in jobs)
        quota = await self.service.parts.ledger.do(Ledger.quota, key)
        if quota.blocked or quota.free >= left:
            return []
        called = await self.service.parts.ledger.do(Ledger.called, key)
        return [Cause("quota_low", key, alert.quota_low(called, left, quota.free))]

    async def _holds(self) -> list[Cause]:
        """Why nothing may be issued, in the words of the page; a full disk is told of as a disk."""
        held = await self.service.site.holds()
        told = [(str(one["kind"]), str(one["words"]).partition(" · ")) for one in held]
        return [Cause("issuing_held", kind, Words(zh, en)) for kind, (zh, _, en) in told if kind != HoldKind.DISK_FULL]

    async def _disks(self) -> list[Cause]:
        free = {alert.LEDGER_DISK: (await self.service.site.disk()).free_bytes // 1_000_000}
        if self.backups is not None and self.backups.free_mb is not None:
            free[alert.BACKUP_DISK] = self.backups.free_mb
        return [
            Cause("disk_low", what.en, alert.disk_low(what, left))
            for what, left in free.items()
            if left < FREE_MB_LEAST
        ]

    def _registry(self) -> Iterator[Cause]:
        view = self.service.site.sync_view()
        if view is not None and view.state not in HEARD:
            yield Cause("registry_lost", "registry", Words(view.words_zh, view.words_en))


def _printers(printers: Printers, waiting: tuple[Job, ...]) -> Iterator[Cause]:
    """Printers that cannot print though a job waits for them: one that is switched off for the night calls nobody."""
    wanted = {job.printer for job in waiting}
    groups = {one.group_id: one.printers for one in printers.groups}
    needed = wanted.union(*(members for group, members in groups.items() if group in wanted))
    for one in printers.printers:
        if not one.ready and one.printer_id in needed:
            yield Cause("printer_fault", one.printer_id, _words(one))


def _words(printer: Printer) -> Words:
    return alert.printer_stands(printer.name, printer.words)


def _targets(printers: Printers) -> list[str]:
    return [*(one.printer_id for one in printers.printers), *(one.group_id for one in printers.groups)]


def _by_quota(jobs: tuple[Job, ...]) -> dict[str, list[Job]]:
    found: dict[str, list[Job]] = {}
    for job in jobs:
        found.setdefault(job.quota_key, []).append(job)
    return found


def _backup(trouble: str) -> Iterator[Cause]:
    if trouble:
        yield Cause("backup_failed", "backup", alert.backup_failed(trouble))
