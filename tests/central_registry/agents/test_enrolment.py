"""Tokens, secrets, issuers and names of agents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from central_registry import db
from central_registry.agents import enrolment
from central_registry.problems import RefusedError
from label_protocol import wire
from tests.kits.registry_kit import AT, Registry, fresh_dsn, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def test_a_token_is_spent_once_and_secrets_are_not_kept_in_clear(registry: Registry) -> None:
    token = await enrolment.add_agent(registry.pool, "line-1", AT)
    order = {"token": token, "name": "一号线", "fingerprint": "pc"}
    first = await registry.http.post("/v1/enrol", json=order)
    found = await first.json()
    assert (first.status, found["agent"], len(found["issuer"])) == (200, "line-1", 3)
    again = await registry.http.post("/v1/enrol", json=order)
    assert again.status == 401
    assert wire.problem_kind(await again.json()) == "unauthorised"
    dump = str(await registry.rows("SELECT * FROM agent"))
    assert token not in dump
    assert found["secret"] not in dump


async def test_a_token_ends_after_three_days(registry: Registry) -> None:
    """The registry's clock stands at AT; the tokens are older."""
    for age, status in ((timedelta(hours=72), 200), (timedelta(hours=72, seconds=1), 401)):
        await enrolment.add_agent(registry.pool, "line-1", AT - timedelta(days=90))
        token = await enrolment.add_agent(registry.pool, "line-1", AT - age)
        answer = await registry.http.post("/v1/enrol", json={"token": token, "name": "n", "fingerprint": "f"})
        assert answer.status == status
    problem = await answer.json()
    assert wire.problem_kind(problem) == "unauthorised"
    assert "the last 72 h" in problem["detail"] and "agents add line-1" in problem["detail"]
    (row,) = await registry.rows("SELECT enrolled_at FROM agent")
    assert row["enrolled_at"] == AT


async def test_a_token_made_before_tokens_had_an_age_counts_from_the_migration() -> None:
    dsn = await fresh_dsn()
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER TABLE agent DROP COLUMN token_made_at; DELETE FROM migration WHERE number = 3")
    for name, token_hash in (("old", b"x"), ("spent", None)):
        await connection.execute("INSERT INTO agent VALUES ($1, $1, '', '', $2, NULL, '2020-01-01')", name, token_hash)
    pool = await db.connect(dsn, connections_max=1)
    rows = await pool.fetch("SELECT agent, now() - token_made_at AS age FROM agent ORDER BY agent")
    await pool.close()
    await connection.close()
    assert [row["agent"] for row in rows] == ["old", "spent"]
    assert timedelta(0) <= rows[0]["age"] < timedelta(minutes=10) and rows[1]["age"] is None


async def test_issuers_are_unique_and_an_agent_keeps_its_own(registry: Registry) -> None:
    edges = [await registry.enrolled(f"line-{n}") for n in range(5)]
    assert len({edge.issuer for edge in edges}) == 5
    again = await registry.enrolled("line-0")
    assert again.issuer == edges[0].issuer
    edges[0].begin()
    assert (await edges[0].post(edges[0].batch()))[0] == 401, "a new enrolment ends the old secret"


@pytest.mark.parametrize(
    "order",
    [
        [],
        {},
        {"token": 1, "name": "n", "fingerprint": "f"},
        {"token": "t\0", "name": "n", "fingerprint": "f"},
        "x" * 300,
    ],
)
async def test_orders_that_are_no_enrolment(registry: Registry, order: object) -> None:
    answer = await registry.http.post("/v1/enrol", data=json.dumps(order))
    assert answer.status in (401, 422)


@pytest.mark.parametrize("name", ["", "a/b", "../x", "x" * 41, "名", "a b", "-a"])
async def test_names_that_no_address_takes_are_refused(registry: Registry, name: str) -> None:
    with pytest.raises(RefusedError, match="expected 1 to 40"):
        await enrolment.add_agent(registry.pool, name, AT)
