"""What others notice while the registry is busy, large, or slow: scans, agents' questions, the operator's commands."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from aiohttp.test_utils import TestClient

from central_registry import alarms, cli, db
from central_registry.agents import enrolment
from central_registry.app import build_app
from central_registry.cli import books
from central_registry.config import Database, Ingest, RegistryConfig
from central_registry.db import sql
from central_registry.http.context import GATE, SCANS
from central_registry.ingest.gate import Gate
from central_registry.oversight.reconcile import reconcile
from central_registry.problems import ProblemError
from label_protocol import wire
from label_protocol.errors import of_system
from tests.central_registry.consumer.test_scan_page import _label, _path
from tests.kits.http_kit import Served
from tests.kits.registry_kit import AT, Edge, Registry, fresh_dsn, running

SMALL = RegistryConfig(database=Database(connections_max=3, scan_connections_max=2), ingest=Ingest(at_work=2, wait_s=1))


@asynccontextmanager
async def serving(config: RegistryConfig) -> AsyncIterator[Registry]:
    """A registry that makes its own pools, as `serve` does."""
    dsn = await fresh_dsn()
    async with (
        await db.connect(dsn, connections_max=4) as pool,
        TestClient(Served(build_app(dsn, config, clock=lambda: AT))) as http,
    ):
        yield Registry(pool, http, dsn)


@asynccontextmanager
async def stuck(registry: Registry, count: int) -> AsyncIterator[list[Edge]]:
    """So many agents' batches, none of which gets on, because somebody holds the agents' rows."""
    edges = [(await registry.enrolled(f"line-{number}")).begin() for number in range(count)]
    tasks: list[asyncio.Task[Any]] = []
    async with registry.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM agent WHERE agent <> 'free' FOR UPDATE")
        tasks += [asyncio.create_task(edge.post(edge.batch())) for edge in edges]
        while not await _somebody_waits(other):
            await asyncio.sleep(0.01)
        yield edges
    await asyncio.gather(*tasks)


async def _somebody_waits(connection: Any) -> bool:
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))


async def test_a_scan_and_an_agents_question_are_answered_while_batches_take_all_they_may() -> None:
    async with serving(SMALL) as registry:
        free = (await registry.enrolled("free")).begin()
        await registry.allot(free.agent, 10)
        serial = await _label(free)
        async with stuck(registry, 12):
            found = await asyncio.wait_for(registry.facts(_path(serial)), 5)
            assert found["status"] == "registered"
            assert await asyncio.wait_for(free.get("feed"), 5)
            status, _ = await asyncio.wait_for(registry.page("/healthz"), 5)
            assert status == 200


async def test_a_batch_beyond_those_at_work_is_told_when_to_come_back() -> None:
    async with serving(SMALL) as registry:
        late = (await registry.enrolled("free")).begin()
        async with stuck(registry, 2):
            registry.http.server.app[GATE]._wait_s = 0.01  # type: ignore[union-attr]
            head = {"Content-Encoding": "gzip", **late.auth()}
            answer = await registry.http.post("/v1/agents/free/events", data=late.batch(), headers=head)
            document = await answer.json()
            assert (answer.status, wire.problem_kind(document)) == (503, "busy")
            assert int(answer.headers["Retry-After"]) == document["retry_after_s"] >= 1
        assert (await late.send())["acked_seq"] == 1, "and the same batch is taken then"


async def test_the_gate_gives_seats_in_the_order_of_coming_and_back() -> None:
    gate = Gate(at_work=1, bytes_most=100, wait_s=5)
    order: list[int] = []

    async def work(number: int) -> None:
        async with gate.turn(f"line-{number}"):
            order.append(number)
            await asyncio.sleep(0)
            if number == 1:
                raise KeyError

    done = await asyncio.gather(*(work(number) for number in range(4)), return_exceptions=True)
    assert order == [0, 1, 2, 3]
    assert [type(one) for one in done] == [type(None), KeyError, type(None), type(None)]


async def test_the_gate_turns_away_who_would_wait_too_long_and_loses_no_seat() -> None:
    gate = Gate(at_work=1, bytes_most=100, wait_s=0.3)
    async with gate.turn("line-0"):
        with pytest.raises(ProblemError) as refusal:
            async with gate.turn("line-1"):
                pytest.fail("no seat was free")
        gone = asyncio.create_task(_sit(gate))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
    assert refusal.value.status == 503
    await asyncio.wait_for(_sit(gate), 5)


async def test_a_line_is_no_longer_than_can_be_served_in_time() -> None:
    """By what batches took so far: who would wait too long is told so at once, and the line is never empty by then."""
    now_s = 0.0
    gate = Gate(at_work=1, bytes_most=100, wait_s=15, clock_s=lambda: now_s)
    for _ in range(40):
        async with gate.turn("a"):
            now_s += 6.0
    async with gate.turn("a"):
        line = [asyncio.create_task(_sit(gate, f"line-{number}")) for number in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(ProblemError) as refusal:
            await line[2]
        assert refusal.value.document["retry_after_s"] == 5
    await asyncio.wait_for(asyncio.gather(*line[:2]), 5)


async def _sit(gate: Gate, agent: str = "line-2") -> None:
    async with gate.turn(agent):
        return


async def test_an_agent_has_one_seat_however_often_it_sends() -> None:
    """A batch sent again waits for its own agent's row: in a second seat it would keep out everybody else."""
    gate = Gate(at_work=2, bytes_most=100, wait_s=15)
    async with gate.turn("line-1"):
        with pytest.raises(ProblemError) as refusal:
            await asyncio.wait_for(_sit(gate, "line-1"), 5)
        assert (refusal.value.status, refusal.value.document["retry_after_s"]) == (503, 5)
        async with gate.turn("line-2"):
            waits = asyncio.create_task(_sit(gate, "line-3"))
            await asyncio.sleep(0)
            with pytest.raises(ProblemError):
                await asyncio.wait_for(_sit(gate, "line-3"), 5)
        await asyncio.wait_for(waits, 5)
    await asyncio.wait_for(_sit(gate, "line-1"), 5)


