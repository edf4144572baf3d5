"""What every `RegistryClient` keeps, shown on each: over HTTP with a real registry behind it, and in memory."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from central_registry.agents.enrolment import add_agent
from edge_agent.errors import RegistryAwayError, RegistryBusyError, RegistryRefusedError
from edge_agent.sync.contract import RegistryClient
from edge_agent.sync.http_client import HttpRegistry, enrol
from label_protocol import wire
from label_protocol.chain import GENESIS, canonical, link
from tests.kits.registry_kit import AT, running
from tests.kits.sync_kit import MemoryRegistry


@pytest.fixture(params=["http", "memory"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[RegistryClient]:
    if request.param == "memory":
        yield MemoryRegistry(pages=3)
        return
    async with running() as registry:
        edge = await registry.enrolled()
        found = HttpRegistry(registry.url, edge.agent, edge.secret)
        yield found
        await found.close()
        await found.close()


class Chain:
    """A history of empty events."""

    def __init__(self, parent: dict[str, Any] | None = None) -> None:
        self.incarnation = secrets.token_hex(16)
        self.bodies: list[bytes] = []
        self.hashes = [GENESIS]
        self.tell(type="incarnation_began", parent=parent, reason="first", fingerprint="f")

    def tell(self, **fields: Any) -> None:
        event = {"incarnation": self.incarnation, "seq": len(self.bodies) + 1, "at": "t", **fields}
        self.bodies.append(canonical(event))
        self.hashes.append(link(self.hashes[-1], self.bodies[-1]))

    def grow(self, count: int) -> Chain:
        for number in range(count):
            self.tell(type="tick", n=number)
        return self

    def head(self) -> dict[str, Any]:
        return {"incarnation": self.incarnation, "seq": len(self.bodies), "hash": self.hashes[-1].hex()}

    def batch(self, first: int = 1, last: int | None = None, snapshots: dict[str, bytes] | None = None) -> bytes:
        bodies = self.bodies[first - 1 : last]
        return wire.pack_batch(self.incarnation, first, self.hashes[first - 1], bodies, snapshots or {})


async def test_a_batch_is_acknowledged_with_its_end(client: RegistryClient) -> None:
    chain = Chain().grow(4)
    receipt = await client.send(chain.batch())
    assert (receipt.acked_seq, receipt.head_hash) == (5, chain.hashes[5].hex())
    assert receipt.head.as_json() == chain.head()
    assert receipt.conflicts == ()


async def test_the_same_batch_twice_is_harmless_and_overlap_is_taken(client: RegistryClient) -> None:
    chain = Chain().grow(4)
    first = await client.send(chain.batch())
    assert await client.send(chain.batch()) == first
    chain.grow(2)
    assert (await client.send(chain.batch(3))).acked_seq == 7


async def test_an_empty_batch_asks(client: RegistryClient) -> None:
    chain = Chain().grow(4)
    await client.send(chain.batch())
    assert (await client.send(chain.batch(3, 2))).acked_seq == 5


async def test_gaps_and_forks_name_the_head(client: RegistryClient) -> None:
    chain = Chain().grow(4)
    await client.send(chain.batch(last=3))
    with pytest.raises(RegistryRefusedError) as gap:
        await client.send(chain.batch(5))
    assert (gap.value.status, wire.problem_kind(gap.value.problem)) == (409, "gap")
    assert wire.read_head(gap.value.problem["head"]) == wire.Head(chain.incarnation, 3, chain.hashes[3].hex())
    fork = Chain()
    fork.incarnation, fork.bodies, fork.hashes = chain.incarnation, chain.bodies[:2], chain.hashes[:3]
    fork.tell(type="another")
    with pytest.raises(RegistryRefusedError) as parted:
        await client.send(fork.batch(2))
    assert (parted.value.status, wire.problem_kind(parted.value.problem)) == (409, "fork")


async def test_history_is_given_back_byte_by_byte(client: RegistryClient) -> None:
    chain = Chain().grow(7)
    name = hashlib.sha256(canonical({"a": 1})).hexdigest()
    chain.tell(type="job_opened", snapshot=name)
    await client.send(chain.batch(snapshots={name: canonical({"a": 1})}))
    heir = Chain(chain.head())
    await client.send(heir.batch())
    found: list[bytes] = []
    snapshots: dict[str, Any] = {}
    page = await client.history(None, 0)
    assert page.lineage == (chain.incarnation, heir.incarnation)
    while page.events:
        found += [canonical(event) for _, event, _ in page.events]
        snapshots |= page.snapshots
        last = page.events[-1]
        assert last[2] == chain.hashes[last[0]].hex()
        page = await client.history(chain.incarnation, last[0])
    assert found == chain.bodies
    assert snapshots == {name: {"a": 1}}


async def test_nothing_is_there_before_the_first_batch(client: RegistryClient) -> None:
    page = await client.history(None, 0)
    assert (page.lineage, page.events, page.more) == ((), (), False)
    distribution = await client.distribution(None)
    assert distribution.items == ()
    assert (await client.distribution(distribution.cursor)).epoch == distribution.epoch


async def test_the_keys_of_check_codes_are_the_same_until_they_are_changed(client: RegistryClient) -> None:
    found = await client.check_keys()
    assert found == await client.check_keys()
    assert len(found.issuer) == 3 and found.current in found.keys
    assert {len(key) for key in found.keys.values()} == {32}


async def test_a_cursor_of_another_epoch_starts_anew(client: RegistryClient) -> None:
    assert (await client.distribution("another:99")).items == (await client.distribution(None)).items


# --- HTTP alone -----------------------------------------------------------------------------------------------------


async def _answered(answer: Callable[[], web.StreamResponse]) -> None:
    """A client against a server that gives `answer` to all it is asked."""

    async def handle(_: web.Request) -> web.StreamResponse:
        return answer()

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    async with TestServer(app) as server:
        client = HttpRegistry(str(server.make_url("/")), "a/../b", "secret", timeout_s=5)
        try:
            await client.distribution(None)
        finally:
            await client.close()


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
async def test_later_means_away(status: int) -> None:
    with pytest.raises(RegistryAwayError):
        await _answered(lambda: web.Response(status=status))


@pytest.mark.parametrize("status", [429, 503])
async def test_later_with_a_time_means_busy_until_then(status: int) -> None:
    with pytest.raises(RegistryBusyError) as refusal:
        await _answered(lambda: web.Response(status=status, headers={"Retry-After": "7"}))
    assert refusal.value.retry_after_s == 7


@pytest.mark.parametrize("when", ["", "0", "-1", "soon", "1e9", "９", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 40])
async def test_a_time_that_is_none_is_no_promise(when: str) -> None:
    with pytest.raises(RegistryAwayError) as refusal:
        await _answered(lambda: web.Response(status=503, headers={"Retry-After": when.encode().decode("latin-1")}))
    assert type(refusal.value) is RegistryAwayError


@pytest.mark.parametrize("status", [301, 400, 401, 404, 409, 413, 422])
async def test_no_means_refused_with_the_problem(status: int) -> None:
    with pytest.raises(RegistryRefusedError) as refusal:
        await _answered(lambda: web.json_response({"type": "/problems/x", "detail": "words"}, status=status))
    assert (refusal.value.status, refusal.value.problem["detail"]) == (status, "words")
    with pytest.raises(RegistryRefusedError):
        await _answered(lambda: web.Response(status=status, text="<html>"))


@pytest.mark.parametrize("text", ["", "<html>", "[]", '{"epoch": 1}', "{"])
async def test_an_answer_that_is_none_is_no_answer(text: str) -> None:
    with pytest.raises(RegistryAwayError):
        await _answered(lambda: web.Response(text=text))


async def test_a_secret_is_not_carried_to_another_address() -> None:
    heard: list[str | None] = []

    async def spy(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Authorization"))
        return web.json_response({})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", spy)
    async with TestServer(app) as elsewhere:
        with pytest.raises(RegistryRefusedError):
            await _answered(lambda: web.Response(status=307, headers={"Location": str(elsewhere.make_url("/"))}))
    assert heard == []


async def test_nobody_there_is_away() -> None:
    client = HttpRegistry("http://127.0.0.1:1", "a", "s", timeout_s=2)
    with pytest.raises(RegistryAwayError, match="check the network"):
        await client.distribution(None)
    await client.close()
    with pytest.raises(RegistryAwayError):
        await enrol("http://127.0.0.1:1", "t", "n", "f", timeout_s=2)


async def test_enrolment_over_http() -> None:
    async with running() as registry:
        token = await add_agent(registry.pool, "line-1", AT)
        found = await enrol(registry.url, token, "一号线", "pc")
        assert (found.agent, len(found.issuer)) == ("line-1", 3)
        client = HttpRegistry(registry.url, found.agent, found.secret)
        assert (await client.distribution(None)).epoch == found.epoch
        await client.close()
        with pytest.raises(RegistryRefusedError):
            await enrol(registry.url, token, "一号线", "pc")
