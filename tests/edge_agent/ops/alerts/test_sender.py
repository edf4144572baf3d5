"""One message to a stand-in robot: what arrives, what is refused, where nothing is sent, and that no secret is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from edge_agent.config.alerts import AlertRow
from edge_agent.errors import SyncError
from edge_agent.ops.alerts import sender

TOKEN = "T0KEN-of-the-robot"


@dataclass
class StandIn:
    """A robot: what it was sent, and what it answers."""

    url: str = ""
    got: list[tuple[str, bytes, str]] = field(default_factory=list)
    answer: Any = field(default_factory=lambda: {"json_data": {"errcode": 0}})

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.path_qs, await request.read(), request.content_type))
        if "location" in self.answer:
            raise web.HTTPFound(self.answer["location"])
        return web.json_response(self.answer["json_data"], status=self.answer.get("status", 200))


@pytest.fixture
async def robot() -> AsyncIterator[StandIn]:
    found = StandIn()
    app = web.Application()
    app.router.add_post("/send", found.take)
    async with TestServer(app) as server:
        found.url = f"http://127.0.0.1:{server.port}/send?key={TOKEN}"
        yield found


def a_row(url: str, **more: Any) -> AlertRow:
    return AlertRow(url=url, **{"kind": "wecom", "private_addresses": True, **more})


async def refused(row: AlertRow) -> str:
    with pytest.raises(SyncError) as caught:
        await sender.send(row, row.url, b"{}")
    chain: list[str] = []
    cause: BaseException | None = caught.value
    while cause is not None:
        chain.append(str(cause))
        cause = cause.__cause__
    assert TOKEN not in " ".join(chain)
    return str(caught.value)


async def test_a_message_arrives_as_json(robot: StandIn) -> None:
    row = a_row(robot.url)
    await sender.send(row, row.url, '{"text":"缺纸"}'.encode())
    assert robot.got == [(f"/send?key={TOKEN}", '{"text":"缺纸"}'.encode(), "application/json")]


async def test_a_robot_that_says_no_is_told_by_its_number(robot: StandIn) -> None:
    robot.answer = {"json_data": {"errcode": 310000, "errmsg": TOKEN}}
    assert "errcode 310000" in await refused(a_row(robot.url))
    robot.answer = {"json_data": {}, "status": 503}
    assert "status 503" in await refused(a_row(robot.url))


async def test_a_redirection_is_not_followed(robot: StandIn) -> None:
    robot.answer = {"location": "http://169.254.169.254/latest"}
    assert "status 302" in await refused(a_row(robot.url))
    assert len(robot.got) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/send?key=" + TOKEN, "http://nobody.invalid/send?key=" + TOKEN])
async def test_nobody_there_is_one_sentence_without_the_address(url: str) -> None:
    assert "expected it to be taken, got" in await refused(a_row(url))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.50",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[::1]",
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
    ],
)
async def test_nothing_is_sent_into_this_sites_own_network(host: str) -> None:
    row = a_row(f"https://{host}:1/send?key={TOKEN}", private_addresses=False)
    assert "an address inside this site's own network" in await refused(row)


def test_public_addresses_are_let_through() -> None:
    for address in ("1.1.1.1", "2606:4700::1111"):
        sender.require_public(address)
