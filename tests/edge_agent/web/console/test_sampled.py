"""A sampled scan at the console, on a real ledger: what is told of the right label, and of one of an earlier window."""

from __future__ import annotations

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from edge_agent.ledger import Ledger
from edge_agent.messages import job as job_words
from edge_agent.model.job import JobState, Window
from edge_agent.web.api import build_web
from tests.edge_agent.web.console.test_console import post
from tests.kits.ledger_kit import GTIN, a_job, printed
from tests.kits.service_kit import HOST, a_service


def stood(ledger: Ledger) -> tuple[str, Window, Window]:
    """A job that stands for its sample behind two windows."""
    job = a_job(ledger, scan_every=2)
    first, last = printed(ledger, job), printed(ledger, job)
    ledger.move_job(job.job_id, JobState.PAUSED, str(job_words.scan_sample("p1")))
    return job.job_id, first, last


def link(serial: str) -> str:
    return f"https://{HOST.upper()}/01/{GTIN}/10/L1/21/{serial}"


async def test_the_right_label_lets_it_on_and_one_of_before_is_refused_with_what_to_scan(tmp_path: Path) -> None:
    async with a_service(tmp_path) as service, TestClient(TestServer(build_web(service))) as client:
        job_id, first, last = await service.parts.ledger.do(stood)
        await post(client, "/console/who", operator="A01")
        _, page = await post(client, f"/console/jobs/{job_id}/resume")
        assert "先抽检：请扫描打印机 p1" in page
        _, page = await post(client, "/console/scan", text=link(first.serials[0]), back="/console/now")
        assert 'class="scan-told stop"' in page and "不是刚打好的那一批" in page
        assert (await service.jobs.find(job_id)).state is JobState.PAUSED
        _, page = await post(client, "/console/scan", text=link(last.serials[2]), back="/console/now")
        assert 'class="scan-told good"' in page and "抽检通过" in page
        assert (await service.jobs.find(job_id)).state is JobState.RUNNING
        rows = await service.parts.ledger.do(Ledger.life, last.serials[2])
        assert [(row.words.zh, row.operator, row.level) for row in rows][-1] == ("抽检，扫到了", "A01", "scan")