async def test_another_agents_batch_is_taken_in_while_one_sends_its_own_again() -> None:
    async with serving(SMALL) as registry:
        free = (await registry.enrolled("free")).begin()
        async with stuck(registry, 1) as edges:
            again = edges[0].batch()
            statuses = [(await asyncio.wait_for(edges[0].post(again), 5))[0] for _ in range(3)]
            assert statuses == [503] * 3
            assert (await asyncio.wait_for(free.send(), 5))["acked_seq"] == 1
        assert (await edges[0].send())["acked_seq"] == 1


async def test_bodies_that_wait_are_bounded_in_bytes_before_they_are_read() -> None:
    gate = Gate(at_work=1, bytes_most=100, wait_s=1)
    async with gate.room(50), gate.room(50):
        with pytest.raises(ProblemError) as refusal:
            async with gate.room(1):
                pytest.fail("there was no room")
        assert refusal.value.document["retry_after_s"] >= 1
    for alone in (10**9, None, 100):
        async with gate.room(alone):
            pass


async def test_a_scan_the_database_does_not_answer_in_time_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(SMALL) as registry:

        def never(*_: Any, **__: Any) -> Any:
            raise TimeoutError

        monkeypatch.setattr(sql, "labels", never)
        answer = await registry.http.get(_path("0" * 16 + "1"))
        assert answer.status in (404, 503)
        edge = await registry.enrolled()
        answer = await registry.http.get(_path(edge.serial()))
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")


# --- however much it holds --------------------------------------------------------------------------------------------


async def test_health_asks_no_table() -> None:
    async with running() as registry:
        await registry.pool.execute("DROP SCHEMA public CASCADE")
        assert await registry.page("/healthz") == (200, '{"ok": true}')


async def test_health_fails_when_the_database_does_not_answer() -> None:
    async with serving(SMALL) as registry:
        await registry.http.server.app[SCANS].close()  # type: ignore[union-attr]
        assert (await registry.page("/healthz"))[0] == 500


async def test_a_scan_finds_conflicts_by_an_index() -> None:
    async with running() as registry, registry.pool.acquire() as connection:
        await connection.execute("SET enable_seqscan = off")
        plan = [row[0] for row in await connection.fetch("EXPLAIN " + sql.labels.sql, ["X"], ["X"])]
        assert any("conflict_by_serial" in line for line in plan), plan


