"""`edge-agent alerts test`: a message that arrives is told so, one that does not says why, and no secret is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.kits.cli_kit import Said, a_site, run

TOKEN = "T0KEN-of-the-robot"


class Robot:
    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.errcode = 0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        return web.json_response({"errcode": self.errcode})


@pytest.fixture
async def robot() -> AsyncIterator[Robot]:
    found = Robot()
    app = web.Application()
    app.router.add_post("/send", found.take)
    async with TestServer(app) as server:
        found.url = f"http://127.0.0.1:{server.port}/send?key={TOKEN}"
        yield found


async def tried(folder: Path, *rows: str, more: tuple[str, ...] = ()) -> Said:
    path = a_site(folder)
    path.write_text(path.read_text("utf-8") + "".join(f"[[alerts]]\n{row}\n" for row in rows), "utf-8")
    return await asyncio.to_thread(run, "alerts", "test", "--config", path, *more)


async def test_a_message_that_arrives_is_told_so_in_quiet_hours_too(tmp_path: Path, robot: Robot) -> None:
    always = 'private_addresses = true\nquiet = "00:00-23:59"'
    said = await tried(tmp_path, f'url = "{robot.url}"\nkind = "wecom"\n{always}', f'url = "{robot.url}"\n{always}')
    assert said.code == 0 and said.out.splitlines() == ["✓ 1 wecom: 收下了 taken", "✓ 2 generic: 收下了 taken"]
    assert "这是一条测试消息" in robot.got[0]["text"]["content"] and robot.got[1]["alerts"][0]["state"] == "test"


async def test_one_that_does_not_says_why_and_nothing_of_its_address(tmp_path: Path, robot: Robot) -> None:
    robot.errcode = 310000
    row = f'url = "{robot.url}"\nkind = "dingtalk"\nsecret = "SEC{TOKEN}"\nprivate_addresses = true'
    said = await tried(tmp_path, row)
    assert "✗ 1 dingtalk" in said.out and "errcode 310000" in said.refusal
    assert TOKEN not in said.out + said.err
    told = json.loads((await tried(tmp_path, row, more=("--json",))).out)
    assert [one["ok"] for one in told] == [False]


async def test_a_site_without_robots_is_told_where_to_begin(tmp_path: Path) -> None:
    assert "docs/alerts.md" in (await tried(tmp_path)).refusal
