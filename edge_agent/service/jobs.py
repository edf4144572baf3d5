"""Jobs: labels with a serial each, ordered once per key, followed, paused, resumed and cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from edge_agent.access.asking import Who, stated_in
from edge_agent.access.roles import Action
from edge_agent.errors import NotFoundError
from edge_agent.labels.check_code_key import require_check_code_key
from edge_agent.labels.plans_ahead import as_recorded
from edge_agent.labels.prepare import Prepared, require_unblocked
from edge_agent.labels.smallest import plan_or_offer, prepare_label
from edge_agent.ledger import Ledger
from edge_agent.messages.job import CANCELLED, OPERATOR_PAUSED, STARTED
from edge_agent.model.actor import Actor
from edge_agent.model.job import Job, JobState
from edge_agent.render.plan import LabelPlan
from edge_agent.service import job_log
from edge_agent.service.allotted import drawn_on_of, goods_of
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.parts import AgentParts
from edge_agent.service.requests import JobBody, request_hash
from edge_agent.service.standing import as_it_stands
from label_protocol.details import WorkOrderPlace


class JobService:
    """Opens jobs, and answers for them."""

    def __init__(self, parts: AgentParts, catalogue: CatalogueService) -> None:
        self._parts = parts
        self._catalogue = catalogue

    async def submit(self, body: Mapping[str, Any], key: str, who: Who = "") -> Job:
        """Open a job, or return the one that the same key and body opened before.

        Body: as `JobBody`, and still as it came, because the key is held to all of it; `who` is what else shows who
        orders.

        Raises:
            RecordError, TemplateError, RenderError, NotFoundError: the body does not describe a label that fits.
            FindingsError: a rule blocks it.
            ConflictError: its template has a check code, and there is no key for it; it is a draft.
            FirmNeededError: several firms have its lot or style, and the body names none of them.
            CertificateError: its lot's certificate was exchanged in this moment.
            IdempotencyError: the key was used with another body.
        """
        known = await self.known(body, key)
        if known is not None:
            return known  # whatever has changed since: the answer to the same request is the same job
        wanted = JobBody.read(body)
        actor = await self._parts.people.actor(stated_in(who, wanted.operator), Action.ORDER, "job")
        return await self._open(wanted, key, request_hash(body), actor)

    async def submit_part(self, body: Mapping[str, Any], key: str, actor: Actor, work_order: WorkOrderPlace) -> Job:
        """As `submit`, of a part of a work order that `actor` was found to be let print; nobody outside may claim to
        print one."""
        known = await self.known(body, key)
        return known or await self._open(JobBody.read(body), key, request_hash(body), actor, work_order)

    async def _open(
        self, wanted: JobBody, key: str, body_hash: str, actor: Actor, work_order: WorkOrderPlace | None = None
    ) -> Job:
        parts, scan_every = self._parts, wanted.sampled(self._parts.scan_every)
        resolutions = {view.dpi for view in parts.printers.targets(wanted.printer)}
        record = await asyncio.to_thread(self._catalogue.record_of, wanted)
        drawn_on = await parts.ledger.do(drawn_on_of, goods_of(record, wanted.firm))
        terms = replace(await parts.label_terms(), check_code_key=await parts.check_code_key())
        terms = replace(terms, certified=drawn_on.certified)
        prepared = await asyncio.to_thread(prepare_label, record, wanted.template, terms, sorted(resolutions))
        # refuse now what could not be printed later: a draft, a rule, a text that does not fit, a QR too fine, no key
        require_check_code_key(prepared.require_approved())
        prepared = as_recorded(prepared)
        for dpi in resolutions:
            parts.plans_ahead.keep(prepared, await asyncio.to_thread(_require_printable, prepared, dpi))
        made = partial(wanted.order, prepared, key, body_hash, actor.operator, work_order)
        order = made(quota_key=drawn_on.quota_key, scan_every=scan_every)
        job = await parts.ledger.do_as(actor, Ledger.open_job, order)
        job_log.opened(job)
        parts.changes.tell()
        return job

    async def known(self, body: Mapping[str, Any], key: str) -> Job | None:
        """The job that this key and body opened; None: none. Raises IdempotencyError: the key opened another."""
        return await self._parts.ledger.do(Ledger.known_job, key, request_hash(body))

    async def some(self, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """Jobs by their numbers, in one turn at the ledger; numbers that it does not know are left out."""
        return await self._parts.ledger.do(_jobs_of, job_ids)

    async def find(self, job_id: str) -> Job:
        """One job. Raises NotFoundError."""
        return as_it_stands(await self._parts.ledger.do(Ledger.job, job_id), await self._parts.disk())

    async def recent(self, limit: int = 100, after: str = "") -> Sequence[Job]:
        """The newest jobs, newest first; those older than the job `after`. Raises NotFoundError: no such job."""
        return await self._as_they_stand(await self._parts.ledger.do(Ledger.recent_jobs, limit, after))

    async def open(self) -> Sequence[Job]:
        """Every job that is not over, oldest first."""
        return await self._as_they_stand(await self._parts.ledger.do(Ledger.open_jobs))

    async def all(self) -> Sequence[Job]:
        """All jobs there ever were, oldest first, in one query: for counting."""
        return await self._as_they_stand(await self._parts.ledger.do(Ledger.jobs))

    async def _as_they_stand(self, jobs: Sequence[Job]) -> Sequence[Job]:
        disk = await self._parts.disk()
        return tuple(as_it_stands(job, disk) for job in jobs)

    async def follow(self, job_id: str, *, timeout_s: float = 15.0) -> AsyncIterator[Job]:
        """The job now, and again each time it changes, until it is done or cancelled. Raises NotFoundError."""
        last: Job | None = None
        while True:
            heard = self._parts.changes.count
            job = await self.find(job_id)
            if job != last:
                yield job
            if job.state in (JobState.DONE, JobState.CANCELLED):
                return
            last = job
            await self._parts.changes.wait(heard, timeout_s)

    async def pause(self, job_id: str, operator: Who) -> Job:
        """Stop after the window in hand. Raises NotFoundError, StateError; RecordError: who may not act."""
        return await self._move(job_id, JobState.PAUSED, str(OPERATOR_PAUSED), operator)

    async def resume(self, job_id: str, operator: Who) -> Job:
        """Go on with serials that were never issued. Raises as `pause`."""
        return await self._move(job_id, JobState.RUNNING, str(STARTED), operator)

    async def cancel(self, job_id: str, operator: Who) -> Job:
        """Issue no more serials for this job; what was issued keeps its state. Raises as `pause`."""
        return await self._move(job_id, JobState.CANCELLED, str(CANCELLED), operator)

    async def cancel_for(self, job_id: str, actor: Actor) -> Job:
        """As `cancel`, of somebody who was found to be let. Raises NotFoundError, StateError."""
        return await self._moved(job_id, JobState.CANCELLED, str(CANCELLED), actor)

    async def _move(self, job_id: str, state: JobState, reason: str, operator: Who) -> Job:
        actor = await self._parts.people.actor(operator, Action.ORDER, f"job {job_id}")
        return await self._moved(job_id, state, reason, actor)

    async def _moved(self, job_id: str, state: JobState, reason: str, actor: Actor) -> Job:
        job = await self._parts.ledger.do_as(actor, Ledger.move_job, job_id, state, reason, actor.operator)
        job_log.moved(job)
        self._parts.changes.tell()
        return job


def _jobs_of(ledger: Ledger, job_ids: Sequence[str]) -> dict[str, Job]:
    found = {}
    for job_id in job_ids:
        with contextlib.suppress(NotFoundError):  # a restored ledger may be older than the book of work orders
            found[job_id] = ledger.job(job_id)
    return found


def _require_printable(prepared: Prepared, dpi: int) -> LabelPlan:
    return require_unblocked(plan_or_offer(prepared, dpi), prepared.context)