# --- commands ---------------------------------------------------------------------------------------------------------


async def test_reconcile_has_no_time_limit_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the database's, set for the role that serves, nor one of the connection."""
    dsn = await fresh_dsn()
    limits: list[str] = []

    async def look(connection: Any) -> list[Any]:
        limits.append(await connection.fetchval("SHOW statement_timeout"))
        return []

    monkeypatch.setattr(alarms, "open_alarms", look)
    async with asyncpg.create_pool(dsn, min_size=1, max_size=1, server_settings={"statement_timeout": "60000"}) as pool:
        await reconcile(pool)
        assert await pool.fetchval("SHOW statement_timeout") == "1min", "of its own transaction only"
    assert limits == ["0"]


async def test_a_migration_has_no_time_limit_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a role with a limit that suits the service could never be upgraded."""
    text = "DO $$ BEGIN IF current_setting('statement_timeout') <> '0' THEN RAISE 'limited'; END IF; END $$"
    dsn = await fresh_dsn()
    monkeypatch.setattr(db, "migrations", lambda: [(9000, "9000_any.sql", text)])
    async with asyncpg.create_pool(dsn, min_size=1, max_size=1, server_settings={"statement_timeout": "60000"}) as pool:
        await db.migrate(pool)
        assert await pool.fetchval("SELECT name FROM migration WHERE number = 9000") == "9000_any.sql"


async def test_only_the_service_limits_its_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    dsn = await fresh_dsn()
    limits: list[Any] = []
    real = asyncpg.create_pool

    def noting(*args: Any, **more: Any) -> Any:
        limits.append(more["command_timeout"])
        return real(*args, **more)

    monkeypatch.setattr(asyncpg, "create_pool", noting)
    await asyncio.to_thread(_command, "reconcile", "--dsn", dsn)
    assert limits == [None, None], "the schema's and the command's"
    async with TestClient(Served(build_app(dsn, SMALL))):
        pass
    assert sorted(limits[2:], key=str) == [10.0, 120.0, None, None], "the service's pools, opened at once"


def _command(*words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["central-registry", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code in (0, None), ended.value.code


def _raising(cause: Exception) -> Callable[..., Awaitable[Any]]:
    async def work(*_: Any, **__: Any) -> Any:
        raise cause

    return work


@pytest.mark.parametrize(
    "cause",
    [TimeoutError(), asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
     asyncpg.LockNotAvailableError("canceling statement due to lock timeout")],
)  # fmt: skip
async def test_a_time_limit_is_named_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cause: Exception
) -> None:
    dsn = await fresh_dsn()
    monkeypatch.setattr(books, "reconcile", _raising(cause))
    monkeypatch.setattr(enrolment, "list_agents", _raising(cause))
    for words in (["reconcile"], ["agents", "list"]):
        monkeypatch.setattr(sys, "argv", ["central-registry", *words, "--dsn", dsn])
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(cli.main)
        said = capsys.readouterr().err
        assert ended.value.code == 1
        assert "time limit" in said
        assert "statement_timeout" in said
        assert "disk" not in said
        assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "cause",
    [asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
     asyncpg.AdminShutdownError("terminating connection due to administrator command"), ConnectionResetError("reset")],
)  # fmt: skip
async def test_a_database_that_goes_away_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cause: Exception
) -> None:
    dsn = await fresh_dsn()
    monkeypatch.setattr(books, "reconcile", _raising(cause))
    monkeypatch.setattr(sys, "argv", ["central-registry", "reconcile", "--dsn", dsn])
    with pytest.raises(SystemExit):
        await asyncio.to_thread(cli.main)
    said = capsys.readouterr().err
    assert "database: expected" in said
    assert "disk" not in said


def test_a_time_that_ran_out_is_no_matter_of_a_disk() -> None:
    assert "disk" not in of_system(TimeoutError())
    assert "disk" not in of_system(ConnectionResetError(104, "Connection reset by peer"))
    assert "disk" in of_system(PermissionError(13, "Permission denied", "/x"))
