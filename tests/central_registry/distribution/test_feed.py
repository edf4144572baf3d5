"""Enrolment, feed, lots, allotments: the registry's operator and what reaches the agents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from central_registry import db
from central_registry.agents import enrolment
from central_registry.distribution import pages
from central_registry.goods import lot_import
from central_registry.goods.quota_keys import quota_key
from central_registry.goods.records import read_records
from central_registry.issuing import allotments
from central_registry.oversight import notices
from central_registry.problems import RefusedError
from label_protocol import wire
from tests.kits.registry_kit import AT, SAMPLES, Registry, fresh_dsn, running


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


async def test_the_feed_is_what_is_true_now(registry: Registry) -> None:
    edge = await registry.enrolled()
    await registry.allot(edge.agent, 10)
    first = await edge.get("feed")
    allotment = {"kind": "allotment", "quota_key": "lot:L1", "quantity": 10, "spoilage_permille": 30}
    assert [item["kind"] for item in first["items"]] == ["allotment", "style", "lot"]
    assert first["items"][0] == allotment
    assert (await edge.get("feed", after=first["cursor"]))["items"] == []
    await registry.allot(edge.agent, 20)
    await registry.allot(edge.agent, 30)
    second = await edge.get("feed", after=first["cursor"])
    assert second["items"] == [{**allotment, "quantity": 30}], "a changed item comes once, as it is now"
    everything = [*first["items"][1:], *second["items"]]
    assert (await edge.get("feed", after="another-epoch:99"))["items"] == everything
    assert (await edge.get("feed", after="\u0661;DROP"))["items"] == everything


async def test_an_agents_allotment_is_nobody_elses(registry: Registry) -> None:
    one, two = await registry.enrolled("line-1"), await registry.enrolled("line-2")
    await registry.allot(one.agent, 10)
    assert (await two.get("feed"))["items"] == []
    two.agent = "line-1"
    answer = await registry.http.get("/v1/agents/line-1/feed", headers=two.auth())
    assert answer.status == 401


async def test_suspension_and_recall_reach_everybody_who_has_the_lot(registry: Registry) -> None:
    edge = await registry.enrolled()
    await registry.allot(edge.agent, 10)
    first = await edge.get("feed")
    await notices.suspend(registry.pool, "lot:L1", True, "复核")
    await notices.suspend(registry.pool, "lot:L1", False, "复核完成")
    await notices.recall(registry.pool, "lot:L1", "染料")
    assert (await edge.get("feed", after=first["cursor"]))["items"] == [
        {"kind": "suspension", "quota_key": "lot:L1", "suspended": False, "reason": "复核完成"},
        {"kind": "recall", "quota_key": "lot:L1", "reason": "染料"},
    ]


async def test_long_feeds_come_in_pages(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_ITEMS", 3)
    edge = await registry.enrolled()
    for number in range(7):
        await registry.allot(edge.agent, 1, f"lot:{number}")
    found, cursor = [], ""
    while page := (answer := await edge.get("feed", after=cursor))["items"]:
        found += [item["quota_key"] for item in page if item["kind"] == "allotment"]
        cursor = answer["cursor"]
    assert found == [f"lot:{number}" for number in range(7)]


async def test_every_sample_record_imports_as_style_and_lot_without_floats(registry: Registry) -> None:
    edge = await registry.enrolled()
    records = [record for path in sorted(SAMPLES.glob("*.json")) for record in read_records(path.read_bytes())]
    said = await lot_import.import_lots(registry.pool, records)
    assert said == {"styles": 5, "lots": 5, "changed": 10, "other_sizes": 0}
    for record in records:
        await allotments.allot(registry.pool, edge.agent, f"lot:{record['lot']['lot_no']}", 1)
    items = (await edge.get("feed"))["items"]
    assert sorted(item["kind"] for item in items) == ["allotment"] * 5 + ["lot"] * 5 + ["style"] * 5
    text = json.dumps(items)
    assert wire.load_json(text.encode()) == items, "no floats: an agent's ledger would refuse them"
    lot = next(item for item in items if item.get("lot_no") == "PY26110988")
    assert lot["record"]["product"]["composition"][0]["fibres"][0] == {"name": "绵羊毛", "percent": "50.5"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"{", "JSON"),
        (b'{"product": {"a": 1, "a": 2}}', "twice"),
        (b"[1]", "product"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567893"}}', "check"),
        (b'{"product": {"style_no": "", "gtin": "06901234567892"}}', "style_no"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567892"}, "lot": {}}', "lot_no"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567892"}, "lot": 3}', "lot"),
        (b'{"product": {"style_no": "S", "gtin": NaN}}', "NaN"),
    ],
)
def test_records_that_are_none(text: bytes, word: str) -> None:
    with pytest.raises(RefusedError, match=word):
        read_records(text)


async def test_allotments_out_of_bounds_or_for_nobody_are_refused(registry: Registry) -> None:
    edge = await registry.enrolled()
    for agent, quantity, permille in (
        ("nobody", 1, 30),
        (edge.agent, -1, 30),
        (edge.agent, 2**40, 30),
        (edge.agent, 1, 1001),
    ):
        with pytest.raises(RefusedError):
            await allotments.allot(registry.pool, agent, "lot:L1", quantity, spoilage_permille=permille)
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    with pytest.raises(RefusedError, match="declared lost"):
        await registry.allot(edge.agent, 1)
    with pytest.raises(RefusedError):
        quota_key("L1", "S1")
    with pytest.raises(RefusedError):
        quota_key(None, None)


async def test_problems_explain_themselves(registry: Registry) -> None:
    answer = await registry.http.get("/problems/gap")
    assert "send again" in (await answer.json())["advice"]
    missing = await registry.http.get("/problems/none-such")
    assert (missing.status, missing.content_type) == (404, "application/problem+json")
    assert (await registry.http.get("/nowhere")).content_type == "application/problem+json"
    assert (await registry.http.post("/healthz")).status == 405
    health = await (await registry.http.get("/healthz")).json()
    assert health == {"ok": True}


async def test_a_failure_says_nothing_of_its_inside(registry: Registry, tmp_path: Path) -> None:
    await registry.pool.execute("DROP TABLE serial CASCADE")
    answer = await registry.http.get("/01/06901234567892/21/PH1V6W55FF904G7T8")
    text = await answer.text()
    assert answer.status == 500
    assert "serial" not in text
