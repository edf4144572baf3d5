"""What an unknown client can take from others: time, connections, memory. Against both programs' own way of serving."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from central_registry.config import RegistryConfig
from edge_agent.config import AgentConfig
from edge_agent.web import streams
from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from label_protocol import wire
from label_protocol.http_limits import LateBodyError, LimitedRunner, Limits, whole_body
from tests.kits.http_kit import Line, Served, request, said
from tests.kits.registry_kit import running
from tests.kits.web_double import ServiceDouble

FEW = Limits(connections_max=12, per_address_max=8, header_timeout_s=60.0)
HALF_A_HEADER = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HALF_A_BODY = request("POST", f"{API}/jobs/j1/pause", Content_Type="application/json", Content_Length="100")
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: b"\x1b" + data[:40],
    "zstd": lambda data: b"\x28\xb5\x2f\xfd" + data[:40],
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
}


@asynccontextmanager
async def agent(folder: Path, limits: Limits | None = None) -> AsyncIterator[Served]:
    async with Served(build_web(cast(Any, ServiceDouble(folder))), limits) as server:
        yield server


# --- packed bodies -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", PACKED)
async def test_no_body_is_unpacked_before_somebody_asks_for_it(coding: str) -> None:
    """Not even into the buffer of a handler that never reads it: what came is what is handed over."""
    heard: list[bytes] = []

    async def hear(asked: web.Request) -> web.Response:
        heard.append(await asked.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hear)
    body = PACKED[coding](bytes(100_000))
    async with Served(app) as server:
        assert (await said(server, request("POST", "/", body, Content_Encoding=coding))).status == 200
    assert heard == [body]


@pytest.mark.parametrize("coding", PACKED)
async def test_the_agent_takes_no_packed_body(tmp_path: Path, coding: str) -> None:
    async with agent(tmp_path) as server:
        for path in (f"{API}/jobs", f"{API}/catalogue/import", "/healthz", "/nothing"):
            body = PACKED[coding](b'{"operator": "A01"}')
            asked = request("POST", path, body, Content_Type="application/json", Content_Encoding=coding)
            assert (await said(server, asked)).status == 415


async def test_the_registry_unpacks_for_who_has_a_secret_and_no_more_than_a_batch_may_have() -> None:
    bomb = gzip.compress(bytes(wire.MAX_UNPACKED + 1))
    async with running() as registry:
        edge = (await registry.enrolled()).begin()
        server = registry.http.server
        events_path = f"/v1/agents/{edge.agent}/events"
        for path, codings in ((events_path, PACKED), ("/v1/enrol", PACKED), ("/01/09506000134352/21/X", PACKED)):
            for coding in codings:
                body = PACKED[coding](b"{}")
                status = (await said(server, request("POST", path, body, Content_Encoding=coding))).status
                assert status == (401 if path == events_path else 415), (path, coding)
        assert (await edge.post(bomb))[0] == 413
        for coding in set(PACKED) - {"gzip"}:
            assert (await edge.post(PACKED[coding](b"{}"), **{"Content-Encoding": coding}))[0] == 415
        assert (await edge.post(b"\x1f\x8bnot gzip"))[0] == 400
        assert (await edge.send())["acked_seq"] == 1


async def test_an_enrolment_is_small_since_nobody_has_shown_a_secret_yet() -> None:
    async with running() as registry:
        answer = await registry.http.post("/v1/enrol", data=b'{"token": "' + b"x" * 9000 + b'"}')
        assert answer.status == 413


async def test_a_body_that_trickles_is_given_up() -> None:
    async def hear(asked: web.Request) -> web.Response:
        try:
            await whole_body(asked, 1000, 0.05)
        except LateBodyError:
            return web.Response(status=408)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hear)
    async with Served(app) as server:
        assert (await said(server, request("POST", "/", b"ab", Content_Length="3"))).status == 408
        assert (await said(server, request("POST", "/", b"abc"))).status == 200


LISTS = b"[" + b"[]," * (wire.MAX_LISTS + 1) + b"[]]"
TEXTS = b"[" + b'"",' * (wire.MAX_COMMAS + 1) + b'""]'


@pytest.mark.parametrize("text", [LISTS, TEXTS], ids=["lists", "texts"])
async def test_what_takes_seconds_to_read_is_refused_before_it_is_read(
    tmp_path: Path, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eleven million empty lists in 32 MiB held everybody up for 3 to 16 s, since Python reads them in one go."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was read")

    async with running() as registry:
        edge = (await registry.enrolled()).begin()
        with monkeypatch.context() as patch:
            patch.setattr(wire, "load_json", never)
            assert (await edge.post(gzip.compress(text)))[0] == 413
        assert (await edge.post(edge.batch()))[0] == 200
    async with agent(tmp_path) as server:
        asked = request("POST", f"{API}/catalogue/import", text, Content_Type="application/json")
        assert (await said(server, asked)).status == 422
        small = b"[" + b"[]," * 10_001 + b"[]]"
        answer = await said(server, request("POST", f"{API}/jobs/j1/pause", small, Content_Type="application/json"))
        assert (answer.status, b"lists" in answer.body) == (400, True)


# --- connections -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("half", [b"", b"G", HALF_A_HEADER], ids=["nothing", "a letter", "half a header"])
async def test_who_does_not_finish_a_header_in_time_is_sent_off(tmp_path: Path, half: bytes) -> None:
    async with agent(tmp_path, Limits(header_timeout_s=0.05)) as server:
        line = await Line.to(server)
        await line.send(half)
        assert await line.ended()
        assert server.guests == 0


async def test_the_time_of_a_header_counts_for_the_next_request_of_a_connection_too(tmp_path: Path) -> None:
    async with agent(tmp_path, Limits(header_timeout_s=0.05)) as server:
        line = await Line.to(server)
        assert (await (await line.send(request("GET", "/healthz"))).answer()).status == 200
        await asyncio.sleep(0.1)  # a pause between requests is no fault
        assert (await (await line.send(request("GET", "/healthz"))).answer()).status == 200
        await line.send(HALF_A_HEADER)
        assert await line.ended()


@pytest.mark.parametrize(
    "first", [b"", HALF_A_HEADER, request("GET", "/healthz"), HALF_A_BODY], ids=["nothing", "header", "idle", "body"]
)
async def test_a_crowd_that_keeps_the_house_waiting_locks_nobody_out(tmp_path: Path, first: bytes) -> None:
    async with agent(tmp_path, FEW) as server:
        crowd = [await (await Line.to(server)).send(first) for _ in range(40)]
        for _ in range(5):
            assert (await said(server, request("GET", "/healthz"))).status == 200
            assert server.guests <= FEW.per_address_max
        assert await crowd[0].ended() or first == request("GET", "/healthz")


async def test_who_is_at_work_is_never_sent_off_for_a_newcomer() -> None:
    hold, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def work(_: web.Request) -> web.Response:
        begun.release()
        await hold.wait()
        return web.Response(text="done")

    app = web.Application()
    app.router.add_get("/", work)
    async with Served(app, FEW) as server:
        lines = [await (await Line.to(server)).send(request("GET", "/")) for _ in range(FEW.per_address_max)]
        for _ in lines:
            await asyncio.wait_for(begun.acquire(), 10)
        late = await said(server, request("GET", "/"))
        assert late.status in (0, 503)
        hold.set()
        assert [(await line.answer()).body for line in lines] == [b"done"] * len(lines)


async def test_a_connection_that_ends_makes_room_again(tmp_path: Path) -> None:
    async with agent(tmp_path, FEW) as server:
        for _ in range(3 * FEW.connections_max):
            assert (await said(server, request("GET", "/healthz", Connection="close"))).status == 200
        assert server.guests <= 1


async def test_streams_leave_room_and_are_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAMS_MAX", 3)
    async with agent(tmp_path, FEW) as server:
        open_ones = [await (await Line.to(server)).send(request("GET", f"{API}/changes")) for _ in range(3)]
        assert [(await line.answer()).status for line in open_ones] == [200] * 3
        assert (await said(server, request("GET", f"{API}/changes"))).status == 503
        for _ in range(40):
            await (await Line.to(server)).send(HALF_A_HEADER)
        assert (await said(server, request("GET", "/healthz"))).status == 200
        assert b"still here" not in (await open_ones[0].send(b"")).rest() and not open_ones[0].gone()


def test_the_settings_of_both_programs_become_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("label_protocol.http_limits._files_for_connections", lambda: 100)
    for settings in (AgentConfig().web, RegistryConfig().http):
        limits = Limits.of(settings)
        assert limits.connections_max == 100 < settings.connections_max
        assert limits.per_address_max == settings.connections_per_address_max
        assert limits.header_timeout_s == settings.header_timeout_s == 10.0


async def test_both_programs_serve_behind_the_limits() -> None:
    """A second way of serving would be a door beside the door."""
    root = Path(__file__).parents[2]
    served = [
        path
        for folder in ("edge_agent", "central_registry")
        for path in (root / folder).rglob("*.py")
        if "web.AppRunner(" in path.read_text("utf-8").replace("class LimitedRunner(web.AppRunner):", "")
    ]
    assert [path.name for path in served] == ["control.py"], "the virtual printer's, for tests on loopback"
    assert issubclass(LimitedRunner, web.AppRunner)
