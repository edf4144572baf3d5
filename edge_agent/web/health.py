"""What machines ask: alive, ready, and the numbers for Prometheus."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from edge_agent.model.disk import Disk
from edge_agent.model.job import Job, JobState
from edge_agent.web import views
from edge_agent.web.context import service
from label_protocol.errors import AgentError

LABEL_COUNTS = ("drawn", "printed", "in_doubt", "scrapped", "invalid")


class Metrics:
    """The agent's numbers. Of the requests they are kept as they come; of the rest, read when asked."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "edge_agent_http_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "edge_agent_http_request_seconds", "Time to answer, streams left out", ["route"], registry=self.registry
        )
        self.jobs = self._gauge("jobs", "Jobs by state", "state")
        self.labels = self._gauge("labels", "Labels of all jobs", "count")
        self.counter = self._gauge("printer_odometer_labels", "The printer's own label counter", "printer")
        self.busy = self._gauge("printer_busy", "1 while the printer has a job", "printer")
        self.ready = self._gauge("printer_ready", "1 while the printer could print", "printer")
        self.holds = self._gauge("holds", "1 while a reason not to issue is in force", "kind")
        self.alarms = self._gauge("alarms_open", "Open alarms", "kind")
        self.sync = self._gauge("sync", "Numbers of the sync", "field")
        self.disk = self._gauge("ledger_disk_bytes", "The ledger's disk; below reserve nothing is drawn", "what")
        self.refused = Gauge(
            "edge_agent_ledger_write_refused", "1 while the disk does not take a write", registry=self.registry
        )

    def _gauge(self, name: str, text: str, label: str) -> Gauge:
        return Gauge(f"edge_agent_{name}", text, [label], registry=self.registry)

    def set_jobs(self, jobs: Sequence[Job]) -> None:
        """Jobs by state, and their labels."""
        states = Tally(job.state for job in jobs)
        for state in JobState:
            self.jobs.labels(state.value).set(states[state])
        for name in LABEL_COUNTS:
            self.labels.labels(name).set(sum(getattr(job, name) for job in jobs))

    def set_disk(self, disk: Disk) -> None:
        """What is free, what must be, and whether the last write failed."""
        self.disk.labels("free").set(disk.free_bytes)
        self.disk.labels("reserve").set(disk.reserve_bytes)
        self.refused.set(disk.refused)

    def set_kinds(self, gauge: Gauge, kinds: Sequence[str]) -> None:
        """One number per kind; kinds that are gone are gone."""
        gauge.clear()
        for kind, number in Tally(kinds).items():
            gauge.labels(kind).set(number)


METRICS: web.AppKey[Metrics] = web.AppKey("metrics", Metrics)


@web.middleware
async def count_requests(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Counts answers by route, not by path: a serial in a label name would grow without end."""
    started = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "unknown"
    metrics = request.app[METRICS]
    metrics.requests.labels(request.method, route, str(response.status)).inc()
    if response.content_type != "text/event-stream":
        metrics.seconds.labels(route).observe(time.perf_counter() - started)
    return response


async def healthz(request: web.Request) -> dict[str, Any]:
    """The process answers; nothing else is looked at, so that a restart is only asked for when one helps."""
    return {"alive": True}


async def readyz(request: web.Request) -> web.Response:
    """Whether labels may be issued: the ledger answers and nothing holds it."""
    try:
        holds = [str(hold["words"]) for hold in await service(request).site.holds()]
    except AgentError as cause:
        holds = [str(cause)]
    return web.json_response({"ready": not holds, "because": holds}, status=503 if holds else 200)


async def metrics(request: web.Request) -> web.Response:
    """Prometheus text."""
    agent, numbers = service(request), request.app[METRICS]
    numbers.set_disk(await agent.site.disk())
    numbers.set_jobs(await agent.jobs.all())
    numbers.set_kinds(numbers.holds, [str(hold["kind"]) for hold in await agent.site.holds()])
    numbers.set_kinds(numbers.alarms, [str(alarm["kind"]) for alarm in await agent.site.alarms()])
    for printer in (await agent.printers.all()).printers:
        numbers.busy.labels(printer.printer_id).set(printer.job_id is not None)
        numbers.ready.labels(printer.printer_id).set(printer.ready)
        if printer.counter is not None:
            numbers.counter.labels(printer.printer_id).set(printer.counter)
    for name, value in views.sync_view(agent.site.sync_view()).items():
        if isinstance(value, (int, float)):
            numbers.sync.labels(name).set(value)
    return web.Response(body=generate_latest(numbers.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
