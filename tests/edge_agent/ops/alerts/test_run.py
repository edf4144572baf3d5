"""Alerts beside a running agent: told, told over, and no print waits for a robot that does not answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from edge_agent.config.alerts import AlertRow
from edge_agent.errors import SyncError
from edge_agent.messages.text import Words
from edge_agent.model.job import JobState
from edge_agent.ops.alerts import run
from edge_agent.ops.alerts.cause import Cause
from edge_agent.ops.alerts.run import Alerts, Robot
from tests.edge_agent.printing.test_fleet import shop

TOKEN = "T0KEN-of-the-robot"
CAUSE = Cause("backup_failed", "backup", Words("自动备份没做成", "a backup set was not made"))


class Site:
    """Alerts with a clock of their own; what is sent is kept, or refused."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.now = datetime(2026, 11, 30, 4, tzinfo=UTC)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.causes: Sequence[Cause] = ()
        self.seldom: Sequence[Cause] | Exception = ()
        self.seldom_looks = 0
        self.fails = False
        made = [AlertRow(**{"url": f"https://robot.example/{TOKEN}", **row}) for row in rows or ({},)]
        self.robots = [Robot(row, number, "示例", self.send) for number, row in enumerate(made, start=1)]
        self.alerts = Alerts(self.robots, self.look, self.look_seldom, seldom_s=3600, now=lambda: self.now)

    async def look(self) -> Sequence[Cause]:
        return self.causes

    async def look_seldom(self) -> Sequence[Cause]:
        self.seldom_looks += 1
        if isinstance(self.seldom, Exception):
            raise self.seldom
        return self.seldom

    async def send(self, row: AlertRow, url: str, body: bytes) -> None:
        if self.fails:
            raise SyncError("alert to robot.example: expected it to be taken, got status 503")
        self.sent.append((row.kind, json.loads(body)))

    async def turn(self, seconds: float = 60, *causes: Cause) -> list[str]:
        """Some seconds later, with these causes; the states that were sent."""
        self.now += timedelta(seconds=seconds)
        self.causes, before = causes, len(self.sent)
        await self.alerts.turn()
        for _ in range(5):
            await asyncio.sleep(0)
        return [one["state"] for _, told in self.sent[before:] for one in told.get("alerts", ())]


async def test_a_cause_is_told_and_told_over() -> None:
    site = Site()
    assert await site.turn(60, CAUSE) == ["stands"]
    assert await site.turn(60, CAUSE) == []
    assert await site.turn(60) == ["over"]


async def test_each_robot_has_its_own_form_and_its_own_wishes() -> None:
    site = Site({"kind": "wecom"}, {"kind": "dingtalk", "secret": "SEC1"}, {"events": ["doubt"]})
    await site.turn(60, CAUSE)
    assert [kind for kind, _ in site.sent] == ["wecom", "dingtalk"]
    assert all("自动备份没做成" in told["text"]["content"] for _, told in site.sent)


async def test_a_failure_is_logged_without_the_address_and_made_up_for() -> None:
    site = Site()
    site.fails = True
    with structlog.testing.capture_logs() as lines:
        await site.turn(60, CAUSE)
        site.fails = False
        assert await site.turn(10, CAUSE) == [], "with patience"
        assert await site.turn(60, CAUSE) == ["stands"]
    assert [line["event"] for line in lines] == ["alert_failed", "alert_sent"]
    assert lines[0]["robot"] == 1 and "status 503" in lines[0]["why"]
    assert TOKEN not in str(lines)


async def test_a_look_that_fails_is_told_once_and_done_again() -> None:
    site, good = Site(), None
    good, site.alerts._look = site.alerts._look, lambda: 1 / 0
    with structlog.testing.capture_logs() as lines:
        await site.turn()
        await site.turn()
        site.alerts._look = good
        assert await site.turn(60, CAUSE) == ["stands"]
    assert [line["event"] for line in lines] == ["alert_look_failed", "alert_sent"]


async def test_certificates_are_looked_at_seldom_and_what_was_found_stands_until_then() -> None:
    site = Site()
    site.seldom = [CAUSE]
    await site.turn()
    assert await site.turn() == ["stands"]
    for _ in range(30):
        assert await site.turn() == []
    assert site.seldom_looks == 1
    site.seldom = OSError("no network")
    await site.turn(3600)
    assert await site.turn() == [], "a look that failed says nothing"
    site.seldom = ()
    await site.turn(3600)
    assert await site.turn() == ["over"]


async def test_printing_goes_on_while_a_robot_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what it was sent is a message about the printer that stood."""
    monkeypatch.setattr(run, "LOOK_EVERY_S", 0.02)
    arrived, release, got = asyncio.Event(), asyncio.Event(), []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        arrived.set()
        await release.wait()
        return web.json_response({"errcode": 0})

    app = web.Application()
    app.router.add_post("/send", take)
    async with TestServer(app) as server:
        url = f"http://127.0.0.1:{server.port}/send?key={TOKEN}"
        row = {"url": url, "kind": "wecom", "private_addresses": True, "fault_after_s": 0}
        printers = {"p1": {"profile": "zpl-203", "virtual": {"faults": ("media-out",)}}}
        async with shop(tmp_path, printers, alerts=[row]) as here:
            job = await here.order("p1", 8)
            async with asyncio.timeout(20):
                await arrived.wait()
            here.printers["p1"].fix()
            assert (await here.until(job.job_id, JobState.DONE)).printed == 8
            release.set()
    assert "打印机 p1：缺纸，请装入标签纸" in got[0]["text"]["content"]


async def test_a_site_without_robots_looks_at_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_agent.app.Looks", lambda *_: pytest.fail("nobody is told"))
    async with shop(tmp_path, {"p1": {"profile": "zpl-203"}}):
        pass
